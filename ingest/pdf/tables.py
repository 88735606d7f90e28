"""Make tables of the text inside ruled grids and between the rules of three-line tables.

A table's text is its rows, one per line, cells set apart by tabs; a merged cell's text stands
where it begins. `Table.rows` has one row for each line of the text, and repeats a merged cell's
text in every square it covers, so that each row can be read by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.model import Table
from ingest.pdf import repair
from ingest.pdf.blocks import Draft
from ingest.pdf.geometry import Piece, Rect, Stop, same_line, union
from ingest.pdf.lines import join_lines
from ingest.pdf.rules import Grid, Rule, cell_map

#: A grid with fewer of its cells filled than this is a form's frame, a chart or decoration.
MIN_FILLED = 0.3
Squares = list[list[list[Piece]]]


@dataclass(slots=True)
class Found:
    """A table and the pieces of text it took."""

    draft: Draft
    box: Rect
    taken: set[int] = field(default_factory=set)


def ruled_table(grid: Grid, pieces: Sequence[Piece]) -> Found | None:
    """Return the table in a grid, or None if the grid does not hold one."""
    owner = cell_map(grid)
    inside = [piece for piece in pieces if grid.box.holds(piece)]
    if not inside:
        return None
    squares: Squares = [[[] for _ in row] for row in owner]
    for piece in inside:
        for part in _split(piece, grid.xs):
            r = _slot(grid.ys, (part.y0 + part.y1) / 2)
            c = _slot(grid.xs, (part.x0 + part.x1) / 2)
            first_r, first_c = owner[r][c]
            squares[first_r][first_c].append(part)
    cells = {square for row in owner for square in row}
    filled = sum(1 for r, c in cells if squares[r][c])
    if len(cells) < 4 or filled < 4 or filled < MIN_FILLED * len(cells):
        return None
    if len({c for _, c in cells}) < 2:
        return None
    return _found(squares, owner, grid.box, inside)


def _slot(edges: Sequence[float], at: float) -> int:
    for i in range(len(edges) - 2):
        if at < edges[i + 1]:
            return i
    return len(edges) - 2


def _split(piece: Piece, edges: Sequence[float]) -> list[Piece]:
    """Cut a piece at the column edges that fall on its spaces or between its spans."""
    parts: list[Piece] = []
    for edge in edges[1:-1]:
        if not piece.x0 + 0.6 * piece.size < edge < piece.x1 - 0.6 * piece.size:
            continue
        at = _cut_at(piece, edge)
        if at:
            left, piece = _halves(piece, at)
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


def _halves(piece: Piece, at: int) -> tuple[Piece, Piece]:
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


def _found(
    squares: Squares,
    owner: list[list[tuple[int, int]]] | None,
    box: Rect,
    inside: Sequence[Piece],
) -> Found:
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
        draft = self.draft
        self._extend(self._separator)
        self._separator = ""
        start = len(draft.text)
        lines = join_lines(_in_order(pieces))
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


def _in_order(pieces: Sequence[Piece]) -> list[Piece]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.middle):
        if rows and same_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.x0)]


def open_tables(rules: Sequence[Rule], pieces: Sequence[Piece]) -> list[Found]:
    """Return three-line tables: rows of cells between long rules of one width, no upright rules."""
    found: list[Found] = []
    used: set[int] = set()
    for i, top in enumerate(rules):
        if i in used or top.end - top.start < 100:
            continue
        alike = [
            j for j, rule in enumerate(rules)
            if j > i and j not in used and abs(rule.start - top.start) < 4
            and abs(rule.end - top.end) < 4
        ]  # fmt: skip
        if len(alike) < 2:
            continue
        table = _open_table([top, *(rules[j] for j in alike)], pieces)
        if table:
            used.update(alike, {i})
            found.append(table)
    return found


def _open_table(rules: Sequence[Rule], pieces: Sequence[Piece]) -> Found | None:
    box = Rect(rules[0].start, rules[0].at, rules[0].end, rules[-1].at)
    inside = [piece for piece in pieces if box.holds(piece, 0)]
    words = [word for piece in inside for word in _words(piece)]
    visual: list[list[Piece]] = []
    for piece in _in_order(words):
        if visual and same_line(visual[-1][-1], piece):
            visual[-1].append(piece)
        else:
            visual.append([piece])
    edges = _columns(visual)
    wide = sum(1 for row in visual if len(row) >= 2)
    rows = _logical_rows(visual, edges, [rule.at for rule in rules])
    if len(edges) < 3 or len(rows) < 2 or wide < 0.6 * len(visual):
        return None
    squares: Squares = [[[] for _ in edges[1:]] for _ in rows]
    for r, row in enumerate(rows):
        for piece in row:
            squares[r][_slot(edges, (piece.x0 + piece.x1) / 2)].append(piece)
    return _found(squares, None, box, inside)


def _words(piece: Piece) -> list[Piece]:
    """Cut a piece at its spaces, which may part cells; English is left whole."""
    parts: list[Piece] = []
    for at in [i for i, c in enumerate(piece.text) if c == " "][::-1]:
        if piece.text[at - 1].isascii() and piece.text[at + 1].isalpha():
            continue
        if any(offset == at for offset, _ in piece.stops):
            piece, right = _halves(piece, at)
            parts.append(right)
    return [piece, *parts[::-1]]


def _logical_rows(
    visual: Sequence[list[Piece]], edges: Sequence[float], rules: Sequence[float]
) -> list[list[Piece]]:
    """Join the printed lines of a row whose cells are wrapped: they overlap or follow closely."""
    rows: list[list[Piece]] = []
    for line in visual:
        top = min(p.y0 for p in line)
        if rows:
            bottom = max(p.y1 for p in rows[-1])
            ruled = any(bottom - 2 < at < top + 2 for at in rules)
            gap = (top - bottom) / line[0].size
            first = any(p.x0 < edges[1] for p in line) if len(edges) > 1 else True
            wrapped = gap < 0.6 and not first and len(line) <= len(edges) / 2
            if not ruled and (gap < -0.05 or wrapped):
                rows[-1].extend(line)
                continue
        rows.append(list(line))
    return rows


def _columns(rows: Sequence[Sequence[Piece]]) -> list[float]:
    """Return column edges: the white gaps that most rows keep."""
    spans = sorted((p.x0, p.x1) for row in rows if len(row) > 1 for p in row)
    if not spans:
        return []
    merged = [list(spans[0])]
    for x0, x1 in spans[1:]:
        if x0 <= merged[-1][1] + 1:
            merged[-1][1] = max(merged[-1][1], x1)
        else:
            merged.append([x0, x1])
    gaps = [(a[1] + b[0]) / 2 for a, b in pairwise(merged)]
    return [merged[0][0], *gaps, merged[-1][1]]
