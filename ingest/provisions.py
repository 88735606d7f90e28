"""Which headings are provisions: the lowest numbered units that have text of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ingest.body import Paragraph
from ingest.headings import Heading
from ingest.numbering import NumberKind
from ingest.outline import Outline
from ingest.responsibility import bodies_at_end, ends_in_tail

_FRAMES: frozenset[NumberKind] = frozenset({"annex", "part", "subpart", "chapter", "section"})
_ITEMS: frozenset[NumberKind] = frozenset({"decimal", "plain", "paren_arabic", "circled"})
_CLOSING_WORDS = re.compile(
    r"[\s\u3000]*(?:各地|各省|各级|各部门|各有关|各单位|国务院(?:各|有关)|以上|上述|特此|现将"
    r"|本(?:意见|通知|办法|规定|方案|规划|决定))"
)


def provisions(
    outline: Outline, cut: Sequence[Paragraph], essay: bool, listed: frozenset[int]
) -> Iterator[tuple[Heading, int]]:
    """Yield the headings that are clauses, each with the offset where its text ends.

    `essay` says that the text is nobody's decision, so that its lists are no provisions;
    `listed` are the starts of items that are, one line as they may be (`items_with_bodies`).
    """
    for heading in outline.headings:
        if heading.parent is None:
            yield from _provisions(heading, cut, essay, listed)


def items_with_bodies(outline: Outline, cut: Sequence[Paragraph]) -> frozenset[int]:
    """Return the starts of the items of lists that name a body at each item's end."""
    lists: defaultdict[tuple[int, str], list[Heading]] = defaultdict(list)
    for heading in outline.headings:
        if heading.number is not None and not heading.children:
            parent = heading.parent.start if heading.parent else -1
            lists[parent, heading.number.kind].append(heading)
    found: set[int] = set()
    for items in lists.values():
        if _name_bodies(items, cut):
            found.update(item.start for item in items)
    return frozenset(found)


def _name_bodies(items: Sequence[Heading], cut: Sequence[Paragraph]) -> bool:
    """Tell a list whose items end in bodies, two at the least and most of them."""
    if len(items) < 2:
        return False
    named = sum(bool(bodies_at_end(_text(item, cut))) for item in items)
    return named >= 2 and named * 3 >= len(items) * 2


def _provisions(
    heading: Heading, cut: Sequence[Paragraph], essay: bool, listed: frozenset[int]
) -> Iterator[tuple[Heading, int]]:
    """Yield the clauses at or below a heading, each with the offset where its text ends."""
    number = heading.number
    below = [child for child in heading.children if child.number is not None]
    frame = is_frame(heading)
    if number is not None and not below and not (frame and heading.children):
        if heading.start in listed or _has_text(heading, cut) or ends_in_tail(_text(heading, cut)):
            yield heading, _end(heading, cut)
    elif frame or _descend(heading, below, cut, essay):
        lead_end = heading.children[0].start if heading.children else heading.end
        if not frame and ends_in_tail(_between(cut, heading, lead_end)):
            yield heading, lead_end
        items = below if essay and _is_list(below, cut) else ()
        for child in heading.children:
            if not any(child is item for item in items):
                yield from _provisions(child, cut, essay, listed)
    else:
        yield heading, _end(heading, cut)


def is_frame(heading: Heading) -> bool:
    """Tell a heading that only frames provisions: a chapter, an annex, one without a number."""
    return heading.number is None or heading.number.kind in _FRAMES


def _between(cut: Sequence[Paragraph], heading: Heading, end: int) -> str:
    inside = cut[heading.paragraph : heading.last_paragraph + 1]
    return "\n".join(paragraph.text for paragraph in inside if paragraph.end <= end)


def _has_text(heading: Heading, cut: Sequence[Paragraph]) -> bool:
    if heading.run_in or heading.end > heading.head_end:
        return True
    return cut[heading.paragraph].text.rstrip().endswith(("。", "；"))


def _is_list(items: Sequence[Heading], cut: Sequence[Paragraph]) -> bool:
    """Tell a list, "1. …；2. …。", from provisions."""
    kinds = {item.number.kind for item in items if item.number}
    texts = [_text(item, cut) for item in items[:-1]]
    ended = sum(text.endswith(("；", ";", "，")) for text in texts)
    return bool(texts) and kinds <= _ITEMS and ended * 2 >= len(texts)


def _descend(
    heading: Heading, below: Sequence[Heading], cut: Sequence[Paragraph], essay: bool
) -> bool:
    """Tell whether the units under a heading are provisions, and not items of its own list."""
    if heading.number is not None and heading.number.kind == "article":
        return False
    kinds = {child.number.kind for child in below if child.number}
    texts = [_text(child, cut) for child in below]
    if any(ends_in_tail(text) for text in texts[:-1]) or _name_bodies(below, cut):
        return True
    if "paren" in kinds:
        return sum(text.endswith(("；", ";", "，")) for text in texts) * 2 < len(texts)
    if kinds <= {"paren_arabic", "circled"}:
        return False
    if essay and kinds <= _ITEMS:
        headed = sum(
            bool(child.title) and child.last_paragraph > child.paragraph for child in below
        )
        headed -= sum(child.run_in for child in below)
    else:
        headed = sum(bool(child.title) and _has_text(child, cut) for child in below)
    return headed * 2 > len(below)


def _text(heading: Heading, cut: Sequence[Paragraph]) -> str:
    inside = cut[heading.paragraph : heading.last_paragraph + 1]
    return "\n".join(paragraph.text for paragraph in inside).rstrip()


def _end(heading: Heading, cut: Sequence[Paragraph]) -> int:
    """Find where a clause's text ends: after its responsibility tail, before closing words."""
    first = cut[heading.paragraph]
    if heading.children or heading.last_paragraph == heading.paragraph:
        return heading.end
    if heading.run_in and ends_in_tail(first.text):
        return first.end
    siblings = heading.parent.children if heading.parent else []
    if len(siblings) > 2 and siblings[-1] is heading:
        if any(s.last_paragraph > s.paragraph for s in siblings[:-1]):
            return heading.end
        for index in range(heading.paragraph + 1, heading.last_paragraph + 1):
            if _CLOSING_WORDS.match(cut[index].text):
                return cut[index - 1].end
    return heading.end
