"""Find figures, and the labels inside them that are no running text.

Pictures and drawings are painted on a coarse raster; connected patches of it are figures. Short
scattered text inside a figure is its labels; a patch that holds sentences is a text box or a
shaded background and is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.pdf.geometry import Piece, RawPage, Rect, Shape, union
from ingest.pdf.lines import CAPTION, DOTS, SOURCE

#: Side of the raster's squares, in points: about one line of text.
STEP = 12.0
#: Parts of one figure lie within twice this distance, in points.
NEAR = 10.0
MIN_WIDTH, MIN_HEIGHT = 48.0, 36.0
#: Drawings over more of the page than this are backgrounds.
MAX_SHARE = 0.72
#: Fewer drawn parts than this, with no picture, make a box or an ornament, not a figure.
MIN_PARTS = 5
LABEL = 16
#: Shorter lines of one width are labels of boxes that are alike.
MIN_JUSTIFIED = 9
#: Labels around a figure are gathered this many lines deep.
MAX_RINGS = 3
#: A page whose drawings paint more squares than this is a map or an attack.
MAX_SQUARES = 150_000
#: A page with more single characters than this is a table or a map.
MAX_SINGLE = 400


@dataclass(slots=True)
class Patch(Rect):
    """A connected patch of drawings and pictures."""

    parts: int = 1
    pictures: bool = False

    @property
    def is_figure(self) -> bool:
        """Whether enough is drawn here to be a figure, not just a frame or a ground."""
        return self.pictures or self.parts >= MIN_PARTS


def find_figures(page: RawPage, tables: Sequence[Rect]) -> list[Patch]:
    """Return the larger patches of drawings and pictures on a page."""
    area = max(page.width * page.height, 1.0)
    drawn = [
        shape for shape in page.shapes
        if _drawn(shape, page) and not any(box.holds(shape.box, 4) for box in tables)
    ]  # fmt: skip
    figures: list[Patch] = []
    for patch in _patches(drawn, page):
        box = union([shape.box for shape in patch])
        pictures = any(shape.picture for shape in patch)
        # Rules alone set off a table or a list, they draw nothing.
        if all(shape.box.height < 3 and not shape.picture for shape in patch):
            continue
        big = box.width >= MIN_WIDTH and box.height >= MIN_HEIGHT
        if big and box.width * box.height < MAX_SHARE * area:
            figures.append(Patch(box.x0, box.y0, box.x1, box.y1, len(patch), pictures))
    return figures


def _drawn(shape: Shape, page: RawPage) -> bool:
    """Tell whether a shape may be part of a figure: no separator rule, no page background."""
    box = shape.box
    if box.x1 <= 0 or box.y1 <= 0 or box.x0 >= page.width or box.y0 >= page.height:
        return False
    if box.width > 0.9 * page.width or box.height > MAX_SHARE * page.height:
        return False
    if box.height < 3 and box.width > 0.3 * page.width:
        return False
    return not (shape.color >= 0xFFFFF0 and not shape.picture)


def _patches(shapes: Sequence[Shape], page: RawPage) -> list[list[Shape]]:
    """Group shapes whose squares of the raster touch."""
    step = max(STEP, max(page.width, page.height) / 150)
    columns = int(page.width / step) + 1
    squares: dict[int, int] = {}
    painted = 0
    parent: list[int] = list(range(len(shapes)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, shape in enumerate(shapes):
        covered = _squares(shape.box, page, columns, step)
        painted += len(covered)
        if painted > MAX_SQUARES:
            return []
        for square in covered:
            first = squares.setdefault(square, i)
            if first != i:
                parent[root(i)] = root(first)
    patches: dict[int, list[Shape]] = {}
    for i, shape in enumerate(shapes):
        patches.setdefault(root(i), []).append(shape)
    return list(patches.values())


def _squares(box: Rect, page: RawPage, columns: int, step: float) -> list[int]:
    left = int(max(box.x0 - NEAR, 0) / step)
    right = int(min(box.x1 + NEAR, page.width) / step)
    top = int(max(box.y0 - NEAR, 0) / step)
    bottom = int(min(box.y1 + NEAR, page.height) / step)
    return [y * columns + x for y in range(top, bottom + 1) for x in range(left, right + 1)]


def labels(figure: Patch, pieces: Sequence[Piece], body_size: float) -> list[Piece]:
    """Return the pieces of text that are a figure's labels; empty if it is a box of text."""
    if not figure.is_figure:
        return []
    inside = [piece for piece in pieces if figure.holds(piece, 2)]
    words = [piece for piece in inside if not _stands_alone(piece)]
    sentences = sum(len(p.text) for p in words if len(p.text) > LABEL + 6 or _justified(p, words))
    if words and sentences > 0.35 * sum(len(p.text) for p in words):
        return []
    taken = {piece.order for piece in words}
    for _ in range(MAX_RINGS):
        around = union([figure, *words])
        around = Rect(around.x0 - 12, around.y0 - 12, around.x1 + 12, around.y1 + 12)
        ticks = [
            piece for piece in pieces
            if piece.order not in taken and around.holds(piece, 0) and len(piece.text) <= 8
            and piece.size < 0.95 * body_size and not _stands_alone(piece)
        ]  # fmt: skip
        if not ticks:
            break
        words.extend(ticks)
        taken.update(piece.order for piece in ticks)
    return words


def _justified(piece: Piece, words: Sequence[Piece]) -> bool:
    """Tell whether a line is set to the same width as two others, as running text is."""
    if len(piece.text) < MIN_JUSTIFIED:
        return False
    alike = sum(abs(p.x0 - piece.x0) < 1 and abs(p.x1 - piece.x1) < 1 for p in words)
    return alike > 2


def is_text_box(figure: Patch, pieces: Sequence[Piece]) -> bool:
    """Tell whether a patch is a frame or a ground with text of its own, none running across it."""
    inside = [piece for piece in pieces if figure.holds(piece, 2)]
    return (
        not figure.pictures
        and len(inside) > 1
        and all(piece.x0 > figure.x0 - 3 and piece.x1 < figure.x1 + 3 for piece in inside)
    )


def _stands_alone(piece: Piece) -> bool:
    return bool(CAPTION.match(piece.text) or SOURCE.match(piece.text) or DOTS.search(piece.text))


def banners(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return runs of single characters set one under another: vertical text."""
    single = sorted(
        (p for p in pieces if len(p.text) <= 2 and p.x1 - p.x0 < 1.6 * p.size),
        key=lambda p: (round(p.x0 / 3), p.y0),
    )
    runs: list[list[Piece]] = []
    if len(single) > MAX_SINGLE:
        return []
    for piece in single:
        if runs and _below(runs[-1][-1], piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [
        run for run in runs
        if len(run) >= 3 and sum(p.text.isalpha() for p in run) * 2 > len(run)
        and not _beside(run, pieces)
    ]  # fmt: skip


def _below(above: Piece, piece: Piece) -> bool:
    step = piece.y0 - above.y0
    return (
        abs(piece.x0 - above.x0) < 0.5 * piece.size
        and 0.5 * piece.size < step < 2.2 * piece.size
        and abs(piece.size - above.size) < 0.5
    )


def _beside(run: Sequence[Piece], pieces: Sequence[Piece]) -> bool:
    """Tell whether most of a run has text close by on its line: numbering, not a banner."""
    orders = {piece.order for piece in run}
    close = 0
    for piece in run:
        close += any(
            abs(p.middle - piece.middle) < 0.3 * piece.size
            and p.order not in orders
            and -1 < p.x0 - piece.x1 < 3 * piece.size
            for p in pieces
        )
    return close * 2 > len(run)
