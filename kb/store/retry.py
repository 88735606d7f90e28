"""Ask a database on another machine again where it does not answer, for a while.

What fails because a connection was lost, the server is being started anew, or two transactions got
in each other's way, is done again after a pause (`kb.pauses`). Every operation of a store is a
transaction, and doing it twice leaves what doing it once leaves, so that one whose confirmation was
lost is done again as well.

Once patience has run out, others are told at once for some seconds that the database does not
answer, instead of each waiting in turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from kb.errors import StoreUnavailable
from kb.pauses import full_jitter
from kb.store.dialect import is_shared

_T = TypeVar("_T")

#: Seconds that somebody who asks is kept waiting for a database that does not answer.
PATIENCE = 10.0
#: Seconds that work goes on trying that nobody sits in front of, such as reading files in.
LONG_PATIENCE = 600.0
#: Seconds of the first pause, and of the longest; each is drawn from nothing up to that.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
#: Seconds in which others are told at once.
OPEN_FOR = 5.0
#: Classes and codes of SQLSTATE after which the same may succeed: lost connections, a server that
#: stops or starts, too many connections, transactions in each other's way.
PASSING = ("08", "57P01", "57P02", "57P03", "53300", "40001", "40P01", "55P03")
#: What a server says that is there and does not let us in; the code is not handed on.
REFUSALS = ("authentication failed", "does not exist", "no pg_hba.conf entry", "not permitted")

_patience: ContextVar[float] = ContextVar("patience", default=PATIENCE)


class _Inside(threading.local):
    """Whether this thread is within an operation already."""

    operation = False


_inside = _Inside()


@contextmanager
def patient(seconds: float = LONG_PATIENCE) -> Iterator[None]:
    """Let everything within wait longer for a database that does not answer."""
    token = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(token)


def is_passing(error: DBAPIError) -> bool:
    """Tell whether what failed may succeed when it is done again."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlstate", None)
    if code is not None:
        return str(code).startswith(PASSING)
    # Without a code there was no answer, or no connection.
    lost = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    return lost and not any(words in str(error.orig) for words in REFUSALS)


@dataclass(slots=True)
class _Circuit:
    """Whether a database is known not to answer just now."""

    open_until: float = 0.0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def check(self, engine: sa.Engine) -> None:
        """Refuse where it was tried long enough a moment ago."""
        left = self.open_until - time.monotonic()
        if left > 0 and _patience.get() <= PATIENCE:
            raise unavailable(engine, f"tried again in {left:.0f} s")

    def opened(self) -> None:
        """Let others be told at once."""
        with self.guard:
            self.open_until = time.monotonic() + OPEN_FOR

    def closed(self) -> None:
        """Let everybody try."""
        self.open_until = 0.0


_circuits: WeakKeyDictionary[sa.Engine, _Circuit] = WeakKeyDictionary()


def unavailable(engine: sa.Engine, reason: str) -> StoreUnavailable:
    """Return the error that says which database does not answer."""
    url = engine.url
    where = f"{url.host or 'this machine'}:{url.port or 5432}/{url.database}"
    return StoreUnavailable(
        f"the database {where} does not answer ({reason}): see that it runs and can be reached "
        "from here, then try again; nothing that was reported as done is lost"
    )


def persistent(engine: sa.Engine, operation: Callable[[], _T]) -> _T:
    """Do an operation, again and again where what stops it passes; StoreUnavailable."""
    if not is_shared(engine) or _inside.operation:
        return operation()
    circuit = _circuits.setdefault(engine, _Circuit())
    circuit.check(engine)
    deadline = time.monotonic() + _patience.get()
    pauses = full_jitter(FIRST_PAUSE, LONGEST_PAUSE)
    while True:
        _inside.operation = True
        try:
            done = operation()
        except sa.exc.TimeoutError as error:
            raise unavailable(engine, "all connections are in use") from error
        except DBAPIError as error:
            if not is_passing(error):
                raise
            if time.monotonic() >= deadline:
                circuit.opened()
                raise unavailable(engine, _first_line(error)) from error
        else:
            circuit.closed()
            return done
        finally:
            _inside.operation = False
        time.sleep(next(pauses))


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["no reason given"])[0]


class Persistent:
    """Something whose public methods are operations that `persistent` does."""

    _engine: sa.Engine

    def __init_subclass__(cls, **given: Any) -> None:
        """Let what a class adds be done again where what stops it passes."""
        super().__init_subclass__(**given)
        for name, member in list(vars(cls).items()):
            plain = callable(member) and not isinstance(member, type | classmethod | staticmethod)
            if plain and not name.startswith("_") and not isgeneratorfunction(member):
                setattr(cls, name, _persistently(member))


def _persistently(method: Callable[..., _T]) -> Callable[..., _T]:
    @wraps(method)
    def called(self: Any, /, *args: Any, **named: Any) -> _T:
        return persistent(self._engine, lambda: method(self, *args, **named))

    return called
