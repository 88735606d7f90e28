"""Headings: their numbers, their wording, and where they stand in the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingest.body import Paragraph
from ingest.numbering import Number, NumberKind, leading_number
from ingest.titles import is_official_title

#: How deep each kind of number stands, by the law on legislation and GB/T 9704.
RANKS: dict[NumberKind, float] = {
    "annex": 0,
    "part": 1,
    "subpart": 2,
    "chapter": 3,
    "section": 4,
    "article": 5,
    "roman": 5.5,
    "ordinal": 6,
    "paren": 7,
    "plain": 8,
    "decimal": 8,
    "dotted": 8,
    "paren_arabic": 9,
    "circled": 10,
}
LONGEST_HEADING = 64
_LEAD_SENTENCE = re.compile(r"[^。；！？\n]{1,48}?(?:。|$)")
_SET_APART = re.compile(r"(?<=[\u2e80-\u9fff、，“”（）])[\s\u3000]+(?=[\u2e80-\u9fff、，“”（）])")


@dataclass(slots=True)
class Heading:
    """A heading, and the section it opens: characters `[start, end)` of the body.

    `head_end` is where its own wording ends; a run-in heading is followed by text in the same
    paragraph (`run_in`). `title` is empty for a number that goes straight into its text, as a
    law's articles do. `paragraph` is its index; `parent` the heading it stands under; `level` and
    `size` are its paragraph's.
    """

    number: Number | None
    title: str
    start: int
    head_end: int
    paragraph: int
    rank: float
    parent: Heading | None
    level: int | None = None
    size: float = 0.0
    run_in: bool = False
    end: int = 0
    last_paragraph: int = 0
    children: list[Heading] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The heading as a path shows it: 二、健全国际物流体系; 第一章 总则."""
        if self.number is None:
            return self.title
        spaced = self.number.text[0] in "第附" or self.number.kind in {"plain", "dotted"}
        return f"{self.number.text}{' ' if spaced and self.title else ''}{self.title}"

    @property
    def path(self) -> tuple[str, ...]:
        """The labels of the headings above this one, outermost first."""
        return (*self.parent.path, self.parent.label) if self.parent else ()


def make_heading(
    paragraphs: Sequence[Paragraph],
    index: int,
    number: Number | None,
    rank: float,
    parent: Heading | None,
    lines: int,
) -> Heading:
    """Make the heading whose wording is the `lines` paragraphs from `index` on."""
    first, last = paragraphs[index], paragraphs[index + lines - 1]
    if number is None:
        title = "".join(tidy(p.text) for p in paragraphs[index : index + lines])
        return Heading(
            None, title, first.start, last.end, index, rank, parent, first.level, first.size
        )
    title, head_end, run_in = _title(first, number)
    if lines > 1:
        title, head_end = title + tidy(last.text), last.end
    if number.kind == "annex" and not title and index + 1 < len(paragraphs):
        below = paragraphs[index + 1]
        if len(below.text) <= LONGEST_HEADING and leading_number(below.text) is None:
            title, head_end = tidy(below.text), below.end
            both = paragraphs[index + 1 : index + 3]
            whole = is_official_title(title) or leading_number(both[-1].text) is not None
            if not whole and is_official_title("".join(tidy(p.text) for p in both)):
                title, head_end = "".join(tidy(p.text) for p in both), both[-1].end
    return Heading(
        number,
        title,
        first.start,
        head_end,
        index,
        rank,
        parent,
        first.level,
        first.size,
        run_in,
    )


def _title(paragraph: Paragraph, number: Number) -> tuple[str, int, bool]:
    """Cut a numbered paragraph into its title and its text.

    Returns the title, the offset where it ends, and whether text follows it on the line.
    """
    rest = paragraph.text[number.end :]
    whole = rest.strip()
    if number.kind == "article":
        bracket = re.match(r"[\s\u3000]*[【\[]([^】\]]{1,40})[】\]]", rest)
        end = number.end + (bracket.end() if bracket else 0)
        return (tidy(bracket[1]) if bracket else ""), paragraph.start + end, True
    sentence = _LEAD_SENTENCE.match(rest)
    if sentence is None or not whole:
        return "", paragraph.start + number.end, bool(whole)
    run_in = bool(rest[sentence.end() :].strip())
    end = paragraph.start + number.end + sentence.end()
    if not run_in and len(whole) > LONGEST_HEADING:
        return "", paragraph.start + number.end, True
    return tidy(sentence.group()), end, run_in


def tidy(text: str) -> str:
    """Write a title without the spaces that set its characters apart, or its final stop."""
    plain = text.strip().strip("#*").strip().rstrip("。：:")
    return _SET_APART.sub("", plain)
