"""Make tables of the text inside ruled grids.

A table's text is its rows, one per line, cells set apart by tabs; a merged cell's text stands
where it begins. `Table.rows` has one row for each line of the text, and repeats a merged cell's
text in every square it covers, so that each row can be read by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.model import Table
from ingest.pdf import repair
from ingest.pdf.blocks import Draft
from ingest.pdf.geometry import Piece, Rect, Stop, same_line, union
from ingest.pdf.lines import CAPTION, join_lines
from ingest.pdf.rules import Grid, cell_map

#: A grid with fewer of its cells filled than this is a form's frame, a chart or decoration.
MIN_FILLED = 0.3
Squares = list[list[list[Piece]]]


@dataclass(slots=True)
class Found:
    """A table and the pieces of text it took."""

    draft: Draft
    box: Rect
    taken: set[int] = field(default_factory=set)


def ruled_tables(grid: Grid, pieces: Sequence[Piece]) -> list[Found]:
    """Return the tables in a grid: more than one where captions stand in rows of their own."""
    cut = _caption_row(grid, pieces)
    if cut is None:
        table = _ruled_table(grid, pieces)
        return [table] if table else []
    parts = [replace(grid, ys=grid.ys[: cut + 1]), replace(grid, ys=grid.ys[cut + 1 :])]
    return [table for part in parts if len(part.ys) > 1 for table in ruled_tables(part, pieces)]


def _caption_row(grid: Grid, pieces: Sequence[Piece]) -> int | None:
    """Return the first row below the top one that holds the next table's caption alone."""
    left, right = grid.xs[0], grid.xs[-1]
    for r in range(1, len(grid.ys) - 1):
        row = Rect(left, grid.ys[r], right, grid.ys[r + 1])
        inside = [piece for piece in pieces if row.holds(piece, 0)]
        middle = (row.y0 + row.y1) / 2
        parted = any(
            rule.start < middle < rule.end and left + 3 < rule.at < right - 3
            for rule in grid.vertical
        )
        if not parted and 0 < len(inside) < 3 and any(CAPTION.match(p.text) for p in inside):
            return r
    return None


def _ruled_table(grid: Grid, pieces: Sequence[Piece]) -> Found | None:
    """Return the table in a grid, or None if the grid does not hold one."""
    owner = cell_map(grid)
    inside = [piece for piece in pieces if grid.box.holds(piece)]
    if not inside:
        return None
    squares: Squares = [[[] for _ in row] for row in owner]
    for piece in inside:
        for part in split(piece, grid.xs):
            r = slot(grid.ys, (part.y0 + part.y1) / 2)
            c = slot(grid.xs, (part.x0 + part.x1) / 2)
            first_r, first_c = owner[r][c]
            squares[first_r][first_c].append(part)
    cells = {square for row in owner for square in row}
    filled = sum(1 for r, c in cells if squares[r][c])
    if len(cells) < 4 or filled < 4 or filled < MIN_FILLED * len(cells):
        return None
    if len({c for _, c in cells}) < 2:
        return None
    return table_of(squares, owner, grid.box, inside)


def slot(edges: Sequence[float], at: float) -> int:
    """Return the column or row, between `edges`, that a place falls in."""
    for i in range(len(edges) - 2):
        if at < edges[i + 1]:
            return i
    return len(edges) - 2


def split(piece: Piece, edges: Sequence[float]) -> list[Piece]:
    """Cut a piece at the column edges that fall on its spaces or between its spans."""
    parts: list[Piece] = []
    for edge in edges[1:-1]:
        if not piece.x0 + 0.6 * piece.size < edge < piece.x1 - 0.6 * piece.size:
            continue
        at = _cut_at(piece, edge)
        if at:
            left, piece = halves(piece, at)
            parts.append(left)
    parts.append(piece)
    return parts


def _cut_at(piece: Piece, edge: float) -> int | None:
    best: tuple[float, int] | None = None
    for offset, x in piece.stops[1:-1]:
        away = abs(x - edge)
        if away < 1.2 * piece.size and (best is None or away < best[0]):
            best = (away, offset)
    return best[1] if best else None


