"""What to leave out of a file whose parsing failed, so that the rest of it is read.

A page that hangs, crashes the parser or takes too much memory is left out at the second try, it
and all after it at the third; of a file that is slow throughout the first third of what was read in
time is kept; and where all pages were read and what followed hung, first the layout model is left
out, then two thirds of the pages.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingest.parse import LayoutMode, Progress

TRIES = 3


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a file: what is left out of it, and why.

    `layout` overrides the option of that name where it is not None.
    """

    number: int = 1
    skip: frozenset[int] = frozenset()
    why: str = ""
    layout: LayoutMode | None = None


def next_attempt(before: Attempt, at: Progress, *, slow: bool, why: str) -> Attempt | None:
    """Return how to try a file again that failed at a page; None where that is of no use.

    `slow` says that pages kept coming until the time was over.
    """
    again = replace(before, number=before.number + 1, why=why)
    if before.number >= TRIES or not at.pages or at.stage == "ocr":
        return None
    all_read = at.page >= at.pages
    if all_read and at.stage == "pages" and before.layout is None:
        return replace(again, layout="never")
    if slow or all_read:
        kept = min(at.page, min(before.skip, default=at.pages + 1) - 1) // 3
        first, last = kept + 1, at.pages
    else:
        first, last = at.page + 1, at.pages if before.skip else at.page + 1
    skip = before.skip.union(range(first, last + 1))
    return replace(again, skip=skip) if before.skip < skip and len(skip) < at.pages else None
