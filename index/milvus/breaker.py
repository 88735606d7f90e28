"""Ask an engine that does not answer no more for a while, so that nobody waits for it in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Failures one after the other that open it: one stumble is none.
FAILURES = 5
# Seconds it stays open; then one call tries.
PAUSE = 2.0


class Breaker:
    """Counts failures in a row; open, it lets nobody through but one trial after each pause."""

    def __init__(
        self,
        failures: int = FAILURES,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._guard = threading.Lock()
        self._failed = 0
        self._opened = 0.0
        self._trying = False

    def blocked(self) -> float:
        """Return the seconds that are to be waited yet, 0 where a call may be made.

        A call that may be made while it is open is the one trial: it must end in `succeeded` or
        `failed`.
        """
        with self._guard:
            if self._failed < self._most:
                return 0.0
            left = self._opened + self._pause - self._clock()
            if left > 0:
                return left
            if self._trying:
                return self._pause
            self._trying = True
            return 0.0

    def succeeded(self) -> None:
        """Close it."""
        with self._guard:
            self._failed = 0
            self._trying = False

    def failed(self) -> None:
        """Count a failure; open it where there were enough, or the trial failed."""
        with self._guard:
            self._failed += 1
            self._trying = False
            if self._failed >= self._most:
                self._opened = self._clock()
