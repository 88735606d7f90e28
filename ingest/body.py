"""The running text of a document: put together from its pages, and traced back to them.

It reads as the pages do, but for what stands between the parts of a paragraph that runs over a
page or column: footnotes, captions and tables there are read before or after the whole of it.

assemble(pages)            -> Body          one text, every printed line placed in it
paragraphs(pages)          -> Paragraph...  the same text cut at its line breaks, with kinds
boxes(body, start, end)    -> Box...        where a span is printed, line by line
page_at, pages_of                           which pages a span is on
find(text, quote)          -> (start, end)  a quote, white space and character width ignored
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from ingest.model import Block, BlockKind, Body, Box, Line, Page, Table

_RUNNING: frozenset[BlockKind] = frozenset({"paragraph", "list"})
#: What may stand between the parts of a paragraph without ending it.
_BETWEEN: frozenset[BlockKind] = frozenset({"footnote", "caption", "table"})


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the body's text, `[start, end)`, with the kind of the block it comes from.

    A table is one paragraph, whatever line breaks it holds. `size` is the height of its printed
    lines in points, 0 where the format has no geometry.
    """

    start: int
    end: int
    text: str
    kind: BlockKind
    page: int
    level: int | None = None
    table: Table | None = None
    size: float = 0.0


def assemble(pages: Sequence[Page]) -> Body:
    """Join the pages' body blocks into one text and place every printed line in it."""
    parts: list[str] = []
    lines: list[Line] = []
    starts: dict[int, int] = {}
    length = 0
    for joint, number, block in _joined(pages):
        length += len(joint)
        starts.setdefault(number, length)
        lines.extend(line.shifted(length) for line in block.lines)
        parts += (joint, block.text)
        length += len(block.text)
    lines.sort(key=lambda line: line.start)
    return Body("".join(parts), tuple(lines), _page_starts(pages, starts, length))


def _joined(pages: Sequence[Page]) -> Iterator[tuple[str, int, Block]]:
    """Yield each body block with its page number and what joins it to the text before it."""
    printed = [
        (page.number, block)
        for page in pages
        for block in page.blocks
        if block.is_body and block.text
    ]
    last: Block | None = None
    place = 0
    while place < len(printed):
        early, halves, late, place = _paragraph_at(printed, place)
        for number, block in (*early, halves[0]):
            yield "\n" if last else "", number, block
            last = block
        for (_, before), (number, block) in pairwise(halves):
            yield _joint(before, block), number, block
            last = block
        for number, block in late:
            yield "\n", number, block


_Placed = tuple[int, Block]


def _paragraph_at(
    printed: Sequence[_Placed], place: int
) -> tuple[list[_Placed], list[_Placed], list[_Placed], int]:
    """Gather the parts of the paragraph that begins at `place`, and what is printed among them.

    Footnotes, captions and tables that part it are read before it where they are on the page it
    begins on, else after it, where they are on the page it ends on; so pages stay in order. Where
    neither can be, it stays in parts. Returns what comes before, the parts, what comes after, and
    the place behind them all.
    """
    early: list[_Placed] = []
    late: list[_Placed] = []
    halves = [printed[place]]
    place += 1
    while halves[-1][1].continues and halves[-1][1].kind in _RUNNING:
        following = place
        while following < len(printed) and printed[following][1].kind in _BETWEEN:
            following += 1
        if following == len(printed) or printed[following][1].kind not in _RUNNING:
            break
        here = [item for item in printed[place:following] if item[0] == halves[0][0]]
        there = [item for item in printed[place:following] if item[0] != halves[0][0]]
        if any(number != printed[following][0] for number, _ in (*late, *there)):
            break
        early += here
        late += there
        halves.append(printed[following])
        place = following + 1
    return early, halves, late, place


def _joint(before: Block, block: Block) -> str:
    left, right = before.text[-1], block.text[0]
    return " " if left.isascii() and right.isascii() and (left + right).isalpha() else ""


def _page_starts(pages: Sequence[Page], starts: dict[int, int], length: int) -> tuple[int, ...]:
    """Give an empty page the start of the next one with text, so that offsets stay ascending."""
    result: list[int] = []
    following = length
    for page in reversed(pages):
        following = starts.get(page.number, following)
        result.append(following)
    return tuple(reversed(result))


def paragraphs(pages: Sequence[Page]) -> tuple[Paragraph, ...]:
    """Cut the body into its lines; offsets are those of `assemble(pages).text`."""
    result: list[Paragraph] = []
    offset = 0
    carried: tuple[tuple[str, ...], ...] = ()
    for joint, number, printed in _joined(pages):
        block, carried = _with_headings(printed, carried)
        offset += len(joint)
        pieces = [block.text] if block.table else block.text.split("\n")
        if joint in {"", " "} and result:
            result[-1] = _extended(result[-1], joint + pieces.pop(0))
            offset = result[-1].end + 1
        for piece in pieces:
            result.append(_paragraph(block, piece, offset, number))
            offset += len(piece) + 1
        offset = result[-1].end
    return tuple(result)


