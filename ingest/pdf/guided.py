"""Lay a page out by what the layout model says of it: its blocks, their classes, its tables.

Which lines make a block is the model's to say; in which order blocks are read is told by the rules
of `order.py`: the model itself sorts blocks by the column that their left edge falls in, which
measured a little worse (`benchmarks/layout.py`). Characters, lines and boxes stay those
of the text layer.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.model import BlockKind
from ingest.pdf.blocks import Draft
from ingest.pdf.columns import Region, reading_order
from ingest.pdf.doubt import rows_of_cells
from ingest.pdf.geometry import Piece, Rect, union
from ingest.pdf.headings import MAX_HEADING
from ingest.pdf.lines import TOC_LINE, ends_sentence
from ingest.pdf.model import Area
from ingest.pdf.open_tables import column_edges, logical_rows, visual_rows
from ingest.pdf.order import in_order
from ingest.pdf.tables import Found, Squares, slot, split, table_of

#: More blocks than this are left to geometry: the rules compare every three of them.
MAX_BLOCKS = 120
#: Blocks of one column follow each other within this many ems, and begin within as many.
NEAR = 2.5
#: Rows of a block are a table from this many rows and columns on, most of them whole.
MIN_ROWS, MIN_COLUMNS = 3, 3
MOSTLY = 0.75
_KINDS: dict[str, BlockKind] = {"caption": "caption", "footnote": "footnote"}


def guided_order(pieces: Sequence[Piece], areas: Sequence[Area]) -> list[Region]:
    """Return the regions of a page in reading order, no block of the model's cut by another."""
    blocks: dict[int, list[Piece]] = {}
    for place, piece in enumerate(pieces):
        area = _smallest(areas, piece)
        blocks.setdefault(-1 - place if area is None else area, []).append(piece)
    groups = list(blocks.values())
    if len(groups) > MAX_BLOCKS:
        return reading_order(pieces)
    regions: list[Region] = []
    for i in in_order([union(group) for group in groups]):
        for region in reading_order(groups[i]):
            if regions and _same_column(regions[-1], region):
                regions[-1].lines.extend(region.lines)
            else:
                regions.append(region)
    return regions


def _smallest(areas: Sequence[Area], piece: Piece) -> int | None:
    around = [i for i, area in enumerate(areas) if area.box.holds(piece, 2)]
    return min(around, key=lambda i: areas[i].box.width * areas[i].box.height, default=None)


def _same_column(above: Region, below: Region) -> bool:
    a, b = union(above.lines), union(below.lines)
    near = NEAR * below.lines[0].size
    wide = min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * min(a.width, b.width)
    return wide and abs(a.x0 - b.x0) < near and -1 < b.y0 - a.y1 < near


def guided_tables(
    areas: Sequence[Area], found: Sequence[Found], pieces: Sequence[Piece]
) -> list[Found]:
    """Return the tables the model sees among pieces, where geometry has `found` none."""
    tables: list[Found] = []
    for area in areas:
        if any(table.box.near(area.box, 0) for table in [*found, *tables]):
            continue
        inside = [piece for piece in pieces if area.box.holds(piece)]
        if area.kind == "table" and len(area.columns) > 2 and len(area.rows) > 2:
            table = _table(area, inside)
        else:
            table = _rows_in_a_block(inside) if area.kind == "text" else None
        if table is not None:
            tables.append(table)
    return tables


def _rows_in_a_block(inside: Sequence[Piece]) -> Found | None:
    """Return the table that the lines of one block make, where nearly all are rows of cells.

    Columns of running text are blocks of their own; three cells side by side in one block are a
    row.
    """
    if rows_of_cells(inside) < MIN_ROWS:
        return None
    visual = visual_rows(inside)
    edges = column_edges(visual)
    rows = logical_rows(visual, edges, [])
    columns = len(edges) - 1
    whole = sum(1 for row in rows if len(row) == columns)
    if columns < MIN_COLUMNS or len(rows) < MIN_ROWS or whole < MOSTLY * len(rows):
        return None
    squares: Squares = [[[] for _ in range(columns)] for _ in rows]
    for squares_of_row, row in zip(squares, rows, strict=True):
        for piece in row:
            squares_of_row[slot(edges, (piece.x0 + piece.x1) / 2)].append(piece)
    return table_of(squares, None, union(inside), inside)


def _table(area: Area, inside: Sequence[Piece]) -> Found | None:
    """Return the table in an area; None for lists of contents and for text that runs on."""
    if any(TOC_LINE.match(piece.text) for piece in inside):
        return None
    squares: Squares = [[[] for _ in area.columns[1:]] for _ in area.rows[1:]]
    for piece in inside:
        for part in split(piece, area.columns):
            row = squares[slot(area.rows, part.middle)]
            row[slot(area.columns, (part.x0 + part.x1) / 2)].append(part)
    kept = [row for row in squares if any(row)]
    shared = sum(1 for row in kept if sum(map(bool, row)) > 1)
    if shared < 2 or shared < 0.5 * len(kept):
        return None
    return table_of(kept, None, union(inside), inside)


def name_kinds(drafts: Sequence[Draft], areas: Sequence[Area]) -> None:
    """Give paragraphs the classes that the model gives the blocks they stand in."""
    for draft in drafts:
        if draft.kind != "paragraph":
            continue
        box = union(draft.lines)
        area = next((area for area in areas if _covers(area.box, box)), None)
        if area is None:
            continue
        if area.kind in _KINDS:
            draft.kind = _KINDS[area.kind]
        elif area.kind in ("title", "section-header") and _may_head(draft):
            draft.kind, draft.level = "heading", 3


def _may_head(draft: Draft) -> bool:
    text = draft.plain
    return len(text) <= MAX_HEADING and not ends_sentence(text) and text[-1] not in "：:，,、"


def _covers(area: Rect, box: Rect) -> bool:
    """Tell whether a block of the model's is the paragraph, give or take the height of a line."""
    return (
        area.holds(box)
        and box.height > 0.6 * area.height
        and min(area.x1, box.x1) - max(area.x0, box.x0) > 0.8 * box.width
    )
