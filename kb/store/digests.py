"""Digests of what is stored of each document, so that damage is found that no check of the
database's own sees: a bit turned in a title, a date, a clause.

One for each part of a document, written in the transaction that writes the part. They are of the
values as the driver gives them, so that damaged ones can be looked at, too; days, JSON and booleans
are put in one form whatever the database. `passages.key` is left out: it is the database's own.

A later schema that has more to look at seals all documents anew in its step, and leaves schema 5
the tables as they are listed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Literal, get_args

import sqlalchemy as sa

from kb.store import tables

Part = Literal["filing", "facts", "text", "clauses", "passages"]
#: Columns by table, of each part.
_Columns = Mapping[str, str]

PARTS: Mapping[Part, _Columns] = MappingProxyType(
    {
        "filing": {"documents": "path name added_at superseded_by"},
        "facts": {
            "documents": (
                "sha256 suffix title document_number number_key issued_on effective_on addressees "
                "language document_type validity page_count passage_count characters "
                "characters_indexed warnings ocr partial facts"
            ),
            "issuers": "position name",
            "titles": "key",
            "corrections": "field value as_read",
            "relations": (
                "position kind title number title_key number_key as_written start end page "
                "clause_ordinal"
            ),
        },
        "text": {
            "texts": "text",
            "pages": "number width height source text start",
            "lines": "page start end data",
        },
        "clauses": {
            "clauses": (
                "ordinal clause_id number number_key heading_path start end text page boxes targets"
            ),
            "responsibilities": "clause_ordinal position ministry as_written role implicit",
            "obligations": "clause_ordinal position obligation",
            "deadlines": "clause_ordinal position due as_written",
        },
        "passages": {
            "passages": (
                "ordinal passage_id start end text search_text heading_path clause_id "
                "clause_number pages boxes"
            )
        },
    }
)
#: Bytes of a digest: it finds decay, not design.
_SIZE = 16


def seal(
    connection: sa.Connection, document_id: str, parts: Iterable[Part] = get_args(Part)
) -> None:
    """Take what is stored of parts of a document for right."""
    own = tables.digests.c
    for part in parts:
        values = {"digest": _digest(connection, document_id, part)}
        chosen = sa.and_(own.document_id == document_id, own.part == part)
        if not connection.execute(sa.update(tables.digests).where(chosen).values(values)).rowcount:
            row = {"document_id": document_id, "part": part, **values}
            connection.execute(sa.insert(tables.digests), row)


@contextmanager
def resealed(connection: sa.Connection, document_ids: Sequence[str], part: Part) -> Iterator[None]:
    """Let a part of documents be changed; one that was damaged before stays known to be."""
    sound = [each for each in document_ids if not _is_altered(connection, each, part)]
    yield
    for document_id in sound:
        seal(connection, document_id, [part])


def altered(connection: sa.Connection, document_id: str) -> list[Part]:
    """Return the parts of a document that are not what was stored; one without a digest is."""
    return [part for part in get_args(Part) if _is_altered(connection, document_id, part)]


def _is_altered(connection: sa.Connection, document_id: str, part: Part) -> bool:
    own = tables.digests.c
    query = sa.select(own.digest).where(own.document_id == document_id, own.part == part)
    stored = connection.execute(query).scalar_one_or_none()
    return stored != _digest(connection, document_id, part)


def _digest(connection: sa.Connection, document_id: str, part: Part) -> str:
    found = blake2b(digest_size=_SIZE)
    for name, columns in PARTS[part].items():
        rows = _raw(connection, name, columns.split(), document_id)
        # Databases do not agree on the order of texts.
        lines = sorted(json.dumps([*map(_plain, row)], ensure_ascii=False) for row in rows)
        found.update("\n".join([name, *lines, ""]).encode())
    return found.hexdigest()


def _raw(
    connection: sa.Connection, name: str, columns: Sequence[str], document_id: str
) -> Sequence[sa.Row[Any]]:
    """Return a document's rows of a table, the values as the driver gives them."""
    table = tables.metadata.tables[name]
    raw = [_as_given(table.c[column]) for column in columns]
    query = sa.select(*raw).where(table.c.document_id == document_id)
    return connection.execute(query).all()


def _as_given(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    # Some drivers read JSON themselves, and then tell a text from what it would be as JSON no more.
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, _AsGiven)


class _AsGiven(sa.types.UserDefinedType[Any]):
    """A value as the driver gives it."""

    cache_ok = True


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, date):
        return value.isoformat()
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
