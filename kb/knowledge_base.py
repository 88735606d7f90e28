"""The one facade: a knowledge base in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kb.store.protocol import RoleFilter
from kb.types import (
    NO_FILTERS,
    Answer,
    Box,
    ClauseList,
    DocumentInfo,
    Evaluation,
    FileReport,
    Filters,
    IngestReport,
    Mode,
    ModelInfo,
    OcrMode,
    PageText,
    ProgressListener,
    SearchResult,
    VerifyReport,
)


class KnowledgeBase:
    """A pile of documents that answers with the exact cited passage.

    Every method raises only `KBError` and its kinds. Safe to share between threads.
    """

    @classmethod
    def open(cls, home: Path | None = None, *, read_only: bool = False) -> Self:
        """Open the knowledge base at `home`, made if it is not there."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of files and connections."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        ocr: OcrMode = "auto",
        workers: int | None = None,
        timeout: float | None = None,
        password: str | None = None,
        force: bool = False,
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Add files, folders (recursively) and globs; every file has its own status and error."""
        raise NotImplementedError

    def ingest_bytes(
        self,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode = "auto",
        timeout: float | None = None,
        password: str | None = None,
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add one uploaded file; an earlier upload of the same name is replaced."""
        raise NotImplementedError

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> tuple[DocumentInfo, ...]:
        """Return the documents, newest first; replaced versions too where asked."""
        raise NotImplementedError

    def document(self, document_id: str) -> DocumentInfo:
        """Return one document; NotFound."""
        raise NotImplementedError

    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Remove documents from the store and every index; returns their ids. NotFound."""
        raise NotImplementedError

    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query."""
        raise NotImplementedError

    def ask(self, question: str, *, filters: Filters = NO_FILTERS) -> Answer:
        """Answer with verified citations, or refuse with the nearest passages."""
        raise NotImplementedError

    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        filters: Filters = NO_FILTERS,
    ) -> ClauseList:
        """Return clauses by ministry (under any of its names), role, number or document."""
        raise NotImplementedError

    def page_text(self, document_id: str, page: int) -> PageText:
        """Return a page's running text; NotFound."""
        raise NotImplementedError

    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[Box] = ()
    ) -> bytes:
        """Return a page drawn as PNG, `highlights` marked on it; NotFound."""
        raise NotImplementedError

    def passage_boxes(self, passage_id: str) -> tuple[Box, ...]:
        """Return where a passage is printed; NotFound."""
        raise NotImplementedError

    def quote_boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return where the characters `[start, end)` of a document are printed; NotFound."""
        raise NotImplementedError

    def original(self, document_id: str) -> tuple[str, bytes]:
        """Return a document's file name and bytes as they were added; NotFound."""
        raise NotImplementedError

    def revision(self) -> int:
        """Return a number that grows with every change: a cache key for whoever shows answers."""
        raise NotImplementedError

    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Compare the store, the originals and both indexes; mend what can be mended."""
        raise NotImplementedError

    def rebuild(self, on_progress: ProgressListener | None = None) -> int:
        """Make the index anew from the store; returns the number of passages."""
        raise NotImplementedError

    def model(self) -> ModelInfo:
        """Return the encoder in use, and whether the index was made with it."""
        raise NotImplementedError

    def use_model(self, name: str) -> str:
        """Switch to another encoder; returns what must be rebuilt."""
        raise NotImplementedError

    def evaluate_questions(self, path: Path) -> Evaluation:
        """Measure search and answers on a file of questions."""
        raise NotImplementedError

    def evaluate_retrieval(self, folder: Path) -> Evaluation:
        """Measure retrieval on a BEIR folder, over its own corpus."""
        raise NotImplementedError
