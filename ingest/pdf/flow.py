"""Say which paragraphs and tables go on in the next column or on the next page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ingest.pdf import repair
from ingest.pdf.blocks import Draft, close_line
from ingest.pdf.lines import CAPTION, ends_sentence, starts_item

_OPEN = ("paragraph", "list")
#: A caption that says that its table goes on, and what may stand between it and the table.
_CONTINUED = re.compile(
    r"(?:续\s?表|表\s?[\dA-Z一二三四五六七八九十][\d.．-]*\s?[（(]\s?续).{0,60}$|[（(]?续[）)]?$"
)
_UNIT = re.compile(r"[（(]?单位\s?[:：].{1,16}$")
_HEADS = 3
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
            _connect_tables(before, drafts[:_HEADS])
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


def _connect_tables(first: Draft, top: Sequence[Draft]) -> None:
    """Join a table that ends a page to the one of the same columns that begins the next.

    A caption that says so (续表 2, 表 2（续）) may stand above it, and the unit of its figures.
    """
    said = _CONTINUED.match(top[0].plain) is not None and top[0].table is None
    below_caption = [draft for draft in top[1:] if not _UNIT.match(draft.plain)]
    second = below_caption[0] if said and below_caption else top[0]
    if first.table is None or second.table is None:
        return
    above, below = first.table.rows, second.table.rows
    reach = 12 if said else 4
    alike = abs(first.left - second.left) < reach and abs(first.right - second.right) < reach
    if not alike or len(above[0]) != len(below[0]):
        return
    first.continues = True
    heads = above[: first.table.header_rows]
    if below[: len(heads)] != heads:
        second.table = replace(second.table, header_rows=0)
