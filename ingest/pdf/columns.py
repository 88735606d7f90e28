"""Put the pieces of a page in the order a person reads them.

The page is cut along gutters: white vertical bands with text on both sides. Lines that cross a
gutter (titles, abstracts, wide tables) part the page into bands that are read one after another;
inside a band the left side is read before the right, each cut again in the same way. A gutter
counts only if both its sides look like columns of text, so that table cells and labelled values
are read across.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.pdf.geometry import Piece, same_line

Widths = dict[int, tuple[float, float]]
#: The narrowest gutter, in ems of the region's type.
MIN_GUTTER = 0.55
MAX_DEPTH = 6
#: The tallest band, in ems, that holds nothing but a heading across columns.
MAX_BAND = 5.0
#: Fewer rows than this make no columns of their own among lines set in others.
MIN_ROWS = 3
#: A page with more pieces than this is a map or a data dump, read straight down.
MAX_PIECES = 2500
#: A side of a gutter holds columns when its lines cover this share of the height they take up ...
MIN_FILL = 0.42
#: ... and are this many ems long on average. Measured on the typeset variants of the tests.
MIN_MEAN = 4.5


@dataclass(slots=True)
class Region:
    """Lines that are read straight down, in order."""

    lines: list[Piece]

    @property
    def left(self) -> float:
        """Where the region's lines begin."""
        return min(line.x0 for line in self.lines)

    @property
    def right(self) -> float:
        """Where the region's lines end."""
        return max(line.x1 for line in self.lines)


def reading_order(pieces: Sequence[Piece]) -> list[Region]:
    """Return the regions of a page in reading order; every piece is in exactly one."""
    if not pieces:
        return []
    if len(pieces) > MAX_PIECES:
        return [Region(_down(list(pieces)))]
    return _merge(_cut(list(pieces), _title_widths(pieces), 0))


def _title_widths(pieces: Sequence[Piece]) -> Widths:
    """Give every line of a large heading the width of its widest: none falls in a column.

    A line that stands alone in the middle of the page is given the page's width.
    """
    usual = sorted(piece.size for piece in pieces)[len(pieces) // 2]
    widths = _alone(pieces, usual)
    large = sorted((p for p in pieces if p.size > 1.2 * usual), key=lambda p: p.y0)
    group: list[Piece] = []
    for piece in large:
        if group and not _same_heading(group[-1], piece):
            group = []
        group.append(piece)
        if len(group) > 1:
            spans = [widths.get(p.order, (p.x0, p.x1)) for p in group]
            ends = min(x0 for x0, _ in spans), max(x1 for _, x1 in spans)
            widths.update({p.order: ends for p in group})
    return widths


def _alone(pieces: Sequence[Piece], usual: float) -> Widths:
    """Return the width of the text for each line that stands above columns by itself.

    It has nothing beside it and is centred (a line that begins where others do is the last of a
    middle column), or it is a heading at the left edge between two rows of columns.
    """
    left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    starts = Counter(round(p.x0) for p in pieces)
    ordered = sorted(pieces, key=lambda p: p.y0)
    widths: Widths = {}
    bottom = float("-inf")
    for place, piece in enumerate(ordered):
        below = ordered[place + 1].y0 if place + 1 < len(ordered) else float("inf")
        if piece.y0 > bottom - 1 and below > piece.y1 - 1:
            even = abs(piece.x0 + piece.x1 - left - right) < 2 * piece.size
            centred = even and piece.x0 > left + piece.size and starts[round(piece.x0)] < 3
            heading = piece.x0 < left + 2 and (piece.heavy or piece.size > 1.08 * usual)
            if centred or (heading and _parts_columns(ordered, place, bottom, below)):
                widths[piece.order] = left, right
        bottom = max(bottom, piece.y1)
    return widths


def _parts_columns(ordered: Sequence[Piece], place: int, bottom: float, below: float) -> bool:
    """Tell whether a line is all that stands in a narrow band with columns above and below.

    The columns below begin level; those above end within three lines.
    """
    size = ordered[place].size
    over = [p for p in ordered[max(0, place - 12) : place] if p.y1 > bottom - 5 * size]
    under = [p for p in ordered[place + 1 : place + 8] if p.y0 < below + 2]
    return below - bottom < MAX_BAND * size and _apart(over, size) and _apart(under, size)


def _apart(pieces: Sequence[Piece], size: float) -> bool:
    """Tell whether some pieces end well before others begin."""
    return bool(pieces) and max(p.x0 for p in pieces) > min(p.x1 for p in pieces) + 0.5 * size


def _same_heading(above: Piece, below: Piece) -> bool:
    return (
        abs(above.size - below.size) < 0.5
        and below.y0 - above.y1 < above.size
        and below.x0 < above.x1
        and above.x0 < below.x1
    )


def _cut(pieces: list[Piece], widths: Widths, depth: int) -> list[Region]:
    lines = sorted(pieces, key=lambda p: (p.y0, p.x0))
    if depth >= MAX_DEPTH or len(lines) < 3 or not _side_by_side(lines):
        return [Region(_down(lines))]
    best: list[list[Piece]] = []
    score = 0.0
    for gutter in _gutters(lines):
        bands, gained = _bands(lines, gutter, widths)
        if gained > score:
            best, score = bands, gained
    if not best:
        return [Region(_down(lines))]
    regions: list[Region] = []
    for band in best:
        regions.extend(_cut(band, widths, depth + 1))
    return regions


def _side_by_side(lines: Sequence[Piece]) -> bool:
    """Tell whether any two lines stand beside each other (lines are sorted by top)."""
    bottom = float("-inf")
    for line in lines:
        if line.y0 + 0.25 * (line.y1 - line.y0) < bottom:
            return True
        bottom = max(bottom, line.y1)
    return False


def _down(lines: list[Piece]) -> list[Piece]:
    """Order lines top to bottom, pieces of one printed line from left to right."""
    rows: list[list[Piece]] = []
    for line in sorted(lines, key=lambda p: p.middle):
        if rows and same_line(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.x0)]


