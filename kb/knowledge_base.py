"""The one facade: a knowledge base in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from kb import library
from kb.config import load_settings, save_setting
from kb.context import Context
from kb.errors import InvalidInput, NotFound
from kb.homes import Home, open_home
from kb.indexing import IndexKeeper
from kb.seams import errors_mapped
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
    Progress,
    ProgressListener,
    SearchResult,
    VerifyReport,
)


class KnowledgeBase:
    """A pile of documents that answers with the exact cited passage.

    Every method raises only `KBError` and its kinds. Safe to share between threads; any number of
    processes may read one home while one writes to it.
    """

    def __init__(self, home: Home, *, read_only: bool = False) -> None:
        """Hold an opened home; use `open`."""
        self._home = home
        self._read_only = read_only
        self._keeper = self._new_keeper()

    @classmethod
    def open(cls, home: Path | None = None, *, read_only: bool = False) -> Self:
        """Open the knowledge base at `home`, made if it is not there.

        `home` defaults to `$POLICYKB_HOME`, else the platform's folder for user data. With
        `read_only` nothing is made or written. Raises HomeProblem and its kinds, StorageProblem.
        """
        with errors_mapped():
            return cls(open_home(home, read_only=read_only), read_only=read_only)

    @property
    def home(self) -> Path:
        """The folder it lives in."""
        return self._home.path

    @errors_mapped()
    def revision(self) -> int:
        """Return a number that grows with every change; a cache key for answers shown."""
        return self._home.store.revision()

    def close(self) -> None:
        """Let go of files and connections."""
        self._home.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # Documents

    @errors_mapped()
    def ingest(
        self,
        paths: Sequence[str | Path],
        *,
        ocr: OcrMode | None = None,
        workers: int | None = None,
        timeout: float | None = None,
        password: str | None = None,
        force: bool = False,
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Add files, folders (recursively) and globs; every file has its own status and error.

        `ocr`, `workers` and `timeout` (seconds for one file) default to the settings; `force`
        reads files again that are here already. `on_progress` is called in this thread.
        KeyboardInterrupt leaves everything reported done in the store and the index, and goes on.
        """
        from kb.ingesting import ingest_paths
        from kb.intake import IngestOptions

        self._check_writable()
        settings = self._home.settings
        options = IngestOptions.of(settings, ocr, workers, timeout, password, force)
        return ingest_paths(self._home, self._keeper, paths, options, on_progress)

    @errors_mapped()
    def ingest_bytes(
        self,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode | None = None,
        timeout: float | None = None,
        password: str | None = None,
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add one uploaded file; an earlier upload of the same name is replaced."""
        from kb.ingesting import ingest_upload
        from kb.intake import IngestOptions

        self._check_writable()
        options = IngestOptions.of(self._home.settings, ocr, 1, timeout, password)
        return ingest_upload(self._home, self._keeper, name, data, options, on_progress)

    @errors_mapped()
    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> tuple[DocumentInfo, ...]:
        """Return the documents, newest first; replaced versions too where asked."""
        return tuple(self._home.store.documents(filters, replaced=replaced))

    @errors_mapped()
    def document(self, document_id: str) -> DocumentInfo:
        """Return one document; NotFound."""
        return library.document(self._home.store, document_id)

    @errors_mapped()
    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Remove documents from the store and every index; returns their ids.

        NotFound, and none removed, when one of them is not here. They answer no more from the
        moment their rows are gone; the indexes are cleaned after.
        """
        self._check_writable()
        return library.remove(self._home, self._keeper, document_ids)

    @errors_mapped()
    def page_text(self, document_id: str, page: int) -> PageText:
        """Return a page's running text; NotFound."""
        return library.page_text(self._home.store, document_id, page)

    @errors_mapped()
    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[Box] = ()
    ) -> bytes:
        """Return a page drawn as PNG, `highlights` marked on it; `scale` is pixels per point.

        NotFound; FileProblem where the format has no pages to draw.
        """
        return library.page_image(self._home, document_id, page, scale=scale, highlights=highlights)

    @errors_mapped()
    def passage_boxes(self, passage_id: str) -> tuple[Box, ...]:
        """Return where a passage is printed; NotFound."""
        passage = self._home.store.passage(passage_id)
        if passage is None:
            raise NotFound(f"there is no passage {passage_id!r} here: search for it again")
        return passage.boxes

    @errors_mapped()
    def quote_boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return where the characters `[start, end)` of a document are printed; NotFound."""
        self.document(document_id)
        return self._home.store.boxes(document_id, start, end)

    @errors_mapped()
    def original(self, document_id: str) -> tuple[str, bytes]:
        """Return a document's file name and bytes as they were added; NotFound."""
        return library.original(self._home, document_id)

    # Questions

    @errors_mapped()
    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query; InvalidInput, IndexProblem, NotFound for a document filter."""
        from kb.search import search

        library.check_filters(self._home.store, filters)
        return search(self.context, query, k=k, mode=mode, filters=filters)

    @errors_mapped()
    def ask(self, question: str, *, filters: Filters = NO_FILTERS) -> Answer:
        """Answer with verified citations, or refuse with the nearest passages."""
        from kb.answer import ask

        library.check_filters(self._home.store, filters)
        return ask(self.context, question, filters=filters)

    @errors_mapped()
    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        filters: Filters = NO_FILTERS,
    ) -> ClauseList:
        """Return clauses by ministry (under any of its names), role, number or document."""
        from kb.naming import match_ministry
        from kb.parsing import clause_info

        library.check_filters(self._home.store, filters)
        found = self._home.store.clauses(filters, ministry, role, number)
        match = None if ministry is None else match_ministry(ministry, found)
        return ClauseList(match, tuple(map(clause_info, found)))

    @errors_mapped()
    def evaluate_questions(self, path: Path) -> Evaluation:
        """Measure search and answers on a file of questions."""
        from kb.evaluate import evaluate_questions

        return evaluate_questions(self.context, path)

    @errors_mapped()
    def evaluate_retrieval(self, folder: Path) -> Evaluation:
        """Measure retrieval on a BEIR folder, over its own corpus."""
        from kb.evaluate import evaluate_retrieval

        return evaluate_retrieval(self.context, folder)

    # Care

    @errors_mapped()
    def verify(self, *, repair: bool = False) -> VerifyReport:
        """Compare the store, the originals and both indexes; mend what can be mended.

        What another process is about to put right, because it is writing, is no problem.
        """
        from kb.verify import verify

        if repair:
            self._check_writable()
        return verify(self._home, self._keeper, repair=repair)

    @errors_mapped()
    def rebuild(self, on_progress: ProgressListener | None = None) -> int:
        """Make the index anew from the store; returns the number of passages."""
        self._check_writable()
        total = len(self._home.store.keys())

        def indexed(count: int) -> None:
            if on_progress is not None:
                on_progress(Progress("", "indexing", count, total, 0, 0))

        with self._home.lock.held():
            return self._keeper.rebuild(indexed)

    @errors_mapped()
    def model(self) -> ModelInfo:
        """Return the encoder in use, and whether the index was made with it."""
        from kb.models import in_use

        return in_use(self._home.settings.model, self._keeper)

    @errors_mapped()
    def models(self) -> tuple[str, ...]:
        """Return the names that `use_model` knows without a path: shipped and imported."""
        from kb.models import imported

        return ("default", *imported(self._home.path))

    @errors_mapped()
    def use_model(self, name: str) -> str:
        """Switch to another encoder; returns what must be rebuilt, empty if nothing.

        The encoder is loaded first, so that a name that means nothing changes nothing.
        """
        from kb.models import load_named

        self._check_writable()
        with self._home.lock.held():
            load_named(self._home.path, self._home.settings, name)
            save_setting(self._home.path, "model", name)
            self._home = self._home.with_settings(load_settings(self._home.path))
            self._keeper = self._new_keeper()
        model = self.model()
        if model.index_matches:
            return ""
        return f"{model.index_passages} passages must be indexed again: run `policykb rebuild`"

    @errors_mapped()
    def import_model(self, folder: Path) -> str:
        """Copy an encoder's folder into the home; returns the name to use it by."""
        from kb.models import import_folder

        self._check_writable()
        with self._home.lock.held():
            return import_folder(self._home.path, self._home.settings, folder)

    @property
    def context(self) -> Context:
        """What searching and answering see of this knowledge base."""
        return self._keeper

    def _new_keeper(self) -> IndexKeeper:
        home = self._home
        return IndexKeeper(
            home.path, home.settings, home.store, home.lock, read_only=self._read_only
        )

    def _check_writable(self) -> None:
        if self._read_only:
            message = f"{self.home} was opened for reading only: open it without read_only"
            raise InvalidInput(message, field="read_only")
