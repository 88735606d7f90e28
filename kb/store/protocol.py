"""The seam of the store: what the rest of the package asks of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from kb.records import (
    ClausePage,
    ClauseQuery,
    ClauseRecord,
    FileRecord,
    FoundBody,
    IndexedText,
    LineRecord,
    NewDocument,
    PageRecord,
    PassageRecord,
    StoredFile,
)
from kb.types import NO_FILTERS, Box, DocumentInfo, Filters, Relation, RoleFilter

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kb.store.bodies import BodyRow, ClausePlace

Keys: TypeAlias = "npt.NDArray[np.int64]"


class StoreReader(Protocol):
    """What may be asked of a store; every answer is one consistent snapshot.

    A document is *current* while some path holds its content; one that was replaced stays readable
    by its id and takes no part in search.
    """

    def revision(self) -> int:
        """Return how many transactions have changed the store."""
        ...

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> list[DocumentInfo]:
        """Return the documents that match, newest first; replaced ones too where asked."""
        ...

    def document(self, document_id: str) -> DocumentInfo | None:
        """Return one document."""
        ...

    def document_text(self, document_id: str) -> str:
        """Return a document's running text; NotFound where there is no such document."""
        ...

    def stored_file(self, document_id: str) -> StoredFile | None:
        """Return what a document was made from."""
        ...

    def stored_files(self) -> list[StoredFile]:
        """Return what every document was made from."""
        ...

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of one path."""
        ...

    def paths_of(self, document_id: str) -> list[str]:
        """Return the paths that hold a document's content."""
        ...

    def page(self, document_id: str, number: int) -> PageRecord | None:
        """Return one page."""
        ...

    def pages(self, document_id: str) -> list[PageRecord]:
        """Return a document's pages in order."""
        ...

    def lines(self, document_id: str, start: int, end: int) -> list[LineRecord]:
        """Return the printed lines that hold any of the characters `[start, end)`."""
        ...

    def boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return where the characters `[start, end)` are printed: a box for each line."""
        ...

    def passages_by_key(
        self, keys: Sequence[int], indexed: int | None = None
    ) -> dict[int, PassageRecord]:
        """Return passages of current documents by key; keys that are gone are left out.

        What was replaced after the revision `indexed` counts as current.
        """
        ...

    def passage(self, passage_id: str) -> PassageRecord | None:
        """Return one passage by its stable id."""
        ...

    def passages(self, document_id: str) -> list[PassageRecord]:
        """Return a document's passages in order."""
        ...

    def neighbours(
        self, document_id: str, ordinal: int, before: int, after: int
    ) -> list[PassageRecord]:
        """Return a passage with those that stand `before` and `after` it, in order."""
        ...

    def keys(self) -> Keys:
        """Return the keys of every passage that should be indexed, ascending."""
        ...

    def keys_matching(self, filters: Filters, indexed: int | None = None) -> Keys | None:
        """Return the keys the filters leave, ascending; None where nothing is filtered.

        What was replaced after the revision `indexed` counts as current.
        """
        ...

    def keys_left(
        self, keys: Collection[int], filters: Filters, indexed: int | None = None
    ) -> Keys:
        """Return those of some keys that the filters leave, ascending; else as `keys_matching`."""
        ...

    def narrowed(self, filters: Filters) -> Filters | None:
        """Return filters that leave no more than is seen, None where there are none such."""
        ...

    def keys_renewed(self, indexed: int) -> Keys:
        """Return the keys of what is to be indexed otherwise than at a revision, ascending."""
        ...

    def replaced_since(self, indexed: int) -> dict[str, str]:
        """Return the documents replaced after a revision, each with the one that replaced it."""
        ...

    def headings(self) -> list[str]:
        """Return the headings passages of current documents stand under, the most used first."""
        ...

    def entries(self, keys: Collection[int] | None = None) -> Iterator[IndexedText]:
        """Yield what is indexed, by ascending key; of every current passage, or of `keys`."""
        ...

    def facts(self, keys: Collection[int]) -> Iterator[IndexedFacts]:
        """Yield what filters ask of current passages, by ascending key."""
        ...

    def clauses(
        self,
        filters: Filters = NO_FILTERS,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
    ) -> list[ClauseRecord]:
        """Return the clauses of current documents that match, in document order."""
        ...

    def find_clauses(
        self, query: ClauseQuery, *, limit: int | None = None, offset: int = 0
    ) -> ClausePage:
        """Return the clauses that match, in document order from `offset` on, and their number."""
        ...

    def titles_with_clause(self, number: str, filters: Filters = NO_FILTERS) -> dict[str, str]:
        """Return the titles of the documents with a clause of that number, in document order."""
        ...

    def bodies_found(self, query: ClauseQuery) -> Iterator[FoundBody]:
        """Yield the bodies that the clauses that match make responsible."""
        ...

    def clauses_by_id(self, clause_id: str) -> list[ClauseRecord]:
        """Return the clauses of an id: those of current documents first, the newest first."""
        ...

    def clauses_of(self, document_id: str) -> list[ClauseRecord]:
        """Return a document's clauses in order, whether it is current or was replaced."""
        ...

    def names_written(self) -> list[str]:
        """Return how current documents write the bodies they name, each name once."""
        ...

    def body_rows(
        self, of: Literal["ministry", "as_written"], names: Collection[str]
    ) -> list[BodyRow]:
        """Return the bodies of clauses that stand for, or are written, as one of some names."""
        ...

    def clause_places(
        self, wanted: Collection[tuple[str, int]]
    ) -> dict[tuple[str, int], ClausePlace]:
        """Return where clauses stand, by document and ordinal; unknown ones are left out."""
        ...

    def relations(self, document_id: str) -> tuple[Relation, ...]:
        """Return what a document says of others, then what current ones say of it, in order."""
        ...

    def altered(self, document_id: str) -> list[str]:
        """Return the parts of a document that are not what was stored (`kb.store.digests`)."""
        ...

    def damage(self) -> list[str]:
        """Return what the database says is wrong with its own file, nothing if all is well."""
        ...