def halves(piece: Piece, at: int) -> tuple[Piece, Piece]:
    """Cut a piece in two at the offset of one of its stops; a space at the cut is dropped."""
    before = [stop for stop in piece.stops if stop[0] <= at]
    after = [(offset - at, x) for offset, x in piece.stops if offset >= at]
    left = _trimmed(piece, piece.text[:at], before)
    right = _trimmed(piece, piece.text[at:], after)
    return left, right


def _trimmed(piece: Piece, text: str, stops: list[Stop]) -> Piece:
    blanks = [i for i, c in enumerate(text) if c == " " and (i == 0 or i == len(text) - 1)]
    if blanks:
        text, stops = repair.drop(text, stops, blanks)
    return Piece(
        text, stops[0][1], piece.y0, stops[-1][1], piece.y1, piece.size, piece.heavy, piece.font,
        stops, piece.order,
    )  # fmt: skip


def table_of(
    squares: Squares,
    owner: list[list[tuple[int, int]]] | None,
    box: Rect,
    inside: Sequence[Piece],
) -> Found:
    """Write the pieces in the squares as a table; `owner` says which squares are merged."""
    writer = _Writer(box)
    texts = [[""] * len(row) for row in squares]
    for r, row in enumerate(squares):
        own = [c for c in range(len(row)) if owner is None or owner[r][c] == (r, c)]
        for c in own:
            texts[r][c] = writer.cell(row[c])
            writer.separate("\n" if c == own[-1] else "\t")
        if not own:
            writer.separate("\n")
    writer.close()
    if owner:
        rows = tuple(tuple(texts[r][c] for r, c in line) for line in owner)
        heads = _header_rows(owner)
    else:
        rows, heads = tuple(tuple(row) for row in texts), 1
    draft = writer.draft
    draft.table = Table(rows, heads)
    return Found(draft, box, {piece.order for piece in inside})


def _header_rows(owner: list[list[tuple[int, int]]]) -> int:
    """Count heading rows: two where the first row's cells cover columns or rows of the second."""
    first = owner[0]
    if len(owner) < 3 or len(set(first)) == 1:
        return 1
    deep = max(r for r, row in enumerate(owner) for c in range(len(row)) if row[c] == first[c])
    return min(deep + 1, 3, len(owner) - 1)


class _Writer:
    """Writes cells one after another into a draft's text and spans."""

    def __init__(self, box: Rect) -> None:
        self.draft = Draft([], box.x0, box.x1, "table")
        self._separator = ""

    def cell(self, pieces: Sequence[Piece]) -> str:
        """Write a cell and return its text."""
        draft = self.draft
        self._extend(self._separator)
        self._separator = ""
        start = len(draft.text)
        lines = join_lines(in_order(pieces))
        for i, line in enumerate(lines):
            if i:
                full = lines[i - 1].x1 > max(x.x1 for x in lines) - line.size
                self._extend(repair.line_joint(draft.text, line.text, full=full)[0])
            at = len(draft.text)
            draft.text += line.text
            draft.spans.append((at, len(draft.text), line.stops, union([line])))
            draft.lines.append(line)
        return draft.text[start:]

    def separate(self, mark: str) -> None:
        """Put a mark before the next cell."""
        self._separator += mark

    def _extend(self, separator: str) -> None:
        """Add a separator; it belongs to the printed line before it."""
        if not separator:
            return
        draft = self.draft
        draft.text += separator
        if draft.spans:
            start, _, stops, box = draft.spans[-1]
            stops = [*stops[:-1], (len(draft.text) - start, stops[-1][1])]
            draft.spans[-1] = (start, len(draft.text), stops, box)

    def close(self) -> None:
        """Give leading separators, which follow no printed line, to the first line."""
        draft = self.draft
        if draft.spans and draft.spans[0][0] > 0:
            by, end, stops, box = draft.spans[0]
            stops = [(0, stops[0][1]), *((offset + by, x) for offset, x in stops)]
            draft.spans[0] = (0, end, stops, box)


def in_order(pieces: Sequence[Piece]) -> list[Piece]:
    """Order pieces by line, then from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.middle):
        if rows and same_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.x0)]
