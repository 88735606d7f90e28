"""Keep out of a shared store who lost a lock and does not know it.

A lock is freed when its connection ends, and another may take it before its holder notices. So
each lock has an epoch, a number of `counters`: whoever takes the lock alone raises it to the next
odd one, and the first who takes it with others after that to the next even one. A holder notes the
epoch at which it came in, and every transaction that it writes under the lock reads it again, and
keeps it from being raised until the transaction ends (`FOR SHARE`). So who comes next waits for
what was begun before, and what is begun later is refused ("fencing token": M. Kleppmann, Designing
Data-Intensive Applications, 2017, chapter 8).

Before each transaction the holder's connection is asked whether it is still there. Where it is not,
the lock is taken anew; nothing was missed if the epoch is the same.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kb.errors import HomeLocked
from kb.store.tables import counters

logger = logging.getLogger(__name__)

#: Tells our locks from others' in the same database: "pkb" in ASCII.
OURS = 0x706B62
#: Seconds between two tries to take a lock.
POLL = 0.1
#: Seconds to try to take a lock anew: who else wants it alone may have been quicker.
REGAIN = 2.0


class Held(IntEnum):
    """What may be held of a store."""

    #: By any number who write documents; alone by whoever changes tables or sweeps.
    WRITING = 1
    #: By the one who lets the index take in what has changed.
    PUBLISHING = 2


@dataclass(slots=True)
class Fence:
    """A lock that is held, its connection, and the epoch at which it was taken.

    The epoch is None where the database has no tables yet.
    """

    engine: sa.Engine
    what: Held
    alone: bool
    _connection: sa.Connection | None = None
    _server: int = 0
    _epoch: int | None = None
    #: Once another was in, nothing brings it back.
    _is_lost: bool = False

    def take(self, patience: float) -> None:
        """Take the lock; HomeLocked."""
        with self._locking(patience) as connection:
            self._epoch = _enter(connection, self.what, alone=self.alone)

    def ensure(self) -> None:
        """See that the lock is held, and take it anew where its connection was lost; HomeLocked."""
        if self._is_lost:
            raise self._lost()
        if self._is_there():
            return
        self.let_go()
        logger.warning("the connection that held a lock was lost: taking the lock anew")
        try:
            with self._locking(REGAIN) as connection:
                same = self._epoch is None or _epoch(connection, self.what) == self._epoch
        except HomeLocked as error:
            raise self._lost() from error
        if not same:
            raise self._lost()

    def check(self, connection: sa.Connection) -> None:
        """Keep others from coming in until a transaction ends; HomeLocked where one has."""
        if self._epoch is None:
            return
        if _epoch(connection, self.what, keeping=True) != self._epoch:
            raise self._lost()

    def let_go(self) -> None:
        """End the connection, and with it the lock, rather than hand it to others."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.invalidate()
        except DBAPIError as error:
            logger.warning("a lock's connection was lost: %s", error.orig)
        finally:
            connection.close()

    @contextmanager
    def _locking(self, patience: float) -> Iterator[sa.Connection]:
        """Take the lock, and let it go again where that or what is done within fails."""
        connection = self._connection = self.engine.connect()
        try:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            self._server = connection.execute(_SERVER).scalar_one()
            _acquire(connection, self.what, alone=self.alone, patience=patience)
            yield connection
        except BaseException:
            self.let_go()
            raise

    def _is_there(self) -> bool:
        """Tell whether the connection is there, and is the same server process's."""
        if self._connection is None:
            return False
        with suppress(DBAPIError):
            return bool(self._connection.execute(_SERVER).scalar_one() == self._server)
        return False

    def _lost(self) -> HomeLocked:
        self._is_lost = True
        self.let_go()
        if self.what is Held.PUBLISHING:
            return HomeLocked(
                "the connection that held the publishers' lock was lost, and another policykb "
                "brings the index up to date: nothing is lost"
            )
        return HomeLocked(
            "the connection that held the writers' lock was lost, and another policykb has taken "
            "the store since: run the command again; what was reported as done is in"
        )


_SERVER = sa.text("SELECT pg_backend_pid()")
#: Locks that are held here, innermost last.
_held: ContextVar[tuple[Fence, ...]] = ContextVar("held", default=())


@contextmanager
def fenced(fence: Fence) -> Iterator[None]:
    """Let every transaction that is written within be refused once a lock is another's."""
    token = _held.set((*_held.get(), fence))
    try:
        yield
    finally:
        _held.reset(token)


def ensure(engine: sa.Engine) -> None:
    """See that the locks of a store that are held here still are; HomeLocked."""
    for fence in _held.get():
        if fence.engine is engine:
            fence.ensure()


def check(connection: sa.Connection) -> None:
    """Bind a transaction to the locks of its store that are held here; HomeLocked."""
    for fence in _held.get():
        if fence.engine is connection.engine:
            fence.check(connection)


def _acquire(connection: sa.Connection, what: Held, *, alone: bool, patience: float) -> None:
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


def _name(what: Held) -> str:
    return f"epoch-{what.name.lower()}"


def _epoch(connection: sa.Connection, what: Held, *, keeping: bool = False) -> int:
    """Return an epoch; `keeping` it from being raised until the transaction ends."""
    query = sa.select(counters.c.value).where(counters.c.name == _name(what))
    if keeping:
        query = query.with_for_update(read=True)
    return connection.execute(query).scalar_one_or_none() or 0


#: Odd while the lock is held alone or was last, even while it is held by any number or was last.
_RAISED = """
    INSERT INTO counters (name, value) VALUES (:name, :first)
    ON CONFLICT (name) DO UPDATE SET value = counters.value + {step}
    RETURNING value
"""
_ALONE = sa.text(_RAISED.format(step="2 - (counters.value + 1) % 2"))
_TOGETHER = sa.text(_RAISED.format(step="counters.value % 2"))


def _enter(connection: sa.Connection, what: Held, *, alone: bool) -> int | None:
    """Return the epoch of whoever has just taken a lock, raised where others were in before."""
    there = connection.exec_driver_sql("SELECT to_regclass('counters') IS NOT NULL").scalar_one()
    if not there:
        return None
    if not alone:
        now = _epoch(connection, what)
        # Nobody can be alone while this lock is held.
        if now and now % 2 == 0:
            return now
    given = {"name": _name(what), "first": 1 if alone else 2}
    raised = connection.execute(_ALONE if alone else _TOGETHER, given)
    return int(raised.scalar_one())