def _with_headings(
    block: Block, carried: tuple[tuple[str, ...], ...]
) -> tuple[Block, tuple[tuple[str, ...], ...]]:
    """Give a table that goes on from the page before the column headings it has there.

    Returns the block, and the headings for the next table if this one goes on.
    """
    table = block.table
    if table is None or not table.rows:
        return block, carried
    if carried and not table.header_rows and len(carried[-1]) == len(table.rows[0]):
        table = replace(table, carried=carried)
        block = replace(block, table=table)
    return block, table.headings if block.continues else ()


def _extended(paragraph: Paragraph, text: str) -> Paragraph:
    return Paragraph(
        paragraph.start,
        paragraph.end + len(text),
        paragraph.text + text,
        paragraph.kind,
        paragraph.page,
        paragraph.level,
        paragraph.table,
        paragraph.size,
    )


def _paragraph(block: Block, text: str, start: int, page: int) -> Paragraph:
    heights = sorted(line.box.y1 - line.box.y0 for line in block.lines if line.box)
    size = heights[len(heights) // 2] if heights else 0.0
    end = start + len(text)
    return Paragraph(start, end, text, block.kind, page, block.level, block.table, size)


def page_at(body: Body, offset: int) -> int:
    """Return the number of the page on which the character at `offset` is printed, from 1."""
    last = max(len(body.text) - 1, 0)
    return max(bisect_right(body.page_starts, min(max(offset, 0), last)), 1)


def pages_of(body: Body, start: int, end: int) -> tuple[int, ...]:
    """Return the pages that `[start, end)` touches, ascending, pages without its text left out."""
    first, last = page_at(body, start), page_at(body, max(end - 1, start))
    starts = (*body.page_starts, len(body.text))
    return tuple(
        number
        for number in range(first, last + 1)
        if number in {first, last} or starts[number] > starts[number - 1]
    )


def boxes(body: Body, start: int, end: int) -> tuple[Box, ...]:
    """Return one box for each printed line, or part of one, that `[start, end)` covers."""
    lines = body.lines
    index = bisect_left(lines, start, key=lambda line: line.start)
    # Lines do not overlap, so at most the one before can reach into the span.
    index -= index > 0 and lines[index - 1].end > start
    found: list[Box] = []
    while index < len(lines) and lines[index].start < end:
        box = _part(body.text, lines[index], max(start, lines[index].start), end)
        if box is not None:
            found.append(box)
        index += 1
    return tuple(found)


def _part(text: str, line: Line, start: int, end: int) -> Box | None:
    end = min(end, line.end)
    if line.box is None or start >= end or not text[start:end].strip():
        return None
    box = line.box
    x0, x1 = sorted((_x_at(text, line, box, start), _x_at(text, line, box, end)))
    return Box(box.page, x0, box.y0, x1, box.y1)


def _x_at(text: str, line: Line, box: Box, offset: int) -> float:
    """Place an offset between the two known positions around it, by the widths of characters."""
    if offset <= line.start:
        return box.x0
    if offset >= line.end:
        return box.x1
    stops = ((line.start, box.x0), *line.stops, (line.end, box.x1))
    after = bisect_right(stops, offset, key=lambda stop: stop[0])
    (left, x_left), (right, x_right) = stops[after - 1], stops[after]
    whole = _width(text[left:right])
    x = x_left + (x_right - x_left) * (_width(text[left:offset]) / whole if whole else 0.0)
    return min(max(x, box.x0), box.x1)


def _width(text: str) -> int:
    return sum(map(_columns, text))


@lru_cache(maxsize=4096)
def _columns(char: str) -> int:
    """Count a character's columns as Chinese type sets it: wide and ambiguous 2, others 1."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WFA" else 1


def find(text: Body | str, quote: str, start: int = 0) -> tuple[int, int] | None:
    """Find a place at or after `start` where `quote` stands; None if nowhere.

    The first place with exactly these characters is preferred; failing that, white space
    is ignored and characters are compared after NFKC, one by one, so that full- and half-width
    forms agree. The offsets returned are those of the text as it is.
    """
    source = text.text if isinstance(text, Body) else text
    wanted, _ = _squeezed(quote, 0)
    if not wanted:
        return None
    exact = source.find(quote.strip(), start)
    if exact >= 0:
        return exact, exact + len(quote.strip())
    squeezed, origins = _squeezed(source, start)
    at = squeezed.find(wanted)
    while at >= 0:
        first, last = origins[at], origins[at + len(wanted) - 1]
        if _whole(origins, at, at + len(wanted)):
            return first, last + 1
        at = squeezed.find(wanted, at + 1)
    return None


def _squeezed(text: str, start: int) -> tuple[str, list[int]]:
    """Return the text without white space, compatibility forms unified, and each origin."""
    parts: list[str] = []
    origins: list[int] = []
    for offset in range(start, len(text)):
        form = _plain_form(text[offset])
        parts.append(form)
        origins.extend([offset] * len(form))
    return "".join(parts), origins


@lru_cache(maxsize=65536)
def _plain_form(char: str) -> str:
    return "".join(unicodedata.normalize("NFKC", char).split())


def _whole(origins: list[int], start: int, end: int) -> bool:
    """Tell whether a match takes no part of a character that NFKC writes as several."""
    before = start == 0 or origins[start - 1] != origins[start]
    return before and (end == len(origins) or origins[end - 1] != origins[end])
