"""Two versions of a document, clause by clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from kb.comparing.align import align, in_order, rejoin
from kb.comparing.plain import plain
from kb.comparing.sources import Source, source_of
from kb.comparing.types import CHANGE_STATUSES, Change, ChangeStatus, Diff, WordChange
from kb.comparing.units import Unit, shown, units_of
from kb.comparing.words import word_changes

Sections: TypeAlias = frozenset[tuple[tuple[str, ...], tuple[str, ...]]]


def compare(old: Source, new: Source) -> Diff:
    """Return what became of every clause of `old`, and which of `new` were added."""
    before, after = rejoin(units_of(old), units_of(new), (old.text, new.text))
    pairs = align(before, after)
    sections = _sections(before, after, pairs)
    ordered = in_order(pairs)
    changes: list[Change] = []
    for i, j in _sequence(len(before), len(after), pairs, ordered):
        left = before[i] if i is not None else None
        right = after[j] if j is not None else None
        if left and right:
            moved = _moved(left, right, sections, i in ordered)
            changes.append(_pair(old, new, left, right, moved))
        elif left:
            gone = shown(left, old)
            words = (WordChange("delete", gone.text, ""),)
            changes.append(Change("removed", gone, None, words))
        elif right:
            come = shown(right, new)
            changes.append(Change("added", None, come, (WordChange("insert", "", come.text),)))
    counted = Counter(change.status for change in changes)
    counts: dict[str, int] = {status: counted[status] for status in CHANGE_STATUSES}
    return Diff(old.about, new.about, counts, tuple(changes))


def compare_files(old: Path, new: Path) -> Diff:
    """Compare two files; no knowledge base. FileProblem where one cannot be read."""
    return compare(source_of(old), source_of(new))


def _pair(old: Source, new: Source, left: Unit, right: Unit, moved: bool) -> Change:
    changed = left.key != right.key
    status: ChangeStatus = "moved" if moved else "unchanged"
    if changed:
        status = "moved+changed" if moved else "changed"
    return Change(status, shown(left, old), shown(right, new), _words(old, new, left, right))


def _words(old: Source, new: Source, left: Unit, right: Unit) -> tuple[WordChange, ...]:
    """Mark the words of two units; numbers are compared apart from what they number."""
    heads = old.text[left.start : left.body], new.text[right.start : right.body]
    bodies = old.text[left.body : left.end], new.text[right.body : right.end]
    if plain(heads[0]) == plain(heads[1]):
        if left.key == right.key:
            return (WordChange("equal", heads[0] + bodies[0], heads[1] + bodies[1]),)
        return word_changes(heads[0] + bodies[0], heads[1] + bodies[1])
    number = word_changes(*heads) if not all(heads) else (WordChange("replace", *heads),)
    if left.key == right.key:
        return (*number, WordChange("equal", *bodies))
    return (*number, *word_changes(*bodies))


def _moved(left: Unit, right: Unit, sections: Sections, ordered: bool) -> bool:
    """Tell whether a unit stands elsewhere: under another number, in another section.

    What has no number stands elsewhere when it is out of order.
    """
    if left.number is None and right.number is None:
        return not ordered
    if plain(left.number or "") != plain(right.number or ""):
        return True
    return (left.heading_path, right.heading_path) not in sections


def _sections(old: Sequence[Unit], new: Sequence[Unit], pairs: dict[int, int]) -> Sections:
    """Return which section became which: that which most of its clauses are in now.

    So a section's new title or number moves none of its clauses.
    """
    votes = Counter((old[i].heading_path, new[j].heading_path) for i, j in pairs.items())
    most: tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]] = (Counter(), Counter())
    for (left, right), count in votes.items():
        most[0][left] = max(most[0][left], count)
        most[1][right] = max(most[1][right], count)
    return frozenset(
        (left, right)
        for (left, right), count in votes.items()
        if count in {most[0][left], most[1][right]}
    )


def _sequence(
    old: int, new: int, pairs: dict[int, int], ordered: set[int]
) -> list[tuple[int | None, int | None]]:
    """Return everything once in the new order; what is gone comes behind its old neighbour."""
    gone: dict[int, list[int]] = {}
    neighbour = -1
    for i in range(old):
        if i in ordered:
            neighbour = pairs[i]
        elif i not in pairs:
            gone.setdefault(neighbour, []).append(i)
    partner = {j: i for i, j in pairs.items()}
    sequence: list[tuple[int | None, int | None]] = [(i, None) for i in gone.get(-1, ())]
    for j in range(new):
        sequence.append((partner.get(j), j))
        sequence += [(i, None) for i in gone.get(j, ())]
    return sequence
