"""Facts of a document that people have corrected; what was read there is kept beside them.

Values are as JSON has them: texts, lists of texts, dates as YYYY-MM-DD, null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from kb.store.tables import corrections, documents, issuers, titles
from kb.titles import number_key, title_keys

Facts = dict[str, Any]


def corrected(connection: sa.Connection, document_id: str) -> dict[str, tuple[Any, Any]]:
    """Return the fields corrected, each with its value and what was read."""
    chosen = corrections.c.document_id == document_id
    rows = connection.execute(sa.select(corrections).where(chosen).order_by(corrections.c.field))
    return {row.field: (row.value, row.as_read) for row in rows.all()}


def correct(connection: sa.Connection, document_id: str, changes: Mapping[str, Any]) -> None:
    """Put values in the place of others; one that is as it was read is no correction any more."""
    known = corrected(connection, document_id)
    present = _facts(connection, document_id)
    for field, value in changes.items():
        as_read = known[field][1] if field in known else present[field]
        same = (corrections.c.document_id == document_id) & (corrections.c.field == field)
        connection.execute(sa.delete(corrections).where(same))
        if value != as_read:
            row = {"document_id": document_id, "field": field, "value": value, "as_read": as_read}
            connection.execute(sa.insert(corrections), row)
        _put(connection, document_id, field, value)


def correct_again(connection: sa.Connection, document_id: str) -> None:
    """Put the corrections of a document in the place of what has just been read."""
    known = corrected(connection, document_id)
    if not known:
        return
    chosen = corrections.c.document_id == document_id
    connection.execute(sa.delete(corrections).where(chosen))
    correct(connection, document_id, {field: value for field, (value, _) in known.items()})


def _facts(connection: sa.Connection, document_id: str) -> Facts:
    chosen = documents.c.document_id == document_id
    row = connection.execute(sa.select(documents).where(chosen)).one()
    names = sa.select(issuers.c.name).where(issuers.c.document_id == document_id)
    return {
        "title": row.title,
        "document_number": row.document_number,
        "issuers": list(connection.execute(names.order_by(issuers.c.position)).scalars()),
        "issued_on": row.issued_on.isoformat() if row.issued_on else None,
        "document_type": row.document_type,
    }


def _put(connection: sa.Connection, document_id: str, field: str, value: Any) -> None:
    if field == "issuers":
        rows = [
            {"document_id": document_id, "position": place, "name": name}
            for place, name in enumerate(value)
        ]
        _replace(connection, issuers, document_id, rows)
        return
    values: Facts = {field: value}
    if field == "issued_on":
        values = {field: date.fromisoformat(value) if value else None}
    elif field == "document_number":
        values["number_key"] = number_key(value) if value else None
    elif field == "title":
        keys = [{"document_id": document_id, "key": key} for key in title_keys(value)]
        _replace(connection, titles, document_id, keys)
    chosen = documents.c.document_id == document_id
    connection.execute(sa.update(documents).where(chosen).values(values))


def _replace(
    connection: sa.Connection, table: sa.Table, document_id: str, rows: list[Facts]
) -> None:
    connection.execute(sa.delete(table).where(table.c.document_id == document_id))
    if rows:
        connection.execute(sa.insert(table), rows)
