"""Say which paragraphs and tables go on in the next column or on the next page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.pdf import repair
from ingest.pdf.blocks import Draft, close_line
from ingest.pdf.lines import CAPTION, ends_sentence, starts_item

_OPEN = ("paragraph", "list")
#: What may stand between the parts of a paragraph without ending it.
_BETWEEN = ("footnote", "caption", "table")


def link(pages: Sequence[Sequence[Draft]], words: frozenset[str]) -> None:
    """Set `continues` on each block that the next page or column carries on.

    A paragraph's sentence may go on; so may a table, whose rows then have no headings of their own.
    """
    waiting: Draft | None = None
    before: Draft | None = None
    parted = False
    for drafts in pages:
        for draft in drafts:
            if waiting is not None and _carries_on(waiting, draft, parted=parted):
                _connect(waiting, draft, words)
            parted = draft.kind in _BETWEEN
            if not parted:
                waiting = draft if draft.kind in _OPEN else None
        if before is not None and drafts:
            _connect_tables(before, drafts[0])
        before = next((d for d in reversed(drafts) if d.kind != "footnote"), None)


def _carries_on(first: Draft, second: Draft, *, parted: bool) -> bool:
    """Tell whether a paragraph goes on in another; `parted` by a note, a caption or a table."""
    if second.kind not in _OPEN or not (first.lines and second.lines):
        return False
    if abs(first.last.size - second.first.size) > 0.08 * first.last.size:
        return False
    same_column = (
        abs(first.left - second.left) < 2 and 0 < second.first.y0 - first.last.y0 < 4 * first.size
    )
    if same_column or starts_item(second.first.text) or CAPTION.match(second.first.text):
        return False
    indented = second.first.x0 > second.left + 1.2 * second.first.size
    if indented or not first.full:
        return False
    if not ends_sentence(first.last.text):
        # `单位：元` over a table, and words that announce it, go on nowhere.
        announced = first.last.text[-1] in "：:" or first.last.x0 > first.left + 3 * first.size
        return not (parted and announced)
    return not parted and _uses_indent(first) and len(second.lines) > 1


def _uses_indent(draft: Draft) -> bool:
    return draft.first.x0 > draft.left + 1.2 * draft.first.size


def _connect(first: Draft, second: Draft, words: frozenset[str]) -> None:
    first.continues = True
    joint, hyphen = repair.line_joint(first.text, second.text, full=True, words=words)
    if joint or hyphen:
        first.text = close_line(first, first.text, joint, hyphen=hyphen)


def _connect_tables(first: Draft, second: Draft) -> None:
    """Join a table that ends a page to the one of the same columns that begins the next."""
    if first.table is None or second.table is None:
        return
    above, below = first.table.rows, second.table.rows
    alike = abs(first.left - second.left) < 4 and abs(first.right - second.right) < 4
    if not alike or len(above[0]) != len(below[0]):
        return
    first.continues = True
    heads = above[: first.table.header_rows]
    if below[: len(heads)] != heads:
        second.table = replace(second.table, header_rows=0)
