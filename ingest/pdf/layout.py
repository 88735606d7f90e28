"""Lay a page out: what is table, figure and caption, and in which order the rest is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.model import BlockKind
from ingest.pdf.blocks import Column, Draft, paragraphs
from ingest.pdf.columns import Region, reading_order
from ingest.pdf.doubt import confidence
from ingest.pdf.drop_caps import with_drop_caps
from ingest.pdf.figures import Patch, banners, find_figures, is_text_box, labels
from ingest.pdf.geometry import Piece, RawPage, Rect, same_line, union
from ingest.pdf.guided import guided_order, guided_tables, name_kinds
from ingest.pdf.headings import Style, classify
from ingest.pdf.lines import CAPTION, SOURCE, join, join_lines
from ingest.pdf.model import Area
from ingest.pdf.open_tables import open_tables
from ingest.pdf.plain_tables import plain_tables
from ingest.pdf.rules import find_grids, find_rules
from ingest.pdf.tables import Found, ruled_tables

#: Pieces of one line closer than this (in ems) are set together, whatever the columns.
TOGETHER = 1.3


@dataclass(slots=True)
class Unit:
    """A table or a box of text: blocks that keep together, whatever stands beside them."""

    box: Rect
    drafts: list[Draft]


@dataclass(slots=True)
class Layout:
    """A page's blocks in the making: running text in reading order, and what is not of it.

    `confidence` says how sure of them geometry may be, from 0 to 1.
    """

    drafts: list[Draft] = field(default_factory=list)
    aside: list[Draft] = field(default_factory=list)
    confidence: float = 1.0


def lay_out(
    page: RawPage, furniture: dict[int, BlockKind], style: Style, areas: Sequence[Area] = ()
) -> Layout:
    """Return a page's blocks; `furniture` says which pieces are headers, footers and numbers.

    Where the layout model was asked, `areas` is what it saw. Where all of a page's text would be
    labels of figures, it is the page's text.
    """
    pieces = [piece for piece in page.pieces if piece.order not in furniture]
    tables = _tables(page, pieces)
    pieces = _without(pieces, {order for table in tables for order in table.taken})
    figures = find_figures(page, [table.box for table in tables]) if page.shapes else []
    layout = Layout()
    rest = _take_labels(layout, figures, pieces, style)
    if layout.aside and not (rest or tables):
        figures, layout = [], Layout()
    else:
        pieces = rest
    if areas:
        more = guided_tables(areas, tables, pieces)
        tables += more
        pieces = _without(pieces, {order for table in more for order in table.taken})
    _arrange(layout, pieces, tables, figures, style, areas)
    classify(layout.drafts, style, page.height)
    name_kinds(layout.drafts, areas)
    _sink_footnotes(layout.drafts)
    return layout


def _arrange(
    layout: Layout,
    pieces: list[Piece],
    tables: Sequence[Found],
    figures: Sequence[Patch],
    style: Style,
    areas: Sequence[Area],
) -> None:
    """Put text, tables and boxes of text in reading order, captions with their figures."""
    units = [Unit(table.box, [table.draft]) for table in tables]
    for figure in figures:
        if is_text_box(figure, pieces):
            inside = [piece for piece in pieces if figure.holds(piece, 2)]
            pieces = _without(pieces, {piece.order for piece in inside})
            units.append(Unit(figure, _flow(reading_order(_joined(inside)), {}, [], style)))
    pieces = _joined(with_drop_caps(pieces, style.size))
    drawn = [figure for figure in figures if figure.is_figure]
    floats = [p for p in pieces if _is_float(p, drawn)]
    flow = _without(pieces, {piece.order for piece in floats})
    by_order = {-1 - i: unit for i, unit in enumerate(units)}
    content = [*flow, *_stand_ins(by_order)]
    regions = guided_order(content, areas) if areas else reading_order(content)
    layout.drafts = _flow(regions, by_order, drawn, style)
    layout.confidence = confidence([region for region in regions if region.lines])
    for piece in floats:
        _insert(layout.drafts, Draft([piece], piece.x0, piece.x1))


def _without(pieces: Sequence[Piece], orders: set[int]) -> list[Piece]:
    return [piece for piece in pieces if piece.order not in orders] if orders else list(pieces)


def _tables(page: RawPage, pieces: Sequence[Piece]) -> list[Found]:
    horizontal, vertical = find_rules(page.shapes)
    found: list[Found] = []
    for grid in find_grids(horizontal, vertical):
        found.extend(ruled_tables(grid, pieces))
    taken = {order for table in found for order in table.taken}
    boxes = [table.box for table in found]
    free = [r for r in horizontal if not any(b.y0 - 3 <= r.at <= b.y1 + 3 for b in boxes)]
    found.extend(open_tables(free, _without(pieces, taken)))
    return found


def _take_labels(
    layout: Layout, figures: Sequence[Patch], pieces: list[Piece], style: Style
) -> list[Piece]:
    """Move figure labels and vertical banners aside; return the other pieces."""
    for figure in figures:
        found = labels(figure, pieces, style.size)
        if found:
            layout.aside.append(_aside(found))
            pieces = _without(pieces, {piece.order for piece in found})
    for run in banners(pieces):
        layout.aside.append(_aside(run))
        pieces = _without(pieces, {piece.order for piece in run})
    return pieces


def _aside(pieces: Sequence[Piece]) -> Draft:
    return Draft(list(pieces), 0.0, 0.0, "figure_text")


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Join pieces of one line that stand close together, but not across a column's edge."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (round(p.y1 / 3), p.x0)):
        if rows and same_line(rows[-1][-1], piece) and _close(rows[-1][-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    edges = _column_edges(rows) if any(len(row) > 1 for row in rows) else set()
    joined: list[Piece] = []
    for row in rows:
        joined.append(row[0])
        for piece in row[1:]:
            if (
                not edges.isdisjoint(_about(piece.x0))
                and piece.x0 - joined[-1].ink > 0.3 * piece.size
            ):
                joined.append(piece)
            else:
                joined[-1] = join(joined[-1], piece)
    return joined


def _about(x: float) -> tuple[int, int, int]:
    return (round(x) - 1, round(x), round(x) + 1)


def _column_edges(rows: Sequence[Sequence[Piece]]) -> set[int]:
    """Return where columns begin, so that pieces on both sides are not joined.

    Three lines or more start there, most with nothing close by; or nearly all that have something
    close by have a long line there, not a label or a number.
    """
    free = Counter(round(row[0].x0) for row in rows)
    close: Counter[int] = Counter()
    long: Counter[int] = Counter()
    for row in rows:
        for left, right in pairwise(row):
            close[round(right.x0)] += 1
            long[round(right.x0)] += left.x1 - left.x0 > 12 * left.size
    return {
        x for x, count in close.items()
        if (free[x] >= 3 and free[x] > 1.5 * count)
        or (free[x] + count >= 4 and long[x] > 0.7 * count)
    }  # fmt: skip


def _close(left: Piece, right: Piece) -> bool:
    gap = right.x0 - left.x1
    size = min(left.size, right.size)
    return -0.6 * size < gap < TOGETHER * size and right.x0 > left.x0


def _is_float(piece: Piece, figures: Sequence[Rect]) -> bool:
    """Tell whether a caption or source belongs to a figure beside which text flows."""
    if not (CAPTION.match(piece.text) or SOURCE.match(piece.text)):
        return False
    reach = 3 * piece.size
    return any(
        piece.x0 < f.x1 and f.x0 < piece.x1 and f.y0 - reach < piece.middle < f.y1 + reach
        for f in figures
    )


def _stand_ins(units: dict[int, Unit]) -> list[Piece]:
    """Return a piece of text in the place of each unit, to be ordered with the others."""
    return [
        Piece("\ufffc" * 40, t.box.x0, t.box.y0, t.box.x1, t.box.y1, 10.0, order=order)
        for order, t in units.items()
    ]


def _flow(
    regions: Sequence[Region], units: dict[int, Unit], figures: Sequence[Rect], style: Style
) -> list[Draft]:
    """Make drafts of regions; a unit, known by its order, is one line of its region.

    Lines that make a table are taken out of their region.
    """
    drafts: list[Draft] = []
    for region in regions:
        inset = {
            piece.order: units[piece.order].drafts for piece in region.lines if piece.order < 0
        }
        text = [piece for piece in region.lines if piece.order >= 0]
        taken: set[int] = set()
        for table in plain_tables(text):
            inset[min(table.taken)] = [table.draft]
            taken |= table.taken
        column = Column(_without(text, taken), figures, style.size, style.edges)
        run: list[Piece] = []
        for piece in region.lines:
            if piece.order not in inset:
                if piece.order not in taken:
                    run.append(piece)
                continue
            drafts.extend(paragraphs(join_lines(run), column))
            drafts.extend(inset[piece.order])
            run = []
        drafts.extend(paragraphs(join_lines(run), column))
        region.lines = _without(region.lines, taken)
    return drafts


def _insert(drafts: list[Draft], floating: Draft) -> None:
    """Put a caption after the last block above it in its part of the page."""
    caption = floating.first
    place = 0
    for i, draft in enumerate(drafts):
        box = union(draft.lines)
        if box.y0 < caption.y0 and box.x0 < caption.x1 and caption.x0 < box.x1:
            place = i + 1
    drafts.insert(place, floating)


def _sink_footnotes(drafts: list[Draft]) -> None:
    """Put footnotes after the page's running text, in their own order."""
    notes = [draft for draft in drafts if draft.kind == "footnote"]
    if notes:
        drafts[:] = [draft for draft in drafts if draft.kind != "footnote"] + notes
