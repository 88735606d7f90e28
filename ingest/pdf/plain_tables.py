"""Make tables of rows of cells that no rules set off: columns of figures that align.

Three rows or more must keep the same white gaps, and a column behind the first must hold figures;
labelled values, contents lists and signatures are no tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.pdf.geometry import Piece, Rect, same_line, union
from ingest.pdf.lines import TOC_LINE
from ingest.pdf.open_tables import column_edges, logical_rows, words
from ingest.pdf.tables import Found, Squares, slot, table_of

MIN_ROWS = 3
#: Rows further apart than this many ems are of two tables.
MAX_STEP = 2.5
#: Cells are at least this many ems apart.
MIN_GAP = 0.9
#: This share of a column's cells are figures where the column holds figures.
MIN_FIGURES = 0.6
_FIGURE = re.compile(
    r"[-+－±<>≥≤]?[\d０-９][\d０-９,，.．]*\s?[%％‰]?[*＊]{0,3}$|^[-—–－/]{1,2}$|^N/?A$"
)
_FRACTION = re.compile(r"[.．%％]|\d,\d{3}|^-\d")


def plain_tables(lines: Sequence[Piece]) -> list[Found]:
    """Return the tables among the lines of a region, given in reading order."""
    if sum(same_line(a, b) for a, b in pairwise(lines)) < MIN_ROWS:
        return []
    found: list[Found] = []
    run: list[list[Piece]] = []
    for row in [*_rows(lines), []]:
        if run and not (row and _follows(run[-1], row) and (len(row) > 1 or _inside(row, run))):
            found.extend(_try_table(run))
            run = []
        if run or len(row) > 1:
            run.append(row)
    return found


def _rows(lines: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for line in lines:
        if rows and same_line(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _follows(above: Sequence[Piece], row: Sequence[Piece]) -> bool:
    step = min(p.y0 for p in row) - max(p.y1 for p in above)
    return -row[0].size < step < MAX_STEP * row[0].size


def _inside(row: Sequence[Piece], run: Sequence[Sequence[Piece]]) -> bool:
    """Tell whether a lone line is the rest of a cell: narrow, and not under running text."""
    widest = max(max(p.x1 for p in above) - min(p.x0 for p in above) for above in run)
    return row[0].x1 - row[0].x0 < 0.4 * widest


def _try_table(run: list[list[Piece]]) -> list[Found]:
    while run and len(run[-1]) == 1:
        run.pop()
    if sum(len(row) > 1 for row in run) < MIN_ROWS:
        return []
    if any(TOC_LINE.match(" ".join(p.text for p in row)) for row in run):
        return []
    cut = [[word for piece in row for word in words(piece)] for row in run]
    edges = column_edges(cut)
    columns = len(edges) - 1
    if columns < 2 or any(_tight(row) for row in cut):
        return []
    rows = logical_rows(cut, edges, [])
    squares: Squares = [[[] for _ in range(columns)] for _ in rows]
    for r, row in enumerate(rows):
        for piece in row:
            squares[r][slot(edges, (piece.x0 + piece.x1) / 2)].append(piece)
    if len(rows) < MIN_ROWS or not _holds_figures(squares, columns):
        return []
    inside = [piece for row in run for piece in row]
    box: Rect = union(inside)
    return [table_of(squares, None, box, inside)]


def _tight(row: Sequence[Piece]) -> bool:
    return any(b.x0 - a.x1 < MIN_GAP * min(a.size, b.size) for a, b in pairwise(row))


def _holds_figures(squares: Squares, columns: int) -> bool:
    """Tell whether most columns are well filled, and one behind the first holds figures.

    In two columns the figures must have a fraction or a sign: page numbers have none.
    """
    filled = sum(1 for row in squares for cell in row if cell)
    if filled < 0.6 * len(squares) * columns:
        return False
    for c in range(1, columns):
        cells = ["".join(p.text for p in row[c]) for row in squares if row[c]]
        figures = [text for text in cells if _FIGURE.match(text)]
        if len(figures) < max(2, MIN_FIGURES * len(cells)):
            continue
        if columns > 2 or 2 * sum(bool(_FRACTION.search(t)) for t in figures) >= len(figures):
            return True
    return False
