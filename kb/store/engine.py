"""Connect to the database, and set up SQLite to lose nothing.

SQLite runs with a write-ahead log, so that readers never wait for the writer, and with
`synchronous=FULL`, so that a document reported as added survives a power cut: one flush for each
document, next to nothing beside parsing it.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import sqlalchemy as sa

# Milliseconds to wait for another connection's transaction before giving up.
BUSY_TIMEOUT = 10_000
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)


def connect(url: str | sa.URL) -> sa.Engine:
    """Return an engine for a database URL; nothing is opened yet."""
    dump = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    engine = sa.create_engine(url, json_serializer=dump)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)
    return engine


def _set_up(connection: Any, _record: object) -> None:
    # The driver's own notion of when a transaction starts leaves reads and table changes out.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _begin(connection: sa.Connection) -> None:
    # A reader that turns writer halfway cannot wait for the lock: ask for it at the start.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
