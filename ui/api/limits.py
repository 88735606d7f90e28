"""How many requests a key or an address may make; counted by the library `limits`.

In the process alone, in the storage that `--rate-storage` names, or, where several hosts share the
store and it names none, in that.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, Self

from limits import RateLimitItem, parse
from limits.storage import SlidingWindowCounterSupport, Storage, storage_from_string
from limits.strategies import (
    MovingWindowRateLimiter,
    RateLimiter,
    SlidingWindowCounterRateLimiter,
)

from kb import KBError, KnowledgeBase, SharedRates
from ui.api.options import IN_PROCESS, ServiceOptions

Counted = Literal["key", "address", "failure"]
#: Wrong keys that one address may try: a secret of 256 bits is not guessed at this rate or any
#: other, and whoever tries more is not mistaken about a letter.
FAILURES = "20/minute"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a rate; `reset` is in how many seconds more is allowed."""

    allowed: bool
    limit: int
    window: int
    remaining: int
    reset: int

    @property
    def headers(self) -> Mapping[str, str]:
        """The standard headers that tell of it (draft-ietf-httpapi-ratelimit-headers-06)."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
            "RateLimit-Policy": f"{self.limit};w={self.window}",
        }
        return told if self.allowed else {**told, "Retry-After": str(self.reset)}


class InStore(Storage, SlidingWindowCounterSupport):
    """A storage of `limits` that every host of a store shares; it counts by sliding windows alone.

    The library takes none that is not a `Storage`, and asks it for nothing of what is refused here.
    """

    STORAGE_SCHEME = None

    def __init__(self, rates: SharedRates) -> None:
        super().__init__()
        self._rates = rates

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong is told as it is."""
        return KBError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Refuse to count otherwise."""
        raise NotImplementedError(key, expiry, amount)

    def get(self, key: str) -> int:
        """Refuse to count otherwise."""
        raise NotImplementedError(key)

    def get_expiry(self, key: str) -> float:
        """Refuse to count otherwise."""
        raise NotImplementedError(key)

    def check(self) -> bool:
        """Tell that it can be asked; whether the store answers is seen when it is."""
        return True

    def reset(self) -> int | None:
        """Refuse to forget everybody."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Forget what somebody has asked."""
        self._rates.clear(key)

    def acquire_sliding_window_entry(
        self, key: str, limit: int, expiry: int, amount: int = 1
    ) -> bool:
        """Count a request where it is within the limit."""
        return self._rates.spend(key, limit, expiry, amount)

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return how many asked in the window before and in this, and when each is over."""
        return self._rates.windows(key, expiry)

    def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002 - as in `limits`
        """Forget what somebody has asked."""
        self._rates.clear(key)


class Limits:
    """Counts requests; safe to share between threads."""

    def __init__(self, options: ServiceOptions, counter: RateLimiter | None = None) -> None:
        """Count by the rates of the options; ValueError for a rate or storage that is none."""
        self._options = options
        self._counter = counter or MovingWindowRateLimiter(
            storage_from_string(options.rate_storage)
        )
        rates = {"key": options.key_rate, "address": options.address_rate, "failure": FAILURES}
        self._rates: Mapping[str, RateLimitItem | None] = MappingProxyType(
            {kind: parse(rate) if rate else None for kind, rate in rates.items()}
        )

    def shared_by(self, base: KnowledgeBase) -> Self:
        """Return what counts for all hosts of a knowledge base, itself where it has one."""
        rates = SharedRates.of(base) if self._options.rate_storage == IN_PROCESS else None
        if rates is None:
            return self
        counter = SlidingWindowCounterRateLimiter(InStore(rates))
        return type(self)(self._options, counter)

    def spend(self, kind: Counted, who: str) -> Allowance | None:
        """Count a request of someone; None where as many are allowed as come."""
        rate = self._rates[kind]
        if rate is None:
            return None
        return self._told(rate, kind, who, self._counter.hit(rate, kind, who))

    def look(self, kind: Counted, who: str) -> Allowance | None:
        """Return what someone is allowed, without counting anything."""
        rate = self._rates[kind]
        if rate is None:
            return None
        return self._told(rate, kind, who, self._counter.test(rate, kind, who))

    def _told(self, rate: RateLimitItem, kind: str, who: str, allowed: bool) -> Allowance:
        window = self._counter.get_window_stats(rate, kind, who)
        reset = max(1, math.ceil(window.reset_time - time.time()))
        return Allowance(allowed, rate.amount, rate.get_expiry(), max(0, window.remaining), reset)
