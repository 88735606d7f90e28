"""Measures of a ranking, as trec_eval and BEIR define them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Return the discounted cumulative gain of the first `k` over the best there could be.

    Gains are the grades themselves and discounts log2(rank + 1), as trec_eval's ndcg_cut has them
    (Järvelin and Kekäläinen, 2002). 0 where nothing is relevant.
    """
    gained = sum(
        relevant.get(name, 0) / math.log2(rank + 1) for rank, name in enumerate(ranked[:k], start=1)
    )
    grades = sorted(relevant.values(), reverse=True)[:k]
    best = sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
    return gained / best if best > 0 else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """Return the part of what is relevant (grade above 0) that is among the first `k`."""
    sought = {name for name, grade in relevant.items() if grade > 0}
    return len(sought & set(ranked[:k])) / len(sought) if sought else 0.0


def mean(values: Sequence[float]) -> float:
    """Return the arithmetic mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def percentile(values: Sequence[float], part: float) -> float:
    """Return the nearest-rank percentile: the least value that `part` of them do not exceed."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
