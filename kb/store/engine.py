"""Connect to the database, and set up SQLite to lose nothing.

SQLite runs with a write-ahead log, so that readers never wait for the writer, and with
`synchronous=FULL`, so that a document reported as added survives a power cut: one flush for each
document, next to nothing beside parsing it.
"""

from __future__ import annotations

import json
import sqlite3
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kb.store.codec import read_json

# Milliseconds to wait for another connection's transaction before giving up.
BUSY_TIMEOUT = 10_000
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)
_DUMP = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def connect(url: str | sa.URL) -> sa.Engine:
    """Return an engine for a database URL; nothing is opened yet."""
    engine = sa.create_engine(url, json_serializer=_DUMP, json_deserializer=read_json)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)
    return engine


def connect_read_only(database: Path) -> sa.Engine:
    """Return an engine for an SQLite file in a folder that cannot be written to.

    Each transaction opens the file anew, as `open_unchanging` does.
    """
    engine = sa.create_engine(
        "sqlite://",
        json_serializer=_DUMP,
        json_deserializer=read_json,
        creator=partial(open_unchanging, database),
        poolclass=sa.NullPool,
    )
    sa.event.listen(engine, "connect", _set_up_reading)
    sa.event.listen(engine, "begin", _begin)
    return engine


def open_unchanging(database: Path) -> sqlite3.Connection:
    """Open an SQLite file in a folder that cannot be written to.

    Whether somebody who may write is at it, shown by the log beside it, decides whether locks are
    looked at. Without a log, SQLite must be told that nothing changes, because it cannot make the
    files by which readers and writers agree.
    """
    changing = database.with_name(f"{database.name}-wal").exists()
    name = f"{database.absolute().as_uri()}?mode=ro{'' if changing else '&immutable=1'}"
    return sqlite3.connect(name, uri=True, check_same_thread=False)


def _set_up(connection: Any, _record: object) -> None:
    # The driver's own notion of when a transaction starts leaves reads and table changes out.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _set_up_reading(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


def _begin(connection: sa.Connection) -> None:
    # A reader that turns writer halfway cannot wait for the lock: ask for it at the start.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
