"""When segments of the vector index become one.

Segments that are small beside what is written anyway are written again with it, so that there are
about as many as the index has been doubled; each row is written again about as often. Exact
segments beside inverted lists are read whole by every search, so they join the lists when they have
grown. Where much was removed, the room is taken back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The largest index that is looked through whole: exact search of 256 dimensions takes 1.8 ms at
# 100 k rows, inverted lists 0.5.
LARGEST_EXACT = 100_000
# Rows in exact segments beside inverted lists: 1 ms a search. The lists of 1 M passages are then
# written again, in seconds, once in so many passages, which take a minute to index.
LARGEST_TAIL = 50_000
# Segments up to so many rows always join what is written: 2 MB of vectors.
SMALL = 4_096
# The share of a segment's rows that may be dead.
MOST_DEAD = 0.25


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows a segment has, how many were not removed, and whether it is inverted lists."""

    rows: int
    live: int
    inverted: bool


def joined(sizes: Sequence[Size], added: int) -> frozenset[int]:
    """Return the places of the segments, oldest first, to be written again with `added` rows."""
    chosen = {at for at, one in enumerate(sizes) if one.rows - one.live > MOST_DEAD * one.rows}
    written = added + sum(sizes[at].live for at in chosen)
    if not chosen and not added:
        return frozenset()
    for at in reversed(range(len(sizes))):
        if at not in chosen and sizes[at].live <= max(written, SMALL):
            chosen.add(at)
            written += sizes[at].live
    tail = added + sum(one.live for one in sizes if not one.inverted)
    if added + sum(one.live for one in sizes) > LARGEST_EXACT and tail > LARGEST_TAIL:
        chosen = set(range(len(sizes)))
    return frozenset(chosen)
