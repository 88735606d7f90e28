"""The provisions of a document: each article of a law, each measure of an opinion.

A clause is the lowest numbered unit that has text of its own. In a law it is the article, with
its paragraphs and items; in an opinion or notice the measure, "（一）鼓励海外研发合作。…" under
"二、…", down to "1." where those too have headings or responsible bodies. In papers, and in other
texts that nobody issued, it is the section: items numbered within its text are part of it. Titles
of parts and chapters are a clause's path, not clauses.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from ingest.body import Paragraph, paragraphs
from ingest.model import Body, Clause, Metadata, Page, Responsibility
from ingest.numbering import NumberKind
from ingest.outline import RANKS, Heading, Outline, read_outline
from ingest.responsibility import ends_in_tail, first_bodies_lead, read_responsibility

#: Documents that describe and argue; their sentences put nobody in charge of anything.
RESEARCH_TYPES = frozenset({"论文", "研究报告", "白皮书", "财务报告", "新闻"})

_LETTERS: dict[NumberKind, str] = {
    "annex": "annex",
    "part": "part",
    "subpart": "subpart",
    "chapter": "ch",
    "section": "sec",
    "article": "art",
    "roman": "r",
    "ordinal": "o",
    "paren": "p",
    "plain": "d",
    "decimal": "d",
    "dotted": "d",
    "paren_arabic": "i",
    "circled": "c",
}
_FRAMES: frozenset[NumberKind] = frozenset({"annex", "part", "subpart", "chapter", "section"})
_ITEMS: frozenset[NumberKind] = frozenset({"decimal", "plain", "paren_arabic", "circled"})
_CLOSING_WORDS = re.compile(
    r"[\s\u3000]*(?:各地|各省|各级|各部门|各有关|各单位|国务院(?:各|有关)|以上|上述|特此|现将"
    r"|本(?:意见|通知|办法|规定|方案|规划|决定))"
)


def read_clauses(body: Body, pages: Sequence[Page], metadata: Metadata) -> tuple[Clause, ...]:
    """Read a document's clauses in order, each with the bodies it makes responsible.

    Names of bodies are resolved as of the document's date.
    """
    cut = paragraphs(pages)
    return clauses_of(body, cut, read_outline(cut), metadata)


def clauses_of(
    body: Body, cut: Sequence[Paragraph], outline: Outline, metadata: Metadata
) -> tuple[Clause, ...]:
    """Do as `read_clauses`, from paragraphs and an outline already read."""
    research = metadata.document_type in RESEARCH_TYPES
    maker = _ClauseMaker(body, cut, metadata.title, metadata.issued_on, research)
    essay = research or _is_unofficial(metadata)
    tops = [heading for heading in outline.headings if heading.parent is None]
    continuous = _numbered_through(outline)
    law = sum(h.rank == RANKS["article"] for h in outline.headings) > 1
    return tuple(
        maker.clause(heading, end)
        for top in tops
        for heading, end in _provisions(top, cut, essay)
        if not (law and _is_frame(heading))
        if not continuous or _is_measure(heading, maker, end)
    )


def _is_unofficial(metadata: Metadata) -> bool:
    """Tell a text that has none of an official document's marks."""
    return not (metadata.document_type or metadata.issuers or metadata.document_number)


def _is_measure(heading: Heading, maker: _ClauseMaker, end: int) -> bool:
    """Tell a measure from a frame, where measures are numbered through the whole document.

    Such a document counts its own measures, （一） to （十八） across 二、 to 七、; a section
    without any, "一、总体要求", is one only if it puts somebody in charge.
    """
    if heading.number is None or heading.number.kind != "ordinal" or heading.children:
        return True
    return bool(maker.responsibility(heading.start, end))


def _numbered_through(outline: Outline) -> bool:
    """Tell whether （一）（二）… runs on from one 一、二、 to the next instead of restarting."""
    parents = [
        heading.children[0].number.value
        for heading in outline.headings
        if heading.number
        and heading.number.kind == "ordinal"
        and heading.children
        and heading.children[0].number
        and heading.children[0].number.kind == "paren"
    ]
    return len(parents) > 1 and sum(value > 1 for value in parents) * 2 >= len(parents)


def _provisions(
    heading: Heading, cut: Sequence[Paragraph], essay: bool
) -> Iterator[tuple[Heading, int]]:
    """Yield the clauses at or below a heading, each with the offset where its text ends."""
    number = heading.number
    below = [child for child in heading.children if child.number is not None]
    frame = _is_frame(heading)
    if number is not None and not below and not (frame and heading.children):
        if _has_text(heading, cut):
            yield heading, _end(heading, cut)
    elif frame or _descend(heading, below, cut, essay):
        lead_end = heading.children[0].start if heading.children else heading.end
        if not frame and ends_in_tail(_between(cut, heading, lead_end)):
            yield heading, lead_end
        listed = essay and _is_list(below, cut)
        for child in heading.children:
            if not (listed and child in below):
                yield from _provisions(child, cut, essay)
    else:
        yield heading, _end(heading, cut)


def _is_frame(heading: Heading) -> bool:
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
    if any(ends_in_tail(text) for text in texts[:-1]):
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


class _ClauseMaker:
    """Make clauses of one document, giving each a number path that no other has."""

    def __init__(
        self,
        body: Body,
        cut: Sequence[Paragraph],
        title: str,
        on: date | None,
        research: bool,
    ) -> None:
        self.body = body
        self.cut = cut
        self.on = on
        self.research = research
        self.prefix = title_key(title)
        self.used: Counter[str] = Counter()
        self.first_leads = not research and first_bodies_lead(body.text)

    def clause(self, heading: Heading, end: int) -> Clause:
        raw = self.body.text[heading.start : end]
        start = heading.start + len(raw) - len(raw.lstrip())
        text = raw.strip()
        return Clause(
            clause_id=self._id(heading),
            number=heading.number.text if heading.number else "",
            heading_path=heading.path,
            start=start,
            end=start + len(text),
            text=text,
            responsibility=self.responsibility(start, end),
        )

    def responsibility(self, start: int, end: int) -> tuple[Responsibility, ...]:
        if self.research:
            return ()
        return read_responsibility(self.body.text[start:end], self.on, first_leads=self.first_leads)

    def _id(self, heading: Heading) -> str:
        path = number_path(heading)
        self.used[path] += 1
        again = f"_{self.used[path]}" if self.used[path] > 1 else ""
        return f"{self.prefix}-{path}{again}"


def number_path(heading: Heading) -> str:
    """Write a heading's numbers from the outermost down, as in "o2.p1" or "art120-1".

    An article's path is its own number, because articles run through the whole law.
    """
    chain = [heading]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    numbers = [h.number for h in reversed(chain) if h.number is not None]
    if numbers[-1].kind == "article":
        numbers = [n for n in numbers if n.kind in {"annex", "article"}]
    if numbers[-1].kind == "dotted":
        numbers = [n for n in numbers if n.kind not in {"plain", "decimal", "dotted"}]
        numbers.append(heading.number) if heading.number else None
    return ".".join(_LETTERS[n.kind] + "-".join(str(value) for value in n.values) for n in numbers)


def title_key(title: str) -> str:
    """Return twelve hexadecimal digits that depend on a title's letters and digits only."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    letters = "".join(char for char in plain if char.isalnum())
    return hashlib.blake2b(letters.encode(), digest_size=6).hexdigest()
