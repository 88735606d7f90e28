"""Read a store as if it held some collections and nothing else.

Every question is answered from the documents that have a file in one of the collections. A
document that is in others too is shown by the path it has in these. One that was replaced is read
by its id where it lay in one of them and what replaced it does: an index that has not caught up
still finds it. Writing is not restricted: whoever writes (`kb.restricted`) sees to it that only
these collections are changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, Self, TypeVar

import numpy as np
import sqlalchemy as sa

from kb.errors import NotFound
from kb.lineage import Repeal
from kb.records import (
    ClauseRecord,
    FileRecord,
    IndexedText,
    LineRecord,
    PageRecord,
    PassageRecord,
    StoredFile,
)
from kb.store import filters as where
from kb.store.base import Connected, no_such_document, revision_of
from kb.store.bodies import BodyRow, ClausePlace
from kb.store.changing import changing
from kb.store.protocol import IndexedFacts, Keys
from kb.store.relations import Repeals
from kb.store.rows import to_stored_file
from kb.store.tables import documents, files, passages, replacements, responsibilities
from kb.store.writing import SqlStore, change_document
from kb.types import NO_FILTERS, DocumentInfo, Filters, Relation

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What there is to see at one revision: each document's path here; the keys of passages.

    `known` are those and the ones that they replaced, by the path they had.
    """

    revision: int
    paths: Mapping[str, str]
    known: Mapping[str, str]
    keys: Keys | None = None


