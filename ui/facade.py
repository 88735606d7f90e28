"""What the pages of the web UI ask of a knowledge base, wherever it is.

`kb.KnowledgeBase` is one, in this process; `ui.remote.RemoteKnowledgeBase` is one behind a server.
What only the first can do (another encoder, a backup) the pages ask of that one alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

from kb import (
    NO_FILTERS,
    Answer,
    BodyInfo,
    Box,
    ClauseInfo,
    ClauseList,
    CorrectedField,
    Correction,
    Diff,
    DocumentInfo,
    DraftCheck,
    Evaluation,
    Exportable,
    ExportKind,
    Fact,
    Filters,
    LanguageModel,
    Matrix,
    Mode,
    ModelInfo,
    Neighbour,
    Obligation,
    PageText,
    ParsedFile,
    ProgressListener,
    Relation,
    RoleFilter,
    SearchResult,
    Sentence,
    Suggestion,
    Upload,
    UploadJob,
    VerifyReport,
)

Style = Literal["gbt7714", "bibtex", "plain"]
#: Is told what is measured, how many questions of it are through and of how many.
OnMeasured = Callable[[str, int, int], None]


class Documents(Protocol):
    """Documents: listed, shown, put right, removed."""

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> tuple[DocumentInfo, ...]: ...

    def document(self, document_id: str) -> DocumentInfo: ...

    def collections(self) -> dict[str, int]: ...

    def page_text(self, document_id: str, page: int) -> PageText: ...

    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[Box] = ()
    ) -> bytes: ...

    def original(self, document_id: str) -> tuple[str, bytes]: ...

    def parsed(self, document_id: str) -> ParsedFile: ...

    def lineage(self, document_id: str) -> tuple[Relation, ...]: ...

    def sentence_at(self, document_id: str, start: int, end: int) -> Sentence: ...

    def reference(
        self,
        document_id: str,
        *,
        page: int | None = None,
        clause: str | None = None,
        style: Style = "gbt7714",
    ) -> str: ...

    def corrections(self, document_id: str) -> tuple[Correction, ...]: ...

    def correct(self, document_id: str, changes: Mapping[CorrectedField, Fact]) -> DocumentInfo: ...

    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]: ...


class Questions(Protocol):
    """What is asked, and what is made of it."""

    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult: ...

    def suggest(self, prefix: str, n: int = 8) -> tuple[Suggestion, ...]: ...

    def neighbours(
        self, passage_id: str, *, before: int = 1, after: int = 1
    ) -> tuple[Neighbour, ...]: ...

    def ask(
        self,
        question: str,
        *,
        filters: Filters = NO_FILTERS,
        previous: Answer | None = None,
        llm: bool = False,
        on_sentence: Callable[[str], None] | None = None,
    ) -> Answer: ...

    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        text: str | None = None,
        obligation: Obligation | None = None,
        due_before: date | None = None,
        filters: Filters = NO_FILTERS,
        limit: int | None = None,
        offset: int = 0,
    ) -> ClauseList: ...

    def clause(self, clause_id: str, document: str | None = None) -> ClauseInfo: ...

    def matrix(self, filters: Filters = NO_FILTERS) -> Matrix: ...

    def registry(self, *, kind: str | None = None) -> tuple[BodyInfo, ...]: ...

    def exported(
        self, found: Exportable, kind: ExportKind, *, base_url: str | None = None
    ) -> bytes: ...

    def diff(self, old: str | Upload, new: str | Upload) -> Diff: ...

    def check(self, draft: str | Upload) -> DraftCheck: ...

    def evaluate_questions(
        self, path: Path, on_progress: OnMeasured | None = None
    ) -> Evaluation: ...


class Facade(Documents, Questions, Protocol):
    """A knowledge base; its methods raise only `KBError` and its kinds."""

    @property
    def public_url(self) -> str: ...

    def revision(self) -> int: ...

    def state(self) -> int: ...

    def language_model(self) -> LanguageModel: ...

    def model(self) -> ModelInfo: ...

    def sizes(self) -> dict[str, int]: ...

    def verify(self, *, repair: bool = False) -> VerifyReport: ...

    def rebuild(self, on_progress: ProgressListener | None = None) -> int: ...


class Queue(Protocol):
    """Uploads that wait their turn."""

    def submit(
        self,
        uploads: Sequence[tuple[str, BinaryIO]],
        *,
        collection: str = "",
        replaces: str = "",
    ) -> UploadJob: ...

    def jobs(self) -> list[UploadJob]: ...

    def cancel(self, job_id: str) -> UploadJob: ...
