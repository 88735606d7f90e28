"""Read documents, pages and passages from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import numpy as np
import sqlalchemy as sa

from ingest.body import boxes as boxes_of
from ingest.model import Body, Line
from ingest.model import Box as LineBox
from kb.errors import NotFound
from kb.lineage import Repeal
from kb.records import (
    FileRecord,
    IndexedText,
    LineRecord,
    PageRecord,
    PassageRecord,
    StoredFile,
)
from kb.store import filters as where
from kb.store.base import Kept, Select, chunks, keys_of, no_such_document, revision_of
from kb.store.bodies import BodyRow, ClausePlace, body_rows, clause_places, names_written
from kb.store.codec import unpack_lines
from kb.store.corrections import corrected
from kb.store.digests import altered
from kb.store.facts import facts_of
from kb.store.found import ClauseReader
from kb.store.protocol import IndexedFacts, Keys
from kb.store.relations import issuers_of
from kb.store.replaced import keys_renewed_after, since
from kb.store.rows import to_document, to_page, to_passage, to_stored_file
from kb.store.tables import documents, files, lines, pages, passages, replacements, texts
from kb.types import NO_FILTERS, Box, DocumentInfo, FileError, Filters

# Sets of keys that filters left: 8 bytes for each passage in each.
FILTERS_KEPT = 8


class SqlReader(ClauseReader):
    """Answers `StoreReader` from a database; every answer is one snapshot."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._kept_keys: Kept[tuple[int, date | None, Filters, int | None], Keys]
        self._kept_keys = Kept(FILTERS_KEPT)

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> list[DocumentInfo]:
        """Return the documents that match, newest first; replaced ones too where asked."""
        query = sa.select(documents)
        if filters.ministry is not None:
            query = query.where(where.has_clause_of(filters.ministry))
        if not replaced and filters.document is None:
            query = query.where(where.current())
        query = query.order_by(documents.c.added_at.desc(), documents.c.document_id)
        with self._engine.begin() as connection:
            rows = connection.execute(query.where(*self._fulfilling(connection, filters))).all()
            names = issuers_of(connection, [row.document_id for row in rows])
            repeals = self._repeals(connection)
        return [
            _as_repealed(
                to_document(row, names.get(row.document_id, ())), repeals.get(row.document_id, ())
            )
            for row in rows
        ]

    def document(self, document_id: str) -> DocumentInfo | None:
        """Return one document."""
        return next(iter(self.documents(Filters(document=document_id))), None)

    def document_text(self, document_id: str) -> str:
        """Return a document's running text; NotFound where there is no such document."""
        query = sa.select(texts.c.text).where(texts.c.document_id == document_id)
        with self._engine.begin() as connection:
            text = connection.execute(query).scalar_one_or_none()
        if text is None:
            raise NotFound(no_such_document(document_id))
        return str(text)

    def stored_file(self, document_id: str) -> StoredFile | None:
        """Return what a document was made from."""
        rows = self._all(_stored_files().where(documents.c.document_id == document_id))
        return to_stored_file(rows[0]) if rows else None

    def stored_files(self) -> list[StoredFile]:
        """Return what every document was made from."""
        rows = self._all(_stored_files().order_by(documents.c.document_id))
        return [to_stored_file(row) for row in rows]

    def file(self, path: str) -> FileRecord | None:
        """Return what is known of one path."""
        rows = self._all(sa.select(files).where(files.c.path == path))
        for row in rows:
            error = FileError(row.error_code, row.error_message) if row.error_code else None
            return FileRecord(
                row.path, row.sha256, row.document_id, row.status, error, row.collection
            )
        return None

    def paths_of(self, document_id: str) -> list[str]:
        """Return the paths that hold a document's content."""
        query = sa.select(files.c.path).where(files.c.document_id == document_id)
        return [row.path for row in self._all(query.order_by(files.c.path))]

    def corrections(self, document_id: str) -> dict[str, tuple[Any, Any]]:
        """Return the facts of a document that were corrected: the value, and what was read."""
        with self._engine.begin() as connection:
            return corrected(connection, document_id)

    def collections(self) -> dict[str, int]:
        """Return how many current documents each collection has."""
        count = sa.func.count(sa.distinct(files.c.document_id))
        query = (
            sa.select(files.c.collection, count)
            .join(documents, documents.c.document_id == files.c.document_id)
            .where(where.current())
            .group_by(files.c.collection)
            .order_by(files.c.collection)
        )
        with self._engine.begin() as connection:
            return {str(name): int(number) for name, number in connection.execute(query).all()}

    def page(self, document_id: str, number: int) -> PageRecord | None:
        """Return one page."""
        chosen = sa.and_(pages.c.document_id == document_id, pages.c.number == number)
        rows = self._all(sa.select(pages).where(chosen))
        return to_page(rows[0]) if rows else None

    def pages(self, document_id: str) -> list[PageRecord]:
        """Return a document's pages in order."""
        query = sa.select(pages).where(pages.c.document_id == document_id)
        return [to_page(row) for row in self._all(query.order_by(pages.c.number))]

    def lines(self, document_id: str, start: int, end: int) -> list[LineRecord]:
        """Return the printed lines that hold any of the characters `[start, end)`."""
        query = (
            sa.select(lines)
            .where(lines.c.document_id == document_id)
            .where(lines.c.start < end, lines.c.end > start)
        )
        unpacked = (line for row in self._all(query) for line in unpack_lines(row.data, row.page))
        found = [line for line in unpacked if line.start < end and line.end > start]
        return sorted(found, key=lambda line: line.start)

    def boxes(self, document_id: str, start: int, end: int) -> tuple[Box, ...]:
        """Return where the characters `[start, end)` are printed: a box for each line."""
        printed = tuple(_line(line) for line in self.lines(document_id, start, end))
        if not printed:
            return ()
        body = Body(self.document_text(document_id), printed, ())
        return tuple(
            Box(box.page, box.x0, box.y0, box.x1, box.y1) for box in boxes_of(body, start, end)
        )

    def passages_by_key(
        self, keys: Sequence[int], indexed: int | None = None
    ) -> dict[int, PassageRecord]:
        """Return passages of current documents by key; keys that are gone are left out.

        What was replaced after the revision `indexed` counts as current.
        """
        found: dict[int, PassageRecord] = {}
        current = where.looked_up_current(indexed)
        for chunk in chunks(list(keys)):
            query = _passages().where(passages.c.key.in_(chunk), current)
            found.update((row.key, to_passage(row)) for row in self._all(query))
        return found

    def passage(self, passage_id: str) -> PassageRecord | None:
        """Return one passage by its stable id."""
        rows = self._all(_passages().where(passages.c.passage_id == passage_id))
        return to_passage(rows[0]) if rows else None

    def passages(self, document_id: str) -> list[PassageRecord]:
        """Return a document's passages in order."""
        query = _passages().where(passages.c.document_id == document_id)
        return [to_passage(row) for row in self._all(query.order_by(passages.c.ordinal))]

    def neighbours(
        self, document_id: str, ordinal: int, before: int, after: int
    ) -> list[PassageRecord]:
        """Return a passage with those that stand `before` and `after` it, in order."""
        query = (
            _passages()
            .where(passages.c.document_id == document_id)
            .where(passages.c.ordinal.between(ordinal - before, ordinal + after))
            .order_by(passages.c.ordinal)
        )
        return [to_passage(row) for row in self._all(query)]

    def keys(self) -> Keys:
        """Return the keys of every passage that should be indexed, ascending."""
        with self._engine.begin() as connection:
            return keys_of(connection, _keys())

    def keys_matching(self, filters: Filters, indexed: int | None = None) -> Keys | None:
        """Return the keys the filters leave, ascending; None where nothing is filtered.

        What was replaced after the revision `indexed` counts as current. Those of the last few
        filters are kept until the store changes, or the day does.
        """
        if filters == NO_FILTERS:
            return None
        with self._engine.begin() as connection:
            indexed = since(connection, indexed)
            asked = revision_of(connection), where.day_of(filters), filters, indexed
            query = _keys(indexed)
            if filters.ministry is not None:
                query = query.where(where.passage_in_clause_of(filters.ministry))
            kept = self._kept_keys.get(asked)
            if kept is None:
                conditions = self._fulfilling(connection, filters)
                kept = keys_of(connection, query.where(*conditions))
                kept.flags.writeable = False
                self._kept_keys.put(asked, kept)
            return kept

    def keys_left(
        self, keys: Collection[int], filters: Filters, indexed: int | None = None
    ) -> Keys:
        """Return those of some keys that the filters leave, ascending; else as `keys_matching`."""
        found: list[Keys] = [np.empty(0, np.int64)]
        with self._engine.begin() as connection:
            query = _keys(since(connection, indexed))
            if filters.ministry is not None:
                query = query.where(where.passage_in_clause_of(filters.ministry))
            query = query.where(*self._fulfilling(connection, filters))
            for chunk in chunks(sorted(keys)):
                found.append(keys_of(connection, query.where(passages.c.key.in_(chunk))))
        return np.concatenate(found)

    def narrowed(self, filters: Filters) -> Filters | None:
        """Return filters that leave no more than is seen, None where there are none such."""
        return filters

    def keys_renewed(self, indexed: int) -> Keys:
        """Return the keys of what is to be indexed otherwise than at a revision, ascending."""
        with self._engine.begin() as connection:
            return keys_of(connection, keys_renewed_after(indexed))

    def replaced_since(self, indexed: int) -> dict[str, str]:
        """Return the documents replaced after a revision, each with the one that replaced it."""
        query = sa.select(replacements.c.document_id, replacements.c.by)
        rows = self._all(query.where(replacements.c.revision > indexed))
        return {row.document_id: row.by for row in rows}

    def headings(self) -> list[str]:
        """Return the headings passages of current documents stand under, the most used first."""
        count = sa.func.count()
        query = sa.select(passages.c.heading_path, count.label("uses")).join(documents)
        query = query.where(where.current()).group_by(passages.c.heading_path)
        found: dict[str, int] = {}
        for row in self._all(query):
            for heading in row.heading_path:
                found[heading] = found.get(heading, 0) + row.uses
        return sorted(found, key=lambda heading: (-found[heading], heading))

    def entries(self, keys: Collection[int] | None = None) -> Iterator[IndexedText]:
        """Yield what is indexed, by ascending key; of every current passage, or of `keys`."""
        wanted = self.keys().tolist() if keys is None else sorted(keys)
        for chunk in chunks(wanted):
            query = (
                sa.select(
                    passages.c.key,
                    passages.c.text,
                    passages.c.search_text,
                    passages.c.heading_path,
                    documents.c.title,
                )
                .join(documents)
                .where(passages.c.key.in_(chunk), where.looked_up_current())
                .order_by(passages.c.key)
            )
            for row in self._all(query):
                text = row.search_text or row.text
                yield IndexedText(row.key, text, row.title, " ".join(row.heading_path))

    def facts(self, keys: Collection[int]) -> Iterator[IndexedFacts]:
        """Yield what filters ask of current passages, by ascending key."""
        for chunk in chunks(sorted(keys)):
            with self._engine.begin() as connection:
                found = facts_of(connection, chunk)
            yield from found

    def names_written(self) -> list[str]:
        """Return how current documents write the bodies they name, each name once."""
        with self._engine.begin() as connection:
            return names_written(connection)

    def body_rows(
        self, of: Literal["ministry", "as_written"], names: Collection[str]
    ) -> list[BodyRow]:
        """Return the bodies of clauses that stand for, or are written, as one of some names."""
        with self._engine.begin() as connection:
            return list(body_rows(connection, of, names))

    def clause_places(
        self, wanted: Collection[tuple[str, int]]
    ) -> dict[tuple[str, int], ClausePlace]:
        """Return where clauses stand, by document and ordinal; unknown ones are left out."""
        with self._engine.begin() as connection:
            return clause_places(connection, wanted)

    def altered(self, document_id: str) -> list[str]:
        """Return the parts of a document that are not what was stored (`kb.store.digests`)."""
        with self._engine.begin() as connection:
            return list(altered(connection, document_id))

    def damage(self) -> list[str]:
        """Return what the database says is wrong with its own file, nothing if all is well."""
        if self._engine.dialect.name != "sqlite":
            return []
        with self._engine.begin() as connection:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        links = [f"{row[0]} has a row without its {row[2]}" for row in broken]
        return [str(line) for line in found if line != "ok"] + links


def _stored_files() -> Select:
    """Select what is made of `documents`, and nothing whose damage would be in the way."""
    own = documents.c
    return sa.select(
        own.document_id, own.sha256, own.suffix, own.name, own.ocr, own.partial, own.facts
    )


def _passages() -> Select:
    return sa.select(passages, documents.c.title).join(documents)


def _keys(indexed: int | None = None) -> Select:
    return sa.select(passages.c.key).join(documents).where(where.current(indexed))


def _line(line: LineRecord) -> Line:
    box = line.box
    return Line(line.start, line.end, LineBox(box.page, box.x0, box.y0, box.x1, box.y1), line.stops)


def _as_repealed(info: DocumentInfo, repeals: Sequence[Repeal]) -> DocumentInfo:
    """Return what is known of a document with what others say of its repeal."""
    if not repeals:
        return info
    holds = any(repeal.holds(date.today()) for repeal in repeals)
    return replace(
        info,
        validity="repealed" if holds else info.validity,
        repealed_by=repeals[0].by,
        repealed_on=repeals[0].on,
    )
