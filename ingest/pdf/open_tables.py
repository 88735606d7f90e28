"""Make tables of rows of cells that only horizontal rules set off (three-line tables).

Columns are the white gaps that the rows keep; wrapped cells are joined where their lines overlap
or follow closely.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ingest.pdf.geometry import Piece, Rect, same_line
from ingest.pdf.rules import Rule
from ingest.pdf.tables import Found, Squares, halves, in_order, slot, table_of


def open_tables(rules: Sequence[Rule], pieces: Sequence[Piece]) -> list[Found]:
    """Return three-line tables: rows of cells between long rules of one width, no upright rules."""
    found: list[Found] = []
    for group in _alike(rules):
        run = [group[0]]
        for rule in group[1:]:
            if not _tabular(run[-1], rule, pieces):
                found.extend(_try_table(run, pieces))
                run = []
            run.append(rule)
        found.extend(_try_table(run, pieces))
    return found


def _alike(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Group long rules that begin and end at the same places, top down."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda r: r.at):
        if rule.end - rule.start < 100:
            continue
        for group in groups:
            if abs(group[0].start - rule.start) < 4 and abs(group[0].end - rule.end) < 4:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


def _tabular(top: Rule, bottom: Rule, pieces: Sequence[Piece]) -> bool:
    """Tell whether what stands between two rules is cells rather than lines of text."""
    box = Rect(top.start, top.at, top.end, bottom.at)
    rows = visual_rows([piece for piece in pieces if box.holds(piece, 0)])
    text = sum(1 for row in rows if len(row) == 1 and row[0].x1 - row[0].x0 > 0.5 * box.width)
    return bool(rows) and text <= 0.4 * len(rows)


def visual_rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Group pieces that stand on one line, top down, each line from left to right."""
    rows: list[list[Piece]] = []
    for piece in in_order(pieces):
        if rows and same_line(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _try_table(rules: Sequence[Rule], pieces: Sequence[Piece]) -> list[Found]:
    table = _open_table(rules, pieces) if len(rules) > 1 else None
    return [table] if table else []


def _open_table(rules: Sequence[Rule], pieces: Sequence[Piece]) -> Found | None:
    box = Rect(rules[0].start, rules[0].at, rules[0].end, rules[-1].at)
    inside = [piece for piece in pieces if box.holds(piece, 0)]
    visual = visual_rows([word for piece in inside for word in words(piece)])
    edges = column_edges(visual)
    rows = logical_rows(visual, edges, [rule.at for rule in rules])
    wide = sum(1 for row in rows if len(row) >= 2)
    least = 2 if len(rules) > 2 else 3
    if len(edges) < 3 or len(rows) < least or wide < 0.6 * len(rows):
        return None
    squares: Squares = [[[] for _ in edges[1:]] for _ in rows]
    for r, row in enumerate(rows):
        for piece in row:
            squares[r][slot(edges, (piece.x0 + piece.x1) / 2)].append(piece)
    return table_of(squares, None, box, inside)


def words(piece: Piece) -> list[Piece]:
    """Cut a piece at its spaces, which may part cells; English is left whole."""
    parts: list[Piece] = []
    for at in [i for i, c in enumerate(piece.text) if c == " "][::-1]:
        if piece.text[at - 1].isascii() and piece.text[at + 1].isalpha():
            continue
        if any(offset == at for offset, _ in piece.stops):
            piece, right = halves(piece, at)
            parts.append(right)
    return [piece, *parts[::-1]]


def logical_rows(
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


def column_edges(rows: Sequence[Sequence[Piece]]) -> list[float]:
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