class RestrictedStore(SqlStore):
    """A store of which only some collections are seen."""

    def __init__(self, engine: sa.Engine, collections: Sequence[str]) -> None:
        super().__init__(engine)
        self._collections = tuple(collections)
        self._guard = threading.Lock()
        self._seen_at = _Seen(-1, MappingProxyType({}), MappingProxyType({}))

    @classmethod
    def within(cls, store: Connected, collections: Sequence[str]) -> Self:
        """Return the view of a store that has these collections and nothing else."""
        return cls(store._engine, collections)

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> list[DocumentInfo]:
        """Return the documents that match, newest first; replaced ones too where asked."""
        # One that is asked for by its id may be a former one.
        paths = self._paths() if filters.document is None else self._known_paths()
        found = super().documents(filters, replaced=replaced)
        return [_shown(info, paths) for info in found if info.document_id in paths]

    def document_text(self, document_id: str) -> str:
        """Return a document's running text; NotFound where there is no such document."""
        if not self._sees(document_id):
            raise NotFound(no_such_document(document_id))
        return super().document_text(document_id)

    def stored_file(self, document_id: str) -> StoredFile | None:
        """Return what a document was made from, under the name it has here."""
        path = self._known_paths().get(document_id)
        found = super().stored_file(document_id) if path is not None else None
        return None if found is None or path is None else replace(found, name=_name_of(path))

    def stored_files(self) -> list[StoredFile]:
        """Return what every document was made from."""
        paths = self._paths()
        return [
            replace(file, name=_name_of(paths[file.document_id]))
            for file in super().stored_files()
            if file.document_id in paths
        ]

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of one path."""
        found = super().file(path)
        return found if found is not None and found.collection in self._collections else None

    def paths_of(self, document_id: str) -> list[str]:
        """Return the paths that hold a document's content."""
        query = sa.select(files.c.path).where(files.c.document_id == document_id, self._filed())
        return [row.path for row in self._all(query.order_by(files.c.path))]

    def corrections(self, document_id: str) -> dict[str, tuple[Any, Any]]:
        """Return the facts of a document that were corrected: the value, and what was read."""
        return super().corrections(document_id) if self._sees(document_id) else {}

    def collections(self) -> dict[str, int]:
        """Return how many current documents each collection has."""
        found = super().collections()
        return {name: count for name, count in found.items() if name in self._collections}

    def page(self, document_id: str, number: int) -> PageRecord | None:
        """Return one page."""
        return super().page(document_id, number) if self._sees(document_id) else None

    def pages(self, document_id: str) -> list[PageRecord]:
        """Return a document's pages in order."""
        return super().pages(document_id) if self._sees(document_id) else []

    def lines(self, document_id: str, start: int, end: int) -> list[LineRecord]:
        """Return the printed lines that hold any of the characters `[start, end)`."""
        return super().lines(document_id, start, end) if self._sees(document_id) else []

    def passages_by_key(
        self, keys: Sequence[int], indexed: int | None = None
    ) -> dict[int, PassageRecord]:
        """Return passages of current documents by key; keys that are gone are left out."""
        paths = self._known_paths()
        found = super().passages_by_key(keys, indexed)
        return {key: one for key, one in found.items() if one.document_id in paths}

    def passage(self, passage_id: str) -> PassageRecord | None:
        """Return one passage by its stable id."""
        found = super().passage(passage_id)
        return found if found is not None and self._sees(found.document_id) else None

    def passages(self, document_id: str) -> list[PassageRecord]:
        """Return a document's passages in order."""
        return super().passages(document_id) if self._sees(document_id) else []

    def neighbours(
        self, document_id: str, ordinal: int, before: int, after: int
    ) -> list[PassageRecord]:
        """Return a passage with those that stand `before` and `after` it, in order."""
        if not self._sees(document_id):
            return []
        return super().neighbours(document_id, ordinal, before, after)

    def keys(self) -> Keys:
        """Return the keys of every passage that is seen, ascending."""
        seen = self._seen()
        if seen.keys is None:
            within = Filters(collections=self._collections)
            # Never None: something is filtered.
            found = super().keys_matching(within)
            seen = replace(seen, keys=np.empty(0, np.int64) if found is None else found)
            with self._guard:
                if self._seen_at.revision == seen.revision:
                    self._seen_at = seen
        keys = seen.keys
        return np.empty(0, np.int64) if keys is None else keys

    def keys_matching(self, filters: Filters, indexed: int | None = None) -> Keys | None:
        """Return the keys the filters leave, ascending; never None, as something is filtered."""
        if filters != NO_FILTERS:
            return super().keys_matching(filters, indexed)
        if indexed is None or not self.replaced_since(indexed):
            return self.keys()
        return super().keys_matching(Filters(collections=self._collections), indexed)

    def narrowed(self, filters: Filters) -> Filters:
        """Return filters with the collections that are seen among them."""
        own = self._collections
        asked = tuple(name for name in filters.collections if name in own)
        # None of them: a collection of no name is nobody's.
        return replace(filters, collections=asked or (("",) if filters.collections else own))

    def keys_renewed(self, indexed: int) -> Keys:
        """Return the keys of what is to be indexed otherwise than at a revision, ascending."""
        return np.intersect1d(super().keys_renewed(indexed), self.keys())

    def replaced_since(self, indexed: int) -> dict[str, str]:
        """Return the documents replaced after a revision, each with the one that replaced it."""
        known = self._known_paths()
        found = super().replaced_since(indexed)
        return {before: by for before, by in found.items() if before in known}

    def altered(self, document_id: str) -> list[str]:
        """Return the parts of a document that are not what was stored."""
        return super().altered(document_id) if self._sees(document_id) else []

    def headings(self) -> list[str]:
        """Return the headings passages of current documents stand under, the most used first."""
        count = sa.func.count()
        query = sa.select(passages.c.heading_path, count.label("uses")).join(documents)
        query = query.where(where.current(), self._inside()).group_by(passages.c.heading_path)
        found: dict[str, int] = {}
        for row in self._all(query):
            for heading in row.heading_path:
                found[heading] = found.get(heading, 0) + row.uses
        return sorted(found, key=lambda heading: (-found[heading], heading))

    def entries(self, keys: Collection[int] | None = None) -> Iterator[IndexedText]:
        """Yield what is indexed, by ascending key; of every passage seen, or of `keys` of them."""
        own = self.keys()
        wanted = own if keys is None else np.intersect1d(own, np.array(sorted(keys), np.int64))
        return super().entries(wanted.tolist())

    def facts(self, keys: Collection[int]) -> Iterator[IndexedFacts]:
        """Yield what filters ask of passages seen, by ascending key; no other collections."""
        wanted = np.intersect1d(self.keys(), np.array(sorted(keys), np.int64))
        for found in super().facts(wanted.tolist()):
            seen = tuple(name for name in found.collections if name in self._collections)
            yield replace(found, collections=seen)

    def clauses_by_id(self, clause_id: str) -> list[ClauseRecord]:
        """Return the clauses of an id: those of current documents first, the newest first."""
        return self._of_seen(super().clauses_by_id(clause_id), lambda one: one.document_id)

    def names_written(self) -> list[str]:
        """Return how current documents write the bodies they name, each name once."""
        query = (
            sa.select(responsibilities.c.as_written)
            .join(documents, documents.c.document_id == responsibilities.c.document_id)
            .where(where.current(), self._inside(), responsibilities.c.implicit.is_(False))
            .distinct()
        )
        return [row.as_written for row in self._all(query)]

    def body_rows(
        self, of: Literal["ministry", "as_written"], names: Collection[str]
    ) -> list[BodyRow]:
        """Return the bodies of clauses that stand for, or are written, as one of some names."""
        return self._of_seen(super().body_rows(of, names), lambda row: row.document_id)

    def clause_places(
        self, wanted: Collection[tuple[str, int]]
    ) -> dict[tuple[str, int], ClausePlace]:
        """Return where clauses stand, by document and ordinal; unknown ones are left out."""
        paths = self._paths()
        return super().clause_places([place for place in wanted if place[0] in paths])

    def relations(self, document_id: str) -> tuple[Relation, ...]:
        """Return what a document says of others, then what current ones say of it, in order.

        Of documents that are not seen it says no more than this one's own words do.
        """
        if not self._sees(document_id):
            return ()
        return self._relations(document_id, among=self._paths().keys())

    def visible(self) -> Mapping[str, str]:
        """Return the documents that are seen, each with its path here."""
        return self._paths()

    def withdraw(self, document_ids: Sequence[str]) -> list[StoredFile]:
        """Take documents out of these collections, and remove those that then lie nowhere.

        One transaction; NotFound, and nothing done, where one is not seen. Returns what those
        that were removed were made from.
        """
        chosen = tuple(dict.fromkeys(document_ids))
        removed = []
        with changing(self._engine) as change:
            change.count()
            change.touch(*chosen)
            connection = change.connection
            for document_id in chosen:
                here = sa.and_(files.c.document_id == document_id, self._filed())
                if not connection.execute(sa.delete(files).where(here)).rowcount:
                    raise NotFound(no_such_document(document_id))
                others = sa.select(files.c.path).where(files.c.document_id == document_id)
                query = others.order_by(files.c.path).limit(1)
                other = connection.execute(query).scalar_one_or_none()
                if other is None:
                    gone = documents.c.document_id == document_id
                    row = connection.execute(sa.select(documents).where(gone)).one()
                    removed.append(to_stored_file(row))
                    connection.execute(sa.delete(documents).where(gone))
                else:
                    change_document(connection, document_id, path=other, name=_name_of(other))
        return removed

    def _repeals(self, connection: sa.Connection) -> Repeals:
        paths = self._paths()
        found: dict[str, tuple[Repeal, ...]] = {}
        for of, by in super()._repeals(connection).items():
            seen = tuple(repeal for repeal in by if repeal.by in paths)
            if of in paths and seen:
                found[of] = seen
        return found

    def _fulfilling(self, connection: sa.Connection, filters: Filters) -> list[where.Condition]:
        """Return what a row of `documents` must fulfil: to be here, whatever else is asked.

        Which other collections a document is in is not told either, by asking for them.
        """
        here = self._inside()
        if filters.collections:
            asked = tuple(name for name in filters.collections if name in self._collections)
            filters = replace(filters, collections=asked)
            here = here if asked else sa.false()
        return [*super()._fulfilling(connection, filters), here]

    def _inside(self) -> where.Condition:
        lies = sa.select(files.c.document_id).where(self._filed())
        document_id = documents.c.document_id
        former = sa.select(replacements.c.document_id).where(self._lay())
        return sa.or_(document_id.in_(lies), document_id.in_(former))

    def _lay(self) -> where.Condition:
        """Match what was replaced: it lay here, and what replaced it does."""
        lies = sa.select(files.c.document_id).where(self._filed())
        here = replacements.c.collection.in_(self._collections)
        return sa.and_(here, replacements.c.by.in_(lies))

    def _filed(self) -> where.Condition:
        return files.c.collection.in_(self._collections)

    def _sees(self, document_id: str) -> bool:
        return document_id in self._known_paths()

    def _paths(self) -> Mapping[str, str]:
        return self._seen().paths

    def _known_paths(self) -> Mapping[str, str]:
        return self._seen().known

    def _seen(self) -> _Seen:
        query = sa.select(files.c.document_id, files.c.path)
        query = query.where(files.c.document_id.is_not(None), self._filed())
        with self._engine.begin() as connection:
            revision = revision_of(connection)
            if self._seen_at.revision == revision:
                return self._seen_at
            rows = connection.execute(query.order_by(files.c.path.desc())).all()
            lay = sa.select(replacements.c.document_id, replacements.c.path).where(self._lay())
            gone = connection.execute(lay).all()
        # The first by name, as the last of a descending order.
        paths = {row.document_id: row.path for row in rows}
        known = {row.document_id: row.path for row in gone} | paths
        seen = _Seen(revision, MappingProxyType(paths), MappingProxyType(known))
        with self._guard:
            self._seen_at = seen
        return seen

    def _of_seen(self, found: Sequence[_T], document_of: Callable[[_T], str]) -> list[_T]:
        paths = self._paths()
        return [one for one in found if document_of(one) in paths]


def _shown(info: DocumentInfo, paths: Mapping[str, str]) -> DocumentInfo:
    """Return a document under the path it has here, replaced by none that is not here."""
    path = paths[info.document_id]
    replaced_by = info.superseded_by if info.superseded_by in paths else None
    return replace(info, path=path, name=_name_of(path), superseded_by=replaced_by)


def _name_of(path: str) -> str:
    return PurePosixPath(path.replace("\\", "/")).name
