"""One writer at a time, across processes; readers never wait.

Where several hosts share one store, each has a home of its own with its own lock, and the locks of
the store (`kb.store.locks`) are held beside it.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Protocol

from kb.errors import HomeLocked

POLL = 0.05


class Beside(Protocol):
    """Gives what is to be held beside the lock: `alone` by nobody else, else by any number."""

    def __call__(self, *, alone: bool, patience: float) -> AbstractContextManager[None]:
        """Return what holds it; HomeLocked."""
        ...


class WriterLock:
    """Lets one thread of one process write to a home; the system frees it when that one dies.

    Threads of this object wait for one another; another process, or another knowledge base open
    in this process, is waited for `patience` seconds and then refused with HomeLocked. May be
    held again by the thread that holds it. `check`, where set, is called whenever the lock was
    taken, and may raise. `beside` is what is held with it: by default nothing.
    """

    def __init__(self, path: Path, patience: float = 1.0) -> None:
        self.path = path
        self.patience = patience
        self.check: Callable[[], None] | None = None
        self.beside: Beside | None = None
        #: Whether it is held, and alone.
        self.is_alone = False
        self._thread_lock = threading.RLock()
        self._depth = 0

    @contextmanager
    def held(self, *, patience: float | None = None, alone: bool = False) -> Iterator[None]:
        """Hold the lock; raises HomeLocked when another process has it.

        With a `patience` given, another thread of this object is waited for no longer either.
        `alone` keeps out those as well who write to the same store from other homes.
        """
        if not self._thread_lock.acquire(timeout=-1 if patience is None else patience):
            raise self._refused()
        try:
            if self._depth:
                yield
                return
            waiting = self.patience if patience is None else patience
            with self.path.open("a+b") as file:
                self._acquire(file, waiting)
                self._depth += 1
                try:
                    if self.check is not None:
                        self.check()
                    with self._and_beside(alone=alone, patience=waiting):
                        self.is_alone = alone
                        yield
                finally:
                    self.is_alone = False
                    self._depth -= 1
                    _unlock(file)
        finally:
            self._thread_lock.release()

    def _and_beside(self, *, alone: bool, patience: float) -> AbstractContextManager[None]:
        return self.beside(alone=alone, patience=patience) if self.beside else nullcontext()

    def _acquire(self, file: BinaryIO, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                raise self._refused()
            time.sleep(POLL)

    def _refused(self) -> HomeLocked:
        return HomeLocked(
            f"another policykb is writing to {self.path.parent}: "
            "try again when it has finished, or stop it first"
        )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
