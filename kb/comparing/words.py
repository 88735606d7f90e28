"""Which words of a text became which of another.

Words are aligned by a longest common subsequence, found with one machine operation for many cells
at a time: H. Hyyrö, "Bit-parallel LCS-length computation revisited" (2004). Time and memory are
those of `len(old) * len(new)` bits, so no text, however made, takes long.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

from index.segment import cut_words
from kb.comparing.plain import Plain, folded
from kb.comparing.types import Op, WordChange

#: Bits the alignment of two texts may take (64 MB); beyond, all of the middle is replaced.
MOST_BITS = 1 << 29

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _Run:
    """Words `[old_start, old_end)` against words `[new_start, new_end)`."""

    equal: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def word_changes(old: str, new: str) -> tuple[WordChange, ...]:
    """Return runs of words equal, inserted, deleted and replaced; together they are both texts.

    What `kb.comparing.plain` folds away makes no difference. The runs from `new` to `old` are the
    same ones turned round.
    """
    if old > new:
        return tuple(_turned(change) for change in word_changes(new, old))
    left, right = folded(old), folded(new)
    if not left.text or not right.text:
        return (_change(left.text == right.text, old, new),) if old or new else ()
    old_words, new_words = cut_words(left.text), cut_words(right.text)
    runs = _readable(_runs(old_words, new_words), old_words, new_words)
    old_cuts = _cuts(left, old_words, len(old))
    new_cuts = _cuts(right, new_words, len(new))
    return tuple(
        _change(
            run.equal,
            old[old_cuts[run.old_start] : old_cuts[run.old_end]],
            new[new_cuts[run.new_start] : new_cuts[run.new_end]],
        )
        for run in runs
    )


def common(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int, int]]:
    """Return the index pairs of a longest common subsequence, ascending."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = _lcs(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((at, at) for at in range(head)),
        *((head + i, head + j) for i, j in middle),
        *((len(old) - at, len(new) - at) for at in range(tail, 0, -1)),
    ]


def _lcs(old: Sequence[Item], new: Sequence[Item]) -> list[tuple[int, int]]:
    if not old or not new or len(old) * len(new) > MOST_BITS:
        return []
    places: dict[Item, int] = {}
    for at, item in enumerate(old):
        places[item] = places.get(item, 0) | 1 << at
    rows = [(1 << len(old)) - 1]
    whole = rows[0]
    for item in new:
        row = rows[-1]
        both = row & places.get(item, 0)
        rows.append((row + both | row - both) & whole)
    pairs: list[tuple[int, int]] = []
    i, j = len(old), len(new)
    while i and j:
        if old[i - 1] == new[j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif rows[j] >> (i - 1) & 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[_Run]:
    """Gather aligned words into runs, equal ones and those between."""
    i = j = 0
    begun = (0, 0)
    for left, right in [*common(old, new), (len(old), len(new))]:
        if left > i or right > j:
            if i > begun[0]:
                yield _Run(True, begun[0], i, begun[1], j)
            yield _Run(False, i, left, j, right)
            begun = (left, right)
        i, j = left + 1, right + 1
    if len(old) > begun[0]:
        yield _Run(True, begun[0], len(old), begun[1], len(new))


def _readable(runs: Iterator[_Run], old: Sequence[str], new: Sequence[str]) -> list[_Run]:
    """Take equal runs that are shorter than the changes on both their sides into these.

    A comma or a 的 that two rewritten phrases share says nothing of where one became the other.
    """
    kept: list[_Run] = []
    for run in runs:
        kept.append(run)
        while (
            len(kept) > 2
            and not kept[-1].equal
            and _drowned((kept[-3], kept[-2], kept[-1]), old, new)
        ):
            first, last = kept[-3], kept[-1]
            kept[-3:] = [_Run(False, first.old_start, last.old_end, first.new_start, last.new_end)]
    return kept


def _drowned(runs: tuple[_Run, _Run, _Run], old: Sequence[str], new: Sequence[str]) -> bool:
    before, run, after = (
        max(
            sum(map(len, old[run.old_start : run.old_end])),
            sum(map(len, new[run.new_start : run.new_end])),
        )
        for run in runs
    )
    return runs[1].equal and run * 2 <= min(before, after)


def _cuts(text: Plain, words: Sequence[str], length: int) -> list[int]:
    """Return where each word begins in the text as it was, white space going with the word before.

    The first begins at 0 and what follows the last at `length`.
    """
    starts = [0, *accumulate(map(len, words))]
    cuts = [text.at[start] for start in starts]
    cuts[0], cuts[-1] = 0, length
    return cuts


def _change(equal: bool, old: str, new: str) -> WordChange:
    op: Op = "equal" if equal else "replace" if old and new else "delete" if old else "insert"
    return WordChange(op, old, new)


def _turned(change: WordChange) -> WordChange:
    op: Op = change.op
    if op in {"insert", "delete"}:
        op = "delete" if op == "insert" else "insert"
    return WordChange(op, change.new, change.old)
