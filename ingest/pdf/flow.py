"""Say which paragraphs go on in the next column or on the next page."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.pdf import repair
from ingest.pdf.blocks import Draft, settle
from ingest.pdf.lines import CAPTION, ends_sentence, starts_item

_OPEN = ("paragraph", "list")


def link(pages: Sequence[Sequence[Draft]], words: frozenset[str]) -> None:
    """Set `continues` on each paragraph whose sentence the next body paragraph carries on."""
    waiting: Draft | None = None
    for drafts in pages:
        for draft in drafts:
            if waiting is not None and _carries_on(waiting, draft):
                _connect(waiting, draft, words)
            waiting = draft if draft.kind in _OPEN else None


def _carries_on(first: Draft, second: Draft) -> bool:
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
        return True
    return _uses_indent(first) and len(second.lines) > 1


def _uses_indent(draft: Draft) -> bool:
    return draft.first.x0 > draft.left + 1.2 * draft.first.size


def _connect(first: Draft, second: Draft, words: frozenset[str]) -> None:
    first.continues = True
    joint, hyphen = repair.line_joint(first.text, second.text, full=True, words=words)
    if joint and not hyphen:
        start, end, stops, box = first.spans[-1]
        stops = [*stops[:-1], (stops[-1][0] + len(joint), stops[-1][1])]
        first.spans[-1] = (start, end + len(joint), stops, box)
        first.text += joint


__all__ = ["link", "settle"]
