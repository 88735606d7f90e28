"""The tree of a document's headings, numbered and unnumbered.

A numbered line is a heading only where it starts its paragraph *and* continues a sequence: the
number after the last of its kind, or the first of a new series under a new parent. So
"依照本法第六条的规定" at the start of a line, or a figure, is none. Tables of contents, captions,
footnotes, signature blocks, the title and what stands above it make no headings.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.body import Paragraph
from ingest.contents import contents_lines
from ingest.headings import LONGEST_HEADING, RANKS, Heading, make_heading
from ingest.model import BlockKind
from ingest.numbering import Number, leading_number
from ingest.signature import Signature, find_signatures
from ingest.titles import find_title, front_matter, is_title_page_line, title_lines

_UNNUMBERED = 4.9
_STEP = 0.05
_BELOW_DOTTED = 8.9
_ATTACHED = 0.5
_ARTICLE = RANKS["article"]
_SKIPPED: frozenset[BlockKind] = frozenset({"toc", "table", "caption", "footnote"})

#: A reference, not a heading: what follows a number in "第六条规定的", "（一）项".
_REFERENCE = re.compile(
    r"第[一二三四五六七八九十百〇零\d]+条"
    r"|[\s\u3000]*(?:第[一二三四五六七八九十百〇零\d]+[款项]|规定|所(?:列|称|规)|之?规定|至第|或者?第"
    r"|和第|、第|[，。；、）)]|的(?:规定|要求|决定|情形)|以?及第|款|项)"
)
#: A paragraph that ends like this runs on; the next line cannot start a heading.
_RUNS_ON = re.compile(r"(?:[，、（(《“]|依照|根据|按照|本法|前款|以及|或者|[的第和与及])$")
_ENDS = re.compile(r"[。；！？：，、.;:]$")
_STOPS = re.compile(r"[。；！？：]|[，、]$")
_LONGEST_UNNUMBERED = 36
_LARGEST_GAP = 8
_LARGER = 1.1
#: Paragraphs that a title page and what stands above it have at most.
_TITLE_PAGE = 15


@dataclass(frozen=True, slots=True)
class Outline:
    """A document's headings in order, its contents lines and its signature blocks."""

    headings: tuple[Heading, ...]
    contents: frozenset[int]
    signatures: tuple[Signature, ...]


def read_outline(paragraphs: Sequence[Paragraph]) -> Outline:
    """Read the tree of headings from a document's paragraphs."""
    contents = contents_lines(paragraphs)
    signatures = find_signatures(paragraphs)
    builder = _Builder(paragraphs, contents, signatures)
    return Outline(tuple(builder.build()), contents, signatures)


