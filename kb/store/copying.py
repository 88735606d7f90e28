"""Copy documents from one store to another, whatever databases they are in, and compare them.

A document is copied whole in one transaction, its passages under new keys, so that a copy that is
cut short goes on where it was. What is compared is what columns mean, not how a database writes it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from kb.store.base import CHUNK, Connected
from kb.store.changing import Changing, changing
from kb.store.dialect import INSTEAD, POSTGRESQL
from kb.store.digests import seal
from kb.store.retry import persistent
from kb.store.tables import (
    api_keys,
    audit,
    clauses,
    corrections,
    counters,
    deadlines,
    documents,
    files,
    issuers,
    lines,
    metadata,
    obligations,
    pages,
    passages,
    relations,
    replacements,
    responsibilities,
    texts,
    titles,
)

#: The tables of a document, each after those it hangs on.
PARTS = (
    documents,
    issuers,
    titles,
    texts,
    pages,
    lines,
    clauses,
    responsibilities,
    obligations,
    deadlines,
    relations,
    passages,
    corrections,
)
#: Tables that are small beside documents, and are put in the place of what is there.
WHOLE = (files, replacements, api_keys, audit)
#: The counter that is there while a store is being filled from another.
FILLING = "filling"


class StoreCopy(Connected):
    """Fills the store of `target` from that of `source`."""

    def __init__(self, source: Connected, target: Connected) -> None:
        super().__init__(target._engine)
        self._source = source._engine

    def same_place(self) -> bool:
        """Tell whether both are one database."""
        return self._source.url.set(password=None) == self._engine.url.set(password=None)

    def begin(self) -> bool:
        """Note that the target is being filled; False where that was noted before."""
        row = {"name": FILLING, "value": 1}
        with changing(self._engine) as change:
            found = sa.select(counters.c.value).where(counters.c.name == FILLING)
            if change.connection.execute(found).scalar_one_or_none() is not None:
                return False
            change.connection.execute(sa.insert(counters).values(row))
        return True

    def finish(self) -> None:
        """Note that the target is filled."""
        with changing(self._engine) as change:
            change.connection.execute(sa.delete(counters).where(counters.c.name == FILLING))

    def documents(self) -> list[str]:
        """Return the ids of the source's documents, in the order they were added."""
        query = sa.select(documents.c.document_id)
        return _ids(self._source, query.order_by(documents.c.added_at, documents.c.document_id))

    def present(self) -> set[str]:
        """Return the ids of the target's documents."""
        return set(_ids(self._engine, sa.select(documents.c.document_id)))

    def agrees(self, document_id: str) -> bool:
        """Tell whether a document reads the same in both."""
        return _fingerprint(self._source, document_id) == _fingerprint(self._engine, document_id)

    def document(self, document_id: str) -> None:
        """Copy a document with all that hangs on it, in one transaction."""
        parts = _rows(self._source, document_id)
        with changing(self._engine) as change:
            change.count()
            change.touch(document_id)
            chosen = documents.c.document_id == document_id
            change.connection.execute(sa.delete(documents).where(chosen))
            for table, rows in zip(PARTS, parts, strict=True):
                _insert(change.connection, table, rows)
            seal(change.connection, document_id)

    def rest(self) -> None:
        """Copy the paths of files, what replaced what, keys and the audit, in one transaction."""
        with changing(self._engine) as change:
            change.count()
            for table in reversed(WHOLE):
                change.connection.execute(sa.delete(table))
            for table in WHOLE:
                self._whole(change, table)
            _count_on(change.connection)

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Return how many rows each table of both has, of those that are copied."""
        return _counts(self._source), _counts(self._engine)

    def _whole(self, change: Changing, table: sa.Table) -> None:
        query = sa.select(table).order_by(*table.primary_key.columns)
        with self._source.begin() as connection:
            for rows in connection.execute(query).mappings().partitions(CHUNK):
                values = [dict(row) for row in rows]
                if "revision" in table.c:
                    # Revisions are of the store they are in: all of it is new there.
                    values = [{**row, "revision": change.revision} for row in values]
                _insert(change.connection, table, values)


def _ids(engine: sa.Engine, query: sa.Select[Any]) -> list[str]:
    def asked() -> list[str]:
        with engine.begin() as connection:
            return list(connection.execute(query).scalars())

    return persistent(engine, asked)


def _columns(table: sa.Table) -> list[sa.Column[Any]]:
    return [column for column in table.c if column is not passages.c.key]


def _rows(engine: sa.Engine, document_id: str) -> list[list[dict[str, Any]]]:
    """Return a document's rows of each table, without the keys of passages."""

    def asked() -> list[list[dict[str, Any]]]:
        with engine.begin() as connection:
            found = []
            for table in PARTS:
                query = sa.select(*_columns(table)).where(table.c.document_id == document_id)
                query = query.order_by(passages.c.ordinal) if table is passages else query
                found.append([dict(row) for row in connection.execute(query).mappings()])
            return found

    return persistent(engine, asked)


def _fingerprint(engine: sa.Engine, document_id: str) -> str:
    found = blake2b(digest_size=16)
    for table, rows in zip(PARTS, _rows(engine, document_id), strict=True):
        told = sorted(json.dumps(_plain(row), sort_keys=True, ensure_ascii=False) for row in rows)
        found.update("\n".join([table.name, *told, ""]).replace("\\u0000", INSTEAD).encode())
    return found.hexdigest()


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _told(value) for name, value in row.items()}


def _told(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value


def _insert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        connection.execute(sa.insert(table), list(rows[start : start + CHUNK]))


def _count_on(connection: sa.Connection) -> None:
    """Let new entries of the audit come after those copied."""
    if connection.dialect.name == POSTGRESQL:
        connection.exec_driver_sql(
            "SELECT setval(pg_get_serial_sequence('audit', 'number'), max(number)) "
            "FROM audit HAVING max(number) IS NOT NULL"
        )


def _counts(engine: sa.Engine) -> dict[str, int]:
    def asked() -> dict[str, int]:
        with engine.begin() as connection:
            return {
                table.name: int(
                    connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                )
                for table in metadata.sorted_tables
                if table in (*PARTS, *WHOLE)
            }

    return persistent(engine, asked)
