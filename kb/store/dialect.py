"""What SQLite and PostgreSQL do differently, in one place.

Tables are described once (`kb.store.tables`), in types that both have. What PostgreSQL would do
otherwise than SQLite with them is put right here: texts compare by their characters' numbers
whatever language the database was made for, lists can be grouped by, keys count past two thousand
million, and characters that PostgreSQL cannot hold are held as U+FFFD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from kb.store import fences

SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: What stands where a text holds U+0000, which PostgreSQL takes in no text; of the same length, so
#: that offsets stay.
INSTEAD = "\ufffd"
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
#: Columns that PostgreSQL would compare as its database's language has it, keep as text where they
#: hold JSON, or count in too few digits.
_TO_SETTLE = """
    SELECT c.table_name, c.column_name, c.data_type, c.character_maximum_length
    FROM information_schema.columns c JOIN information_schema.tables t
        ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND (
        c.data_type IN ('text', 'character varying') AND c.collation_name IS DISTINCT FROM 'C'
        OR c.data_type = 'json'
        OR c.data_type = 'integer' AND c.column_default LIKE 'nextval(%%'
    )
    ORDER BY c.table_name, c.column_name
"""


class SecondsNow(GenericFunction[float]):
    """The time by the database's clock, in seconds since 1970: hosts' clocks need not agree."""

    type = sa.Double()
    inherit_cache = True


@compiles(SecondsNow, POSTGRESQL)
def _seconds_of_postgres(*_: object, **__: object) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


@compiles(SecondsNow, SQLITE)
def _seconds_of_sqlite(*_: object, **__: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


def is_shared(engine: sa.Engine) -> bool:
    """Tell whether a database may have writers on several hosts."""
    return engine.dialect.name == POSTGRESQL


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection in a transaction that changes something.

    SQLite is asked for the lock at once. PostgreSQL lets each statement see what was committed
    before it, and not before the transaction, which readers are shown. HomeLocked where a lock
    that is held here has become another's.
    """
    options: dict[str, Any] = {"writing": True}
    if is_shared(engine):
        options["isolation_level"] = "READ COMMITTED"
        fences.ensure(engine)
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if is_shared(engine):
            fences.check(connection)
        yield connection


@lru_cache(maxsize=16)
def at_places(table: sa.Table, ordinal: sa.Column[int]) -> sa.Select[Any]:
    """Return what reads a table's rows of clauses, for PostgreSQL, which takes lists whole.

    The lists are `documents`, their ids, and `clauses`, as long, the ordinals in them.
    """
    given = (
        sa.func.unnest(
            sa.bindparam("documents", type_=ARRAY(sa.Text)),
            sa.bindparam("clauses", type_=ARRAY(sa.Integer)),
        )
        .table_valued("at_document", "at_clause", name="given")
        .render_derived()
    )
    here = sa.and_(table.c.document_id == given.c.at_document, ordinal == given.c.at_clause)
    return sa.select(table).join_from(given, table, here)


def settle_types(connection: sa.Connection) -> None:
    """Give PostgreSQL's columns the types that make it find and sort as SQLite does.

    After every step that makes tables or columns; nothing where all is settled.
    """
    if connection.dialect.name != POSTGRESQL:
        return
    by_table: dict[str, list[str]] = {}
    for table, column, kind, length in connection.exec_driver_sql(_TO_SETTLE).all():
        by_table.setdefault(table, []).append(_settled(column, kind, length))
        if kind == "integer":
            sequence = sa.text("SELECT pg_get_serial_sequence(:table, :column)")
            given = {"table": table, "column": column}
            name = connection.execute(sequence, given).scalar_one()
            if name is not None:
                connection.exec_driver_sql(f"ALTER SEQUENCE {name} AS bigint")
    for table, changes in by_table.items():
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {", ".join(changes)}')


def _settled(column: str, kind: str, length: int | None) -> str:
    change = f'ALTER COLUMN "{column}"'
    if kind == "json":
        # A default has to be taken away and given back for the type to change.
        return f'{change} DROP DEFAULT, {change} TYPE jsonb USING "{column}"::jsonb'
    if kind == "integer":
        return f"{change} TYPE bigint"
    sized = f"varchar({length})" if length else "text"
    return f'{change} TYPE {sized} COLLATE "C"'


def dump_json(value: object) -> str:
    """Return a value as the JSON that columns hold."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def dump_json_without_nul(value: object) -> str:
    """Return a value as the JSON that PostgreSQL takes."""
    text = dump_json(value)
    return _NUL_IN_JSON.sub(rf"\1{INSTEAD}", text) if "\\u0000" in text else text


def without_nul(
    _connection: object, _cursor: object, statement: str, given: Any, *_: object
) -> tuple[str, Any]:
    """Return a statement and its parameters without U+0000 in any text; an event of SQLAlchemy."""
    if isinstance(given, Mapping):
        return statement, _row_without_nul(given)
    return statement, [_row_without_nul(row) for row in given] if given else given


def _row_without_nul(row: Any) -> Any:
    if isinstance(row, Mapping):
        return {name: _text_without_nul(value) for name, value in row.items()}
    return [_text_without_nul(value) for value in row] if isinstance(row, Sequence) else row


def _text_without_nul(value: Any) -> Any:
    return value.replace("\0", INSTEAD) if isinstance(value, str) and "\0" in value else value
