"""The bodies that clauses make responsible: read all at once, resolved anew in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import sqlalchemy as sa

from kb.store.tables import clauses, documents, responsibilities

# Rows changed, and names looked for, by one statement.
_CHUNK = 1000
_KEY = ("document_id", "clause_ordinal", "position")


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One body of one clause; `current` where no newer version replaced its document."""

    document_id: str
    clause_ordinal: int
    position: int
    ministry: str
    as_written: str
    role: str
    implicit: bool
    issued_on: date | None
    current: bool


@dataclass(frozen=True, slots=True)
class ClausePlace:
    """Where a clause stands."""

    clause_id: str
    document_id: str
    title: str
    number: str
    page: int


def names_written(connection: sa.Connection) -> list[str]:
    """Return how current documents write the bodies they name, each name once."""
    query = (
        sa.select(responsibilities.c.as_written)
        .join(documents, documents.c.document_id == responsibilities.c.document_id)
        .where(documents.c.superseded_by.is_(None), responsibilities.c.implicit.is_(False))
        .distinct()
    )
    return list(connection.execute(query).scalars())


def body_rows(
    connection: sa.Connection, of: Literal["ministry", "as_written"], names: Collection[str]
) -> Iterator[BodyRow]:
    """Yield the bodies of clauses that stand for, or are written, as one of some names.

    In the order documents came in.
    """
    wanted = sorted(names)
    for start in range(0, len(wanted), _CHUNK):
        chosen = responsibilities.c[of].in_(wanted[start : start + _CHUNK])
        yield from _rows(connection, _bodies().where(chosen))


def every_row(connection: sa.Connection) -> Iterator[BodyRow]:
    """Yield every body of every clause, in the order documents came in."""
    return _rows(connection, _bodies())


def _bodies() -> sa.Select[Any]:
    return (
        sa.select(responsibilities, documents.c.issued_on, documents.c.superseded_by)
        .join(documents, documents.c.document_id == responsibilities.c.document_id)
        .order_by(documents.c.added_at, *(responsibilities.c[name] for name in _KEY))
    )


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[BodyRow]:
    for row in connection.execute(query):
        yield BodyRow(
            row.document_id,
            row.clause_ordinal,
            row.position,
            row.ministry,
            row.as_written,
            row.role,
            bool(row.implicit),
            row.issued_on,
            row.superseded_by is None,
        )


def rename(connection: sa.Connection, names: Sequence[tuple[BodyRow, str]]) -> None:
    """Give bodies of clauses the names they resolve to; the words as written stay."""
    chosen = sa.and_(*(responsibilities.c[name] == sa.bindparam(f"at_{name}") for name in _KEY))
    statement = sa.update(responsibilities).where(chosen).values(ministry=sa.bindparam("named"))
    for start in range(0, len(names), _CHUNK):
        values: list[Mapping[str, Any]] = [
            {**{f"at_{name}": getattr(row, name) for name in _KEY}, "named": ministry}
            for row, ministry in names[start : start + _CHUNK]
        ]
        connection.execute(statement, values)


def clause_places(
    connection: sa.Connection, wanted: Iterable[tuple[str, int]]
) -> dict[tuple[str, int], ClausePlace]:
    """Return where clauses stand, by document and ordinal."""
    query = (
        sa.select(clauses, documents.c.title)
        .join(documents, documents.c.document_id == clauses.c.document_id)
        .where(
            clauses.c.document_id == sa.bindparam("document"),
            clauses.c.ordinal == sa.bindparam("clause"),
        )
    )
    found = {}
    for document, clause in wanted:
        row = connection.execute(query, {"document": document, "clause": clause}).one_or_none()
        if row is not None:
            found[document, clause] = ClausePlace(
                row.clause_id, row.document_id, row.title, row.number, row.page
            )
    return found