def _gutters(lines: Sequence[Piece]) -> list[tuple[float, float]]:
    """Return candidate gutters: white bands just left of an edge where several lines begin."""
    size = sorted(line.size for line in lines)[len(lines) // 2]
    lefts = sorted(line.x0 for line in lines)
    least = lefts[0] + 2 * size
    edges: list[float] = []
    for i, left in enumerate(lefts):
        if left < least or (edges and left - edges[-1] < 1.0):
            continue
        followers = sum(1 for x in lefts[i : i + 6] if x - left < 1.0)
        if followers >= 2 or len(lines) <= 8:
            edges.append(left)
    return [(edge - MIN_GUTTER * size, edge - 0.2) for edge in edges]


def _bands(
    lines: Sequence[Piece], gutter: tuple[float, float], widths: Widths
) -> tuple[list[list[Piece]], float]:
    """Cut lines into bands by a gutter; the gain is the height of text read in columns."""
    high = gutter[1]
    bands: list[list[Piece]] = []
    left: list[Piece] = []
    right: list[Piece] = []
    spanning: list[Piece] = []
    gained = 0.0

    def flush() -> None:
        nonlocal gained
        # A row or two among lines set in other columns end columns of those.
        few = min(len(left), len(right)) < MIN_ROWS and any(
            p.order in beside for p in spanning[-3:]
        )
        gain = 0.0 if few else _gain(left, right)
        if gain:
            if spanning:
                bands.append(list(spanning))
            bands.extend((list(left), list(right)))
            spanning.clear()
            gained += gain
        else:
            spanning.extend(left + right)
        left.clear()
        right.clear()

    across, beside = _across(lines, gutter, widths)
    for line in lines:
        if line.order in across:
            if left or right:
                flush()
            spanning.append(line)
        elif line.x0 >= high - 0.5:
            right.append(line)
        else:
            left.append(line)
    flush()
    if spanning:
        bands.append(spanning)
    return (bands, gained) if len(bands) > 1 else ([], 0.0)


def _across(
    lines: Sequence[Piece], gutter: tuple[float, float], widths: Widths
) -> tuple[set[int], set[int]]:
    """Return the lines (by order) that cross a gutter or are level with one that does.

    Where text crosses a gutter and other text stands beside it, the page has other columns: the
    second set holds what stands beside.
    """
    low = gutter[0]
    crossing: list[Piece] = []
    for line in lines:
        x0, x1 = widths.get(line.order, (line.x0, line.ink))
        if x0 < low and x1 > low + 0.5:
            crossing.append(line)
    across = {line.order for line in crossing}
    beside: set[int] = set()
    if not across:
        return across, beside
    first = 0
    for line in lines:
        while first < len(crossing) and crossing[first].y1 < line.y0:
            first += 1
        if line.order not in across and any(
            min(line.y1, other.y1) - max(line.y0, other.y0) > 0.2 * (line.y1 - line.y0)
            for other in crossing[first : first + 3]
        ):
            beside.add(line.order)
    return across | beside, beside


def _gain(left: Sequence[Piece], right: Sequence[Piece]) -> float:
    """Return the height of text that a gutter puts into columns, 0 if its sides are not columns."""
    if not (left and right) or not (_is_column(left) and _is_column(right)):
        return 0.0
    if _labels(left, right):
        return 0.0
    top = max(left[0].y0, right[0].y0)
    bottom = min(max(p.y1 for p in left), max(p.y1 for p in right))
    if bottom <= top:
        return 0.0
    return sum(p.y1 - p.y0 for p in left) + sum(p.y1 - p.y0 for p in right)


def _labels(left: Sequence[Piece], right: Sequence[Piece]) -> bool:
    """Tell whether lines are labels, read with what stands beside them.

    The labels of a form end in a colon; others, as questions beside their answers, stand apart
    from one another, each level with a line of what it labels.
    """
    if 2 * sum(line.text[-1] in "：:" for line in left) > len(left):
        return True
    if not 2 <= len(left) <= len(right) / 2:
        return False
    if any(b.y0 - a.y1 < 1.2 * a.size for a, b in pairwise(left)):
        return False
    return all(any(same_line(line, other) for other in right) for line in left)


def _is_column(lines: Sequence[Piece]) -> bool:
    """Tell whether lines (sorted by top) look like running text, in one column or more."""
    width = max(p.x1 for p in lines) - min(p.x0 for p in lines)
    mean = sum(p.x1 - p.x0 for p in lines) / len(lines)
    size = sum(p.size for p in lines) / len(lines)
    if mean < MIN_MEAN * size or width < 5 * size:
        return False
    covered, bottom = 0.0, float("-inf")
    for line in lines:
        covered += max(0.0, line.y1 - max(line.y0, bottom))
        bottom = max(bottom, line.y1)
    inked = sum((p.x1 - p.x0) * (p.y1 - p.y0) for p in lines)
    return inked >= MIN_FILL * width * covered


def _merge(regions: list[Region]) -> list[Region]:
    """Join neighbouring regions that are one column cut for no reason of its own."""
    merged: list[Region] = []
    for region in regions:
        if merged and _continues(merged[-1], region):
            merged[-1].lines.extend(region.lines)
        else:
            merged.append(region)
    return merged


def _continues(above: Region, below: Region) -> bool:
    return (
        abs(above.left - below.left) < 2
        and abs(above.right - below.right) < 8
        and below.lines[0].y0 >= above.lines[-1].y0
    )
