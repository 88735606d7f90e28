"""Make paragraphs of a region's lines.

A new paragraph begins where the type changes, where a wider gap is left, where a line is indented,
after a line that stops short of the margin at the end of a sentence, and where numbering begins:
第N条 always, other numbers where the line before is complete.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from ingest.model import Block, BlockKind, Box, Line, Table
from ingest.pdf import repair
from ingest.pdf.geometry import Piece, Rect, Stop, union
from ingest.pdf.lines import (
    ARTICLE,
    BULLET,
    CAPTION,
    CIRCLED,
    SOURCE,
    TOC_LINE,
    ends_sentence,
    heading_level,
    starts_item,
)

#: A chapter's or section's number set off from its name: no reference to it in running text.
_TITLED = re.compile(r"第[一二三四五六七八九十百零〇\d]{1,5}(?:编|分编|章|节|部分)\s+[^\s，。、；]")
#: A line that ends in one of these and reaches the margin is never a paragraph's last.
_CARRIES_ON = "、，,-—（(《“"
#: The number of a provision or term alone on its line.
_BARE = re.compile(r"(?:[A-Z]|\d{1,2})(?:\.\d{1,3}){1,4}$")
#: How the numbers of headings begin, and what stands before those of provisions referred to.
_NUMBERING = "（(一二三四五六七八九十"
_REFERRING = "第条款项和与及或至到按照依据"


@dataclass(slots=True)
class Draft:
    """A block being made: its lines, and the margins of the column it stands in."""

    lines: list[Piece]
    left: float
    right: float
    kind: BlockKind = "paragraph"
    level: int | None = None
    continues: bool = False
    table: Table | None = None
    text: str = ""
    spans: list[tuple[int, int, list[Stop], Rect]] = field(default_factory=list)

    @property
    def first(self) -> Piece:
        """The first line."""
        return self.lines[0]

    @property
    def last(self) -> Piece:
        """The last line."""
        return self.lines[-1]

    @property
    def size(self) -> float:
        """The type size of the longest line."""
        return max(self.lines, key=lambda line: len(line.text)).size

    @property
    def heavy(self) -> bool:
        """Whether every line is set in heavy type."""
        return all(line.heavy for line in self.lines)

    @property
    def plain(self) -> str:
        """The text of the lines run together, for matching."""
        return "".join(line.text for line in self.lines)

    @property
    def full(self) -> bool:
        """Whether the last line reaches the right margin."""
        return self.last.x1 > self.right - 1.6 * self.last.size


@dataclass(slots=True)
class Column:
    """A region's lines and what says where their margins are.

    `figures` are the boxes text may flow around; `edges` the right edges that text keeps to
    throughout the document, ascending.
    """

    lines: Sequence[Piece]
    figures: Sequence[Rect] = ()
    body_size: float = 0.0
    edges: Sequence[int] = ()

    def margins(self) -> tuple[float, float]:
        """Return the margins that most lines keep to.

        Where no two lines end together, as in a list of names, the right margin is the nearest
        edge that the document's text keeps to.
        """
        lefts, rights = [line.x0 for line in self.lines], [line.x1 for line in self.lines]
        if not self.lines:
            return 0.0, 0.0
        reach = (max(rights) - min(lefts)) / 4
        left, right = _usual(lefts, min(lefts), reach), _usual(rights, max(rights), reach)
        if sum(abs(line.x1 - right) <= 2 for line in self.lines) < 2:
            right = next((float(edge) for edge in self.edges if edge >= right - 2), right)
        return left, right

    def beside(self, lines: Sequence[Piece]) -> dict[int, tuple[float, float]]:
        """Return the margins of those lines (by order) that stand beside a figure."""
        narrow: dict[int, tuple[float, float]] = {}
        left, right = self.margins()
        for figure in self.figures:
            if figure.x1 < left + 20 or figure.x0 > right - 20:
                continue
            level = [p for p in lines if figure.y0 - p.size < p.middle < figure.y1 + p.size]
            clear = [p for p in level if p.x1 < figure.x0 + 3 or p.x0 > figure.x1 - 3]
            if len(clear) >= 2 and len(clear) == len(level):
                ends = min(p.x0 for p in clear), max(p.x1 for p in clear)
                # The gap may go on beside the figure's caption.
                clear += [
                    p for p in lines
                    if figure.y0 - 4 * p.size < p.middle < figure.y1 + 4 * p.size
                    and abs(p.x1 - ends[1]) < 0.5 * p.size and p.x0 > ends[0] - p.size
                ]  # fmt: skip
                narrow.update({p.order: ends for p in clear})
        return narrow


def _usual(edges: Sequence[float], outer: float, reach: float) -> float:
    """Return the outermost edge, or one within `reach` of it that most lines share."""
    if len(edges) >= 4:
        ends = Counter(round(x) for x in edges if abs(x - outer) <= reach)
        end, count = ends.most_common(1)[0]
        near = sum(n for x, n in ends.items() if abs(x - end) <= 2)
        if count > 1 and near >= 0.4 * len(edges):
            return float(end)
    return outer


def paragraphs(lines: Sequence[Piece], column: Column) -> list[Draft]:
    """Group lines of one region into paragraphs."""
    if not lines:
        return []
    pitch = _pitch(lines)
    usual = column.margins()
    narrow = column.beside(lines) if column.figures else {}
    drafts: list[Draft] = []
    for line in lines:
        left, right = narrow.get(line.order, usual)
        if drafts:
            drafts[-1].left = left
            if _centred_on(drafts[-1], line, column) or not _begins(drafts[-1], line, pitch):
                drafts[-1].lines.append(line)
                drafts[-1].right = right
                continue
        drafts.append(Draft([line], left, right))
    return drafts


def _centred_on(draft: Draft, line: Piece, column: Column) -> bool:
    """Tell whether a line goes on with the centred title, heading or caption above it."""
    last = draft.last
    size = line.size
    level = abs(last.x0 + last.x1 - line.x0 - line.x1) < 1.2 * size
    if not level or abs(last.size - size) > 0.05 * size or line.y0 - last.y1 > size:
        return False
    if last.heavy != line.heavy or starts_item(line.text) or ends_sentence(last.text):
        return False
    if SOURCE.match(line.text) or CAPTION.match(line.text):
        return False
    display = column.body_size > 0 and size > 1.15 * column.body_size
    captioned = len(draft.lines) == 1 and CAPTION.match(last.text) is not None and draft.full
    return display or captioned


def _pitch(lines: Sequence[Piece]) -> dict[float, float]:
    """Return the usual distance between the baselines of lines of each size."""
    steps: dict[float, list[float]] = {}
    for above, below in pairwise(lines):
        step = below.y1 - above.y1
        if abs(above.size - below.size) < 0.6 and 0.8 * above.size < step < 3.2 * above.size:
            steps.setdefault(round(above.size), []).append(step)
    return {size: median(found) for size, found in steps.items()}


def _begins(draft: Draft, line: Piece, pitch: dict[float, float]) -> bool:
    last = draft.last
    size = max(last.size, line.size)
    step = line.y1 - last.y1
    gap = max(1.35 * pitch.get(round(line.size), 1.6 * size), 1.35 * size)
    resized = abs(last.size - line.size) > 0.08 * size and min(len(line.text), len(last.text)) > 1
    if resized or step < -0.5 * size or step > gap:
        return True
    if last.x1 > line.x1 - 3 * line.size and last.text[-1] in _CARRIES_ON:
        return False
    return _new_by_shape(draft, line, size)


def _new_by_shape(draft: Draft, line: Piece, size: float) -> bool:
    last = draft.last
    short = last.x1 < draft.right - 1.6 * size
    done = ends_sentence(last.text)
    if ARTICLE.match(line.text):
        return short or done or line.x0 > draft.left + size or " " in line.text[:12]
    sourced = SOURCE.match(line.text) or SOURCE.match(last.text)
    if sourced or _TITLED.match(line.text) or _next_heading(draft, line):
        return True
    if TOC_LINE.match(line.text) or TOC_LINE.match(last.text):
        return TOC_LINE.match(last.text) is not None or not short
    heavier = line.heavy != last.heavy and len(last.text) > 1
    if ((short or done) and (heavier or CAPTION.match(line.text))) or (
        done and _BARE.match(line.text)
    ):
        return True
    labelled = last.text[-1] in "：:"
    if (labelled and line.text[-1] in "：:") or (
        (short or done or labelled) and starts_item(line.text)
    ):
        return True
    return _indented(draft, line, size, short=short, done=done)


def _next_heading(draft: Draft, line: Piece) -> bool:
    """Tell whether a heading numbered in another way follows one: `一、` and `（一）`.

    In running text a mark of punctuation stands before such a number, or a word that refers to it.
    """
    last = draft.last.text[-1]
    if not (line.text[0] in _NUMBERING and last.isalnum() and last not in _REFERRING):
        return False
    above, level = heading_level(draft.first.text), heading_level(line.text)
    return above is not None and level in (2, 3) and above != level


def _indented(draft: Draft, line: Piece, size: float, *, short: bool, done: bool) -> bool:
    last = draft.last
    indent = line.x0 - draft.left
    if not short and not done and abs(line.x0 - last.x0) < 0.3 * size:
        return False
    if len(draft.lines) == 1:
        hanging = line.x0 - last.x0 > 0.8 * size and (
            BULLET.match(last.text) or CIRCLED.match(last.text) or starts_item(last.text)
        )
        if hanging and not short:
            return False
    usual = draft.lines[1].x0 if len(draft.lines) > 1 else None
    if usual is not None and abs(line.x0 - usual) < 0.5 * size and not (short and done):
        return short and _centred(draft, last) != _centred(draft, line)
    # Where most lines of a page are indented, as a signature's are, the left margin is theirs.
    stepped_in = short and usual is not None and line.x0 - usual > 1.2 * size
    if stepped_in or (indent > 1.2 * size and line.x0 - last.x0 > -0.5 * size):
        return not (_centred(draft, line) and _centred(draft, last))
    if short and last.x1 < draft.left + 0.6 * (draft.right - draft.left):
        return not (_centred(draft, line) and _centred(draft, last))
    return short and (done or last.x0 > draft.left + size or last.text[-1] in "：:")


def _centred(draft: Draft, line: Piece) -> bool:
    left, right = line.x0 - draft.left, draft.right - line.x1
    return left > 2 * line.size and abs(left - right) < 1.5 * line.size


def settle(draft: Draft, words: frozenset[str] = frozenset()) -> None:
    """Join a draft's lines into its text, keeping where each line's characters went.

    `words` are the document's Latin words, which tell a broken word from a hyphenated one.
    Labels of a figure keep a line each; a table has been written already.
    """
    if draft.spans:
        return
    text = ""
    for i, line in enumerate(draft.lines):
        if i:
            before = draft.lines[i - 1]
            full = before.x1 > draft.right - 2 * before.size
            joint, hyphen = repair.line_joint(text, line.text, full=full, words=words)
            if draft.kind == "figure_text":
                joint, hyphen = "\n" if len(line.text) > 2 or len(before.text) > 2 else "", False
            text = close_line(draft, text, joint, hyphen=hyphen)
        start = len(text)
        text += line.text
        draft.spans.append((start, len(text), line.stops, union([line])))
    draft.text = text


def close_line(draft: Draft, text: str, joint: str, *, hyphen: bool) -> str:
    """End the last line: drop its hyphen or add the space before the next line to it."""
    start, end, stops, box = draft.spans[-1]
    if hyphen:
        text, end = text[:-1], end - 1
        stops = [(min(offset, end - start), x) for offset, x in stops]
    elif joint:
        text, end = text + joint, end + len(joint)
        stops = [*stops[:-1], (stops[-1][0] + len(joint), stops[-1][1])]
    draft.spans[-1] = (start, end, stops, box)
    return text


def finish(draft: Draft, page: int) -> Block:
    """Turn a settled draft into a block."""
    lines = tuple(
        Line(
            start, end, Box(page, box.x0, box.y0, box.x1, box.y1),
            tuple((start + offset, x) for offset, x in stops),
        )
        for start, end, stops, box in draft.spans
    )  # fmt: skip
    around = union([box for *_, box in draft.spans])
    return Block(
        draft.kind, draft.text, Box(page, around.x0, around.y0, around.x1, around.y1), lines,
        draft.level, draft.continues, draft.table,
    )  # fmt: skip
