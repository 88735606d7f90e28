"""Connect to the database, and set it up to lose nothing and to keep nobody waiting for ever.

SQLite runs with a write-ahead log, so that readers never wait for the writer, and with
`synchronous=FULL`, so that a document reported as added survives a power cut: one flush for each
document, next to nothing beside parsing it.

PostgreSQL is asked with limits to how long anything takes, and its connections are tried before
they are used: the ones of a server that was started anew are let go of.
"""

from __future__ import annotations

import sqlite3
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kb.errors import HomeProblem
from kb.store.codec import read_json
from kb.store.dialect import POSTGRESQL, SQLITE, dump_json, dump_json_without_nul, without_nul

# Milliseconds to wait for another connection's transaction before giving up.
BUSY_TIMEOUT = 10_000
PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
)
#: Reads text that has decayed too, with a mark in its place: one document's title must not keep
#: the others from being found. `verify` tells which it is.
_READ_TEXT = partial(str, encoding="utf-8", errors="replace")
#: Seconds for a connection to be made, and to wait for one of this process's to be free.
CONNECT_TIMEOUT = 5
POOL_TIMEOUT = 10.0
#: Connections kept, and how many more there may be at a time; seconds after which one is made anew.
POOL_SIZE, POOL_MORE = 5, 20
POOL_AGE = 1800
#: Milliseconds that one statement, and waiting for a row another transaction changes, may take.
STATEMENT_TIMEOUT = 120_000
LOCK_TIMEOUT = 30_000
#: Seconds of silence after which the other end is asked whether it is there, and between two such
#: questions; milliseconds that what was sent may stay unconfirmed: a cut link is noticed by these.
KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
UNCONFIRMED = 15_000


def connect(url: str | sa.URL) -> sa.Engine:
    """Return an engine for a database URL; nothing is opened yet."""
    address = sa.make_url(url)
    if address.get_backend_name() == POSTGRESQL:
        return _connect_postgres(address)
    engine = sa.create_engine(address, json_serializer=dump_json, json_deserializer=read_json)
    if engine.dialect.name == SQLITE:
        sa.event.listen(engine, "connect", _set_up)
        sa.event.listen(engine, "begin", _begin)
    return engine


def _connect_postgres(address: sa.URL) -> sa.Engine:
    options = (
        f"-c statement_timeout={STATEMENT_TIMEOUT} -c lock_timeout={LOCK_TIMEOUT} "
        f"-c idle_in_transaction_session_timeout={STATEMENT_TIMEOUT} "
        # The server lets a session go that nobody is at, and with it locks: by itself after hours.
        f"-c tcp_keepalives_idle={KEEPALIVE['keepalives_idle']} "
        f"-c tcp_keepalives_interval={KEEPALIVE['keepalives_interval']} "
        f"-c tcp_keepalives_count={KEEPALIVE['keepalives_count']} "
        f"-c tcp_user_timeout={UNCONFIRMED}"
    )
    given: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": "policykb",
        "options": options,
        "tcp_user_timeout": UNCONFIRMED,
        **KEEPALIVE,
    }
    if find_spec("psycopg") is None:
        raise HomeProblem(
            "the setting `store` names PostgreSQL, whose driver is missing: "
            "run `pip install 'policykb[cluster]'`",
            code="settings",
        )
    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        json_serializer=dump_json_without_nul,
        json_deserializer=read_json,
        # A transaction that reads sees one moment, as with SQLite.
        isolation_level="REPEATABLE READ",
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_MORE,
        pool_timeout=POOL_TIMEOUT,
        pool_recycle=POOL_AGE,
        # What the address says itself comes first.
        connect_args={name: value for name, value in given.items() if name not in address.query},
    )
    sa.event.listen(engine, "before_cursor_execute", without_nul, retval=True)
    return engine


def connect_read_only(database: Path) -> sa.Engine:
    """Return an engine for an SQLite file in a folder that cannot be written to.

    Each transaction opens the file anew, as `open_unchanging` does.
    """
    engine = sa.create_engine(
        "sqlite://",
        json_serializer=dump_json,
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
    connection.text_factory = _READ_TEXT
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _set_up_reading(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.text_factory = _READ_TEXT
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT}")


def _begin(connection: sa.Connection) -> None:
    # A reader that turns writer halfway cannot wait for the lock: ask for it at the start.
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
