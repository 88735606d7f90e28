"""How long to wait before asking again."""

from __future__ import annotations

import random
from collections.abc import Iterator


def full_jitter(first: float, longest: float) -> Iterator[float]:
    """Yield seconds to wait, drawn by chance below a bound that doubles from `first` to `longest`.

    Many who lost the same server so do not all come back at once ("full jitter": M. Brooker,
    Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
    """
    bound = first
    while True:
        yield random.uniform(0, bound)  # noqa: S311 - no secret
        bound = min(2 * bound, longest)
