"""How sure geometry may be of what it made of a page.

Two signs tell a page that was probably misread. The order it was given breaks the rules by which
blocks follow one another (see `order.py`); or lines of narrow columns stand level with others, as
cells do, where no table was found. Either costs less than a thousandth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ingest.pdf.columns import Region
from ingest.pdf.geometry import Piece, same_line, union
from ingest.pdf.lines import DOTS
from ingest.pdf.order import breaks

#: Pages of lower confidence are shown to the layout model. Measured by `benchmarks/layout.py`: one
#: break of the rules of order or three rows of cells are enough.
LEAST = 0.55
#: This many rows of cells that are in no table weigh as much as one break of the rules of order.
ROWS = 3
#: A page of more regions than this is scattered text, whose order no rule tells.
MAX_REGIONS = 40
#: Three in four lines of a column of cells are this many ems wide at most.
NARROW = 12.0
#: A row of nothing wider than this many ems is of names or words alone, a list in columns.
WORD = 5.0
#: Cells of a row stand this many ems apart at least.
APART = 0.9


def confidence(regions: Sequence[Region]) -> float:
    """Return how sure a page's layout is, from 0 to 1 (no sign of doubt), by what is no table yet.

    `regions` are the page's text in the order geometry gave it.
    """
    broken = 0
    if 1 < len(regions) <= MAX_REGIONS:
        broken = breaks([union(region.lines) for region in regions])
    cells = rows_of_cells([piece for region in regions for piece in region.lines])
    return 1.0 / (1.0 + broken + cells / ROWS)


def rows_of_cells(pieces: Sequence[Piece]) -> int:
    """Count the lines on which a narrow column's text stands level with another column's.

    A column is where three lines or more begin; leaders of contents are no cells.
    """
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.middle):
        if rows and same_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    widths: dict[int, list[float]] = {}
    for piece in pieces:
        widths.setdefault(_place(piece), []).append((piece.x1 - piece.x0) / piece.size)
    count = 0
    for row in rows:
        row.sort(key=lambda p: p.x0)
        count += any(
            b.x0 - a.x1 > APART * a.size
            and _is_narrow(_column(widths, a))
            and len(_column(widths, b)) >= ROWS
            and not DOTS.search(a.text + b.text)
            for a, b in pairwise(row)
        ) and any(piece.x1 - piece.x0 > WORD * piece.size for piece in row)
    return count


def _place(piece: Piece) -> int:
    return round(piece.x0 / 3)


def _column(widths: dict[int, list[float]], piece: Piece) -> list[float]:
    at = _place(piece)
    return [width for near in (at - 1, at, at + 1) for width in widths.get(near, ())]


def _is_narrow(widths: list[float]) -> bool:
    return len(widths) >= ROWS and sorted(widths)[int(0.75 * len(widths))] <= NARROW