class _Builder:
    """Walk the paragraphs once, holding the chain of open headings."""

    def __init__(
        self,
        paragraphs: Sequence[Paragraph],
        contents: frozenset[int],
        signatures: tuple[Signature, ...],
    ) -> None:
        self.paragraphs = paragraphs
        self.contents = contents
        self.closed = {i: s for s in signatures for i in range(s.first, s.last + 1)}
        self.attached = _attached_titles(paragraphs)
        self.titles = _title_pages(paragraphs, contents)
        self.numbers = {
            index: number
            for index, paragraph in enumerate(paragraphs)
            if self._may_head(index, paragraph)
            and (number := leading_number(paragraph.text)) is not None
            and not _REFERENCE.match(paragraph.text, number.end)
        }
        self.following = _next_of_kind(self.numbers)
        self.open: list[Heading] = []
        self.last: dict[str, Heading] = {}
        self.headings: list[Heading] = []

    def _may_head(self, index: int, paragraph: Paragraph) -> bool:
        if index in self.contents or index in self.closed or paragraph.kind in _SKIPPED:
            return False
        return index == 0 or not _RUNS_ON.search(self.paragraphs[index - 1].text.rstrip())

    def build(self) -> list[Heading]:
        for index, paragraph in enumerate(self.paragraphs):
            if index in self.closed:
                if index == self.closed[index].first:
                    self._close_to(None, index)
            elif index in self.numbers:
                self._numbered(index, self.numbers[index])
            elif index in self.titles:
                self._close_to(None, index)
            elif index in self.attached:
                self._begin(index, None, _ATTACHED, self._above(_ATTACHED), self.attached[index])
            elif self._is_unnumbered(index, paragraph):
                rank = self._unnumbered_rank(paragraph)
                self._begin(index, None, rank, self._above(rank), 1)
        self._close_to(None, len(self.paragraphs))
        return self.headings

    def _above(self, rank: float, paragraph: Paragraph | None = None) -> Heading | None:
        """Return the open heading under which one of `rank` stands.

        A numbered line that is a heading of its own, as large as an unnumbered one before it and
        no deeper, does not stand under that.
        """
        for heading in reversed(self.open):
            if heading.rank < rank and not (paragraph and _is_peer(heading, paragraph)):
                return heading
        return None

    def _unnumbered_rank(self, paragraph: Paragraph) -> float:
        """Place an unnumbered heading below the open ones that the format says are higher."""
        if paragraph.level is None:
            return _UNNUMBERED
        levels = ((h.rank, h.level) for h in reversed(self.open))
        above = next((rank for rank, lv in levels if lv and lv < paragraph.level), 0.0)
        return max(_UNNUMBERED, above + _STEP)

    def _numbered(self, index: int, number: Number) -> None:
        rank = self._rank(number)
        self._resume(number)
        parent = self._above(rank, self.paragraphs[index])
        inside_article = parent is not None and any(
            heading.rank == _ARTICLE for heading in (parent, *_ancestors(parent))
        )
        if inside_article or not self._belongs(index, number, parent):
            return
        self._begin(index, number, rank, parent, 1)

    def _rank(self, number: Number) -> float:
        """Return how deep a number stands: 1、 and 2、 below 2.1.1 are its items, not sections."""
        if number.kind not in {"decimal", "plain"}:
            return _rank(number)
        before = self.last.get(_series(number))
        if before is not None and before.number and before.number.value + 1 == number.value:
            return before.rank
        in_dotted = any(h.number is not None and h.number.kind == "dotted" for h in self.open)
        return _BELOW_DOTTED if in_dotted and number.value == 1 else _rank(number)

    def _resume(self, number: Number) -> None:
        """Open again what a signature closed, where the number just goes on behind it."""
        before = self.last.get(_series(number))
        if self.open or before is None or before.number is None or number.value == 1:
            return
        if number.values == (before.number.values[0] + 1,):
            self.open = [*reversed(_ancestors(before))]

    def _belongs(self, index: int, number: Number, parent: Heading | None) -> bool:
        """Tell whether the number continues its sequence, or starts one it may start."""
        if number.kind == "annex":
            return _is_annex_heading(self.paragraphs[index].text, number)
        if number.kind == "dotted":
            return self._belongs_dotted(number, parent)
        before = self.last.get(_series(number))
        if before is None or before.number is None:
            return number.value == 1 or self._goes_on(index, number)
        last = before.number
        if number.values in {(last.values[0] + 1,), (*last.values[:1], _sub(last) + 1)}:
            return True
        if number.values == (1,):
            return before.parent is not parent or last.value > 1
        ahead = number.values[0] - last.values[0]
        return 1 < ahead <= _LARGEST_GAP and self._goes_on(index, number)

    def _belongs_dotted(self, number: Number, parent: Heading | None) -> bool:
        above = parent.number.values if parent and parent.number else ()
        before = self.last.get(_series(number))
        follows = before is not None and before.number is not None
        if follows and before and before.number and before.parent is parent:
            return number.values == (*before.number.values[:-1], before.number.value + 1)
        return number.value == 1 and number.values[:-1][-1:] == above[-1:]

    def _is_unnumbered(self, index: int, paragraph: Paragraph) -> bool:
        if index in self.contents or paragraph.kind in _SKIPPED:
            return False
        if paragraph.kind == "heading":
            return index >= _TITLE_PAGE or not is_title_page_line(paragraph)
        return self._heads_series(index)

    def _heads_series(self, index: int) -> bool:
        """Tell an unnumbered heading: a short line between a sentence's end and a new （一）."""
        text = self.paragraphs[index].text.strip()
        below = self.numbers.get(index + 1)
        if below is None or below.kind not in {"ordinal", "paren"} or below.values != (1,):
            return False
        above = self.paragraphs[index - 1].text.rstrip() if index else ""
        return (
            below.kind in self.last
            and len(text) <= _LONGEST_UNNUMBERED
            and not _STOPS.search(text)
            and _ENDS.search(above) is not None
        )

    def _goes_on(self, index: int, number: Number) -> bool:
        """Tell a heading whose predecessors went missing: the next one follows it, or it has a
        first subheading right below."""
        following = self.following.get(index)
        if following is not None and following.values[0] == number.values[0] + 1:
            return True
        below = self.numbers.get(index + 1)
        alone = not _ENDS.search(self.paragraphs[index].text.rstrip())
        return alone and below is not None and below.value == 1 and _rank(below) > _rank(number)

    def _begin(
        self, index: int, number: Number | None, rank: float, parent: Heading | None, lines: int
    ) -> None:
        self._close_to(parent, index)
        if number is not None and self._wraps(index):
            lines = 2
        heading = make_heading(self.paragraphs, index, number, rank, parent, lines)
        if parent is not None:
            parent.children.append(heading)
        self.open.append(heading)
        self.headings.append(heading)
        if rank < 1:
            self.last.clear()
        if number is not None:
            self.last[_series(number)] = heading

    def _wraps(self, index: int) -> bool:
        """Tell whether a heading runs over to a second line, right above another heading."""
        if index + 2 not in self.numbers or index + 1 in self.numbers:
            return False
        pair = [self.paragraphs[i].text.strip() for i in (index, index + 1)]
        return all(len(t) <= _LONGEST_UNNUMBERED and not _STOPS.search(t) for t in pair)

    def _close_to(self, parent: Heading | None, index: int) -> None:
        """End the open headings below `parent`, all where it is None, before paragraph `index`."""
        while self.open and self.open[-1] is not parent:
            heading = self.open.pop()
            last = max(index - 1, heading.paragraph)
            heading.end = self.paragraphs[last].end
            heading.last_paragraph = last


