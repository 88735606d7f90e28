"""A knowledge base of which only some collections are seen and changed.

Home, encoder and index are those of the whole; the store in between shows the collections alone
(`kb.store.restricted`). What cannot be asked of a part, such as a backup or another encoder, is
refused. What stays shared is how rare a word is: scores, not words, depend on the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

from kb import library
from kb.curating import put_in_place
from kb.errors import InvalidInput
from kb.indexing import IndexKeeper
from kb.intake import IngestOptions
from kb.jobs import HERE_ALREADY
from kb.knowledge_base import KnowledgeBase
from kb.seams import errors_mapped
from kb.selecting import safe_name
from kb.store.restricted import RestrictedStore
from kb.types import FileReport, IngestReport, ModelInfo, OcrMode, Progress, ProgressListener

if TYPE_CHECKING:
    from index import PassageIndex
    from kb.context import Context


class RestrictedBase(KnowledgeBase):
    """Some collections of a knowledge base; closing it does nothing, the whole stays open."""

    def __init__(self, whole: KnowledgeBase, collections: Sequence[str]) -> None:
        """Show `collections` of `whole`; use `KnowledgeBase.restricted`."""
        self._whole = whole
        self._collections = tuple(collections)
        self._store = RestrictedStore.within(whole._home.store, collections)
        self._home = replace(whole._home, store=self._store)
        self._registry = whole._registry
        self._keeper = whole._keeper
        self._read_only = True

    @property
    def context(self) -> Context:
        """What searching and answering see: the documents of these collections."""
        return cast("Context", _Context(self._keeper, self._store))

    def close(self) -> None:
        """Do nothing: files and connections are the whole's."""

    def restricted(self, collections: Sequence[str]) -> KnowledgeBase:
        """Return a view of those of these collections that are named."""
        return self._whole.restricted([name for name in collections if name in self._collections])

    @errors_mapped()
    def model(self) -> ModelInfo:
        """Return the encoder in use; `index_passages` counts what is seen here."""
        return replace(self._whole.model(), index_passages=len(self._store.keys()))

    @errors_mapped()
    def ingest_bytes(
        self,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode | None = None,
        timeout: float | None = None,
        password: str | None = None,
        collection: str = "",
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add one uploaded file to a collection seen here, by default the first."""
        within = self._own(collection)
        before = self._before([name], within)
        report = self._whole.ingest_bytes(
            name,
            data,
            ocr=ocr,
            timeout=timeout,
            password=password,
            collection=within,
            on_progress=before.telling(on_progress),
        )
        return before.as_seen(report)

    @errors_mapped()
    def ingest_uploads(
        self,
        uploads: Sequence[tuple[str, Path]],
        *,
        ocr: OcrMode | None = None,
        timeout: float | None = None,
        collection: str = "",
        on_progress: ProgressListener | None = None,
    ) -> IngestReport:
        """Add uploaded files to a collection seen here, by default the first."""
        within = self._own(collection)
        before = self._before([name for name, _ in uploads], within)
        report = self._whole.ingest_uploads(
            uploads,
            ocr=ocr,
            timeout=timeout,
            collection=within,
            on_progress=before.telling(on_progress),
        )
        return IngestReport(tuple(map(before.as_seen, report.documents)))

    @errors_mapped()
    def replace(
        self,
        document_id: str,
        name: str,
        data: bytes,
        *,
        ocr: OcrMode | None = None,
        on_progress: ProgressListener | None = None,
    ) -> FileReport:
        """Add an uploaded file as the new version of a document, in its place here alone."""
        path = self.document(document_id).path
        known = self._store.file(path)
        within = self._own(known.collection if known is not None else "")
        options = IngestOptions.of(self._home.settings, ocr, 1, None, None, collection=within)
        telling = self._before([], within).telling(on_progress)
        report = put_in_place(self._whole._home, self._keeper, path, (name, data), options, telling)
        return _without_others(report)

    @errors_mapped()
    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Take documents out of these collections, and remove those that are then in none."""
        return library.withdraw(self._whole._home, self._store, self._keeper, document_ids)

    def _words(self) -> None:
        """Suggest no words: those of other collections are among the index's."""

    def _check_writable(self) -> None:
        _refuse()

    def _check_whole(self) -> None:
        _refuse()

    def _own(self, collection: str) -> str:
        if not collection:
            return self._collections[0]
        if collection not in self._collections:
            message = f"collection {collection!r} is not yours: use {', '.join(self._collections)}"
            raise InvalidInput(message, field="collection")
        return collection

    def _before(self, names: Sequence[str], collection: str) -> _Before:
        paths = (f"{collection}/{safe_name(name)}" for name in names)
        held = frozenset(path for path in paths if self._store.file(path) is not None)
        return _Before(collection, frozenset(self._store.visible()), held)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was seen before an upload: documents, and those of its paths that held one."""

    collection: str
    documents: frozenset[str]
    paths: frozenset[str]

    def telling(self, listener: ProgressListener | None) -> ProgressListener | None:
        """Return what tells a listener of an upload as it is seen."""
        if listener is None:
            return None

        def told(at: Progress) -> None:
            report = at.report and self.as_seen(at.report)
            listener(replace(at, report=report))

        return told

    def as_seen(self, report: FileReport) -> FileReport:
        """Return what became of a file without what that says of other collections.

        A file that others have already is new here, and under which names they have it is theirs.
        """
        report = _without_others(report)
        if report.status not in {"unchanged", "replaced"}:
            return report
        held = f"{self.collection}/{safe_name(report.path)}" in self.paths
        known = report.document_id in self.documents or held
        return report if known else replace(report, status="added")


def _without_others(report: FileReport) -> FileReport:
    """Return what became of a file without where else it is."""
    kept = tuple(each for each in report.warnings if not each.startswith(HERE_ALREADY))
    return replace(report, warnings=kept)


class _Context:
    """A knowledge base as searching and answering see it, of some collections."""

    def __init__(self, keeper: IndexKeeper, store: RestrictedStore) -> None:
        self.store = store
        self._keeper = keeper

    @property
    def index(self) -> PassageIndex | None:
        """The index of the whole, whose words are not told."""
        index = self._keeper.index
        return None if index is None else cast("PassageIndex", _Index(index))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._keeper, name)


class _Index:
    """A search index without its list of words: those of other collections are in it."""

    def __init__(self, index: PassageIndex) -> None:
        self._index = index
        self.lexical = _Words(index.lexical)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)


class _Words:
    """A word index that tells no words: every one asked about is known, none is suggested."""

    def __init__(self, lexical: object) -> None:
        self._lexical = lexical

    def words(self, *_: object) -> list[str]:
        """Suggest nothing."""
        return []

    def idf(self, *_: object) -> float:
        """Take every word for known, so that none is put right by another's words."""
        return 1.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lexical, name)


def _refuse() -> NoReturn:
    message = "this asks for all of the knowledge base, and only some collections are open here"
    raise InvalidInput(message, field="collection")
