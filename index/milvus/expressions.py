"""What may be found, as Milvus is told it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from index.keys import ascending
from index.milvus.schema import NAME_BYTES
from index.types import Keys, Scope

EVERYTHING = ""
# Keys listed in one expression, and runs of neighbouring ones; what needs more is asked in parts.
MOST_LISTED = 8_000
MOST_RUNS = 60
# A run up to here is listed.
SHORT_RUN = 3


def of_scope(scope: Scope) -> str:
    """Return what rows must fulfil to be in a scope."""
    return " and ".join(_conditions(scope)) or EVERYTHING


def _conditions(scope: Scope) -> Iterator[str]:
    if scope.document is not None:
        yield f"document == {quoted(scope.document)}"
    if scope.type is not None:
        yield f"type == {quoted(scope.type)}"
    if scope.since is not None:
        yield f"issued >= {day_number(scope.since)}"
    if scope.until is not None:
        yield f"issued > 0 and issued <= {day_number(scope.until)}"
    lists = (
        ("issuers", scope.issuers),
        ("ministries", scope.ministries),
        ("collections", scope.collections),
    )
    for field, names in lists:
        if names:
            listed = ", ".join(map(quoted, names))
            yield f"array_contains_any({field}, [{listed}])"


def of_keys(keys: Iterable[int]) -> str:
    """Return the expression for few keys."""
    return f"key in [{', '.join(map(str, keys))}]"


def parts_of(allowed: Keys) -> list[str]:
    """Return expressions that together stand for all keys, none of them too long for Milvus."""
    parts: list[str] = []
    listed: list[int] = []
    runs: list[str] = []
    for first, last in _runs(ascending(allowed)):
        if last - first < SHORT_RUN:
            listed += range(first, last + 1)
        else:
            runs.append(f"(key >= {first} and key <= {last})")
        if len(listed) >= MOST_LISTED or len(runs) >= MOST_RUNS:
            parts.append(_any(listed, runs))
            listed, runs = [], []
    if listed or runs:
        parts.append(_any(listed, runs))
    return parts


def _runs(keys: Keys) -> Iterator[tuple[int, int]]:
    breaks = np.flatnonzero(np.diff(keys) > 1)
    firsts = keys[np.concatenate(([0], breaks + 1)).astype(np.int64)] if len(keys) else keys
    lasts = keys[np.concatenate((breaks, [len(keys) - 1])).astype(np.int64)] if len(keys) else keys
    return zip(firsts.tolist(), lasts.tolist(), strict=True)


def _any(listed: list[int], runs: list[str]) -> str:
    return " or ".join([*([of_keys(listed)] if listed else []), *runs])


def quoted(text: str) -> str:
    """Return a text as a literal, shortened as the field it is compared with."""
    return json.dumps(shortened(text), ensure_ascii=False)


def shortened(text: str) -> str:
    """Return a name as it is kept: without control characters, in at most so many bytes."""
    plain = "".join(sign for sign in text if sign.isprintable())
    return plain.encode()[:NAME_BYTES].decode(errors="ignore")


def day_number(day: date) -> int:
    """Return a day as a number that grows with it: 20260131."""
    return day.year * 10_000 + day.month * 100 + day.day