def _is_peer(heading: Heading, paragraph: Paragraph) -> bool:
    """Tell whether a numbered paragraph is a heading no lower than an unnumbered one."""
    if heading.number is not None or heading.rank < 1 or not heading.level or not paragraph.level:
        return False
    larger = heading.size > paragraph.size * _LARGER
    return paragraph.level <= heading.level and not larger


def _title_pages(paragraphs: Sequence[Paragraph], contents: frozenset[int]) -> frozenset[int]:
    """Return the paragraphs up to the title's last line, and the title where it comes again."""
    title = find_title(front_matter(paragraphs, contents))
    if title is None:
        return frozenset()
    runs = title_lines(paragraphs, title)
    first_end = min((run.stop for run in runs), default=0)
    return frozenset(range(first_end)).union(*runs)


def _rank(number: Number) -> float:
    depth = len(number.values) - 1 if number.kind == "dotted" else 0
    return RANKS[number.kind] + depth / 10


def _series(number: Number) -> str:
    return f"{number.kind}{len(number.values)}" if number.kind == "dotted" else number.kind


def _sub(number: Number) -> int:
    return number.values[1] if len(number.values) > 1 else 0


def _ancestors(heading: Heading) -> list[Heading]:
    above: list[Heading] = []
    while heading.parent is not None:
        heading = heading.parent
        above.append(heading)
    return above


def _next_of_kind(numbers: dict[int, Number]) -> dict[int, Number]:
    """Map each numbered line to the next number of its kind further down."""
    following: dict[int, Number] = {}
    nearest: dict[str, Number] = {}
    for index in reversed(numbers):
        number = numbers[index]
        if number.kind in nearest:
            following[index] = nearest[number.kind]
        nearest[number.kind] = number
    return following


def _is_annex_heading(text: str, number: Number) -> bool:
    """Tell 附件1 on a line of its own from the list 附件：1.… 2.… and from a reference."""
    rest = text[number.end :]
    listed = re.match(r"[\s\u3000]*[:：]\s*\S|\S*[。，；]", rest)
    return len(text) <= LONGEST_HEADING and listed is None


def _attached_titles(paragraphs: Sequence[Paragraph]) -> dict[int, int]:
    """Find the titles of documents attached to a notice, over one to three lines.

    A notice names in 《…》 what it issues; the same words alone on their lines, later on, are the
    attached document's title. Returns the index of the first line and the number of lines.
    """
    head = "".join(paragraph.text for paragraph in paragraphs[:12])
    names = {"".join(name.split()) for name in re.findall(r"《([^《》]{4,80})》", head)}
    if not names:
        return {}
    found: dict[int, int] = {}
    for index in range(3, len(paragraphs)):
        joined = ""
        for lines, paragraph in enumerate(paragraphs[index : index + 3], 1):
            joined += "".join(paragraph.text.split())
            if len(joined) > 80:
                break
            if joined in names:
                found[index] = lines
                break
    return found