class Store(StoreReader, Protocol):
    """A store that can be written to; one writer at a time (`kb.locking`)."""

    def add(self, document: NewDocument, path: str, collection: str = "") -> str | None:
        """Store a document as the content of `path` in a collection, in one transaction.

        A document of the same id is replaced whole. Returns the id of the document that was at
        `path` before and is now replaced, if any.
        """
        ...

    def refresh(self, document: NewDocument) -> None:
        """Store a document that is here already as it is read now, in one transaction; NotFound.

        Where it lies, when it was added and what replaced it stay.
        """
        ...

    def point(self, path: str, document_id: str, collection: str = "") -> str | None:
        """Record that `path` holds the content of a document already stored; as `add` returns."""
        ...

    def record_failure(self, record: FileRecord) -> None:
        """Record why the file at a path could not be read."""
        ...

    def remove(self, document_ids: Sequence[str]) -> None:
        """Remove documents and everything of them, in one transaction; NotFound removes none."""
        ...

    def resolve_again(
        self,
        ministry_of: Callable[[str, date | None], str],
        own_file: tuple[str, bytes | None] | None = None,
    ) -> tuple[int, list[BodyRow]]:
        """Name every body of every clause anew, in one transaction.

        `ministry_of` takes the words as written and the document's date. Returns how many bodies
        were looked at, and those that have changed, as they were. `own_file` is put in its place
        in the same transaction (`kb.store.own_files`).
        """
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A passage whose place in the index has changed.

    `number` counts up in the order in which transactions were committed: what is committed later
    never has a lower one. `kind` is what the transaction did; whether the passage is there now is
    what `StoreReader.entries` says.
    """

    number: int
    revision: int
    key: int
    kind: Literal["upsert", "delete"]


class Outbox(Protocol):
    """What an index outside the home has yet to take in, kept in the store.

    Every transaction that changes what is found writes the keys of the passages concerned, in the
    same transaction, once `attach` was called by anyone: those that came (`upsert`), those that
    went or were replaced (`delete`), and those of which only the facts changed that filters ask
    for: title, issuers, type, date, collections, ministries (`upsert` again, of the same key).

    A publisher, one at a time (`publishing`), repeats: take `pending`, let the index take it in,
    wait until it has, `acknowledge`. Killed anywhere, the next one does the last batch again,
    so what it does must be idempotent by key. The last change of a key decides; to be sure of
    that, and of never putting back what was removed since, it reads `entries(keys)` from the store
    and deletes the keys that are not among them, whatever their changes' kinds. Keys are never
    given twice, so that a late deletion hits nothing else.

    A new generation of the index is filled under `publishing` from `StoreReader.entries()`, then
    from `pending`, which nobody has acknowledged meanwhile, and takes over after that.

    A reader looks hits up by `StoreReader.passages_by_key`, which knows only what is committed and
    current; a key the index still holds and the store does not is left out there.

    `kb.store.outbox.StoreOutbox.of(store, home)` is this.
    """

    def attach(self) -> None:
        """Begin to keep changes, first of all that every current passage came.

        Once for a store and for good, whoever calls it; later calls do nothing.
        """
        ...

    def attached(self) -> bool:
        """Tell whether changes are kept."""
        ...

    def pending(self, limit: int) -> Sequence[Change]:
        """Return the first changes that were not acknowledged, in their order."""
        ...

    def acknowledge(self, upto: int) -> None:
        """Forget the changes up to a number, that one too: the index has taken them in."""
        ...

    def newest(self) -> int:
        """Return the number of the last change, 0 where none waits."""
        ...

    def waiting(self) -> int:
        """Return how many changes were not acknowledged."""
        ...

    def indexed(self) -> int:
        """Return the last revision of which, and of all before, the index has taken in all."""
        ...

    def refill(self) -> None:
        """Let every current passage be taken in again."""
        ...

    def publishing(self, patience: float = 0.0) -> AbstractContextManager[None]:
        """Be the one publisher of this store, whatever process or host the others are in.

        HomeLocked where another is, after `patience` seconds.
        """
        ...


@dataclass(frozen=True, slots=True)
class IndexedFacts:
    """What filters ask of a passage, beside `IndexedText` of the same key.

    `ministries` are those that the clause it belongs to makes responsible; `collections` are those
    of every path of its document.
    """

    key: int
    document_id: str
    document_type: str | None
    issued_on: date | None
    issuers: tuple[str, ...]
    ministries: tuple[str, ...]
    collections: tuple[str, ...]
