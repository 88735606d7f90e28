"""Locks of a store that several hosts share: PostgreSQL's advisory locks.

Each is held by a connection of its own and freed by the server when that ends, however it ends. A
connection that is lost loses its lock: what is done under one is such that two who do it at a time
waste work and harm nothing, or is tried by the next statement that needs the same server.

Connections must reach the server itself, or a pooler that keeps one for a session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kb.errors import HomeLocked
from kb.store.retry import persistent

logger = logging.getLogger(__name__)

#: Tells our locks from others' in the same database: "pkb" in ASCII.
OURS = 0x706B62
#: Seconds between two tries.
POLL = 0.1


class Held(IntEnum):
    """What may be held of a store."""

    #: By any number who write documents; alone by whoever changes tables or sweeps.
    WRITING = 1
    #: By the one who lets the index take in what has changed.
    PUBLISHING = 2


class StoreLocks:
    """The locks of one shared store."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def writing(self, *, alone: bool, patience: float) -> AbstractContextManager[None]:
        """Hold the lock of writers, with other writers or `alone`; HomeLocked."""
        return self._held(Held.WRITING, alone=alone, patience=patience)

    def publishing(self, patience: float) -> AbstractContextManager[None]:
        """Hold the lock of the one publisher; HomeLocked."""
        return self._held(Held.PUBLISHING, alone=True, patience=patience)

    @contextmanager
    def _held(self, what: Held, *, alone: bool, patience: float) -> Iterator[None]:
        connection = persistent(self._engine, self._engine.connect)
        try:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            self._acquire(connection, what, alone=alone, patience=patience)
            yield
        finally:
            _let_go(connection)

    def _acquire(
        self, connection: sa.Connection, what: Held, *, alone: bool, patience: float
    ) -> None:
        name = "pg_try_advisory_lock" if alone else "pg_try_advisory_lock_shared"
        asked = sa.text(f"SELECT {name}(:ours, :what)")
        deadline = time.monotonic() + patience
        while not connection.execute(asked, {"ours": OURS, "what": int(what)}).scalar_one():
            if time.monotonic() >= deadline:
                raise HomeLocked(_refusal(what, alone=alone))
            time.sleep(POLL)


def _refusal(what: Held, *, alone: bool) -> str:
    if what is Held.PUBLISHING:
        return "another policykb is bringing the index up to date: try again when it has finished"
    if alone:
        return "others are adding documents to this store: try again when they have finished"
    return "another policykb is changing this store as a whole: try again when it has finished"


def _let_go(connection: sa.Connection) -> None:
    """End the connection, and with it the lock, rather than hand it to others."""
    try:
        connection.invalidate()
    except DBAPIError as error:
        logger.warning("a lock's connection was lost: %s", error.orig)
    finally:
        connection.close()
