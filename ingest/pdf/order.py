"""The rules by which blocks of a page follow one another, and the order they give.

A block comes before what stands below it in its own column, and before what stands to its right,
unless something that runs across both parts them: T. M. Breuel, "High Performance Document Layout
Analysis" (2003). Unlike there, what stands to the right comes later only where the two, or others
of their columns, are level: a title in the middle is not to the right of a heading further down.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.pdf.geometry import Rect

#: Boxes may overlap by this many points and still stand beside each other.
SLACK = 2.0


def in_order(boxes: Sequence[Rect]) -> list[int]:
    """Return the places of boxes in the order they are read.

    Where the rules leave a choice, reading goes on down the column it is in; where they go round
    in a circle, with the box that the fewest others should come before.
    """
    before = _before(boxes)
    order: list[int] = []
    left = set(range(len(boxes)))
    while left:
        fewest = min(len(before[i] & left) for i in left)
        ready = [i for i in left if len(before[i] & left) == fewest]
        last = boxes[order[-1]] if order else None
        order.append(min(ready, key=lambda i: _preference(boxes[i], last)))
        left.remove(order[-1])
    return order


def breaks(boxes: Sequence[Rect]) -> int:
    """Count the boxes, given in the order they are read, that an earlier one should have followed.

    The cost grows with the cube of the number of boxes.
    """
    before = _before(boxes)
    return sum(any(j > i for j in earlier) for i, earlier in enumerate(before))


def _preference(box: Rect, last: Rect | None) -> tuple[bool, float, float]:
    if last is None:
        return False, box.y0, box.x0
    below = box.y0 >= last.y0 and _across(box, last)
    return not below, box.y0, box.x0


def _before(boxes: Sequence[Rect]) -> list[set[int]]:
    """Return for each box the places of those that come before it."""
    before: list[set[int]] = [set() for _ in boxes]
    for i, a in enumerate(boxes):
        for j, b in enumerate(boxes):
            if i == j:
                continue
            if _across(a, b):
                if (a.y0, i) < (b.y0, j):
                    before[j].add(i)
            elif a.x1 <= b.x0 + SLACK and _beside(a, b, boxes):
                before[j].add(i)
    return before


def _beside(a: Rect, b: Rect, boxes: Sequence[Rect]) -> bool:
    """Tell whether a box stands in the column to the left of another's."""
    if any(_parts(c, a, b) for c in boxes):
        return False
    return _level(a, b) or any(
        (_level(c, b) and _across(c, a) and not _across(c, b))
        or (_level(c, a) and _across(c, b) and not _across(c, a))
        for c in boxes
    )


def _level(a: Rect, b: Rect) -> bool:
    return min(a.y1, b.y1) > max(a.y0, b.y0)


def _across(a: Rect, b: Rect) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > SLACK


def _parts(c: Rect, a: Rect, b: Rect) -> bool:
    """Tell whether a box stands between two others in height and runs across both."""
    return (
        c.y0 > min(a.y1, b.y1) - SLACK
        and c.y1 < max(a.y0, b.y0) + SLACK
        and _across(c, a)
        and _across(c, b)
    )
