"""Pages read by OCR, as raw pages that the rules of the text layer can lay out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ingest.pdf import repair
from ingest.pdf.geometry import Piece, RawPage, Rect
from ingest.pdf.turn import to_reading

if TYPE_CHECKING:
    from ingest.ocr import OcrEngine, OcrLine

#: Pixels per point for OCR: 180 dpi keeps 8-point footnotes legible for PP-OCR's models.
SCALE = 2.5
#: The longest side of the picture: posters and drawings are scaled down to it.
MAX_PIXELS = 3200
MIN_CONFIDENCE = 0.5
#: Height of a recognised line's box in ems, measured on Chinese text lines.
LINE_HEIGHT = 1.2


def recognise(page: Any, raw: RawPage, stamps: Sequence[Piece], engine: OcrEngine) -> RawPage:
    """Read a page's picture; drawings are kept for their rules, pictures and old text are not.

    Lines that the file says are watermarks (`stamps`) are left out.
    """
    import numpy as np
    import pymupdf

    scale = min(SCALE, MAX_PIXELS / max(raw.width, raw.height, 1.0))
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace="rgb", alpha=False)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    lines = [
        line for line in engine.read(image, scale)
        if line.confidence >= MIN_CONFIDENCE and not _stamped(line, stamps)
    ]  # fmt: skip
    read = RawPage(raw.number, raw.width, raw.height, source="ocr")
    read.shapes = [shape for shape in raw.shapes if not shape.picture]
    turn = _turn(lines)
    pieces = _pieces(lines, turn, raw.width, raw.height)
    if turn:
        read.turned, read.turn = pieces, turn
    else:
        read.pieces = pieces
    return read


def _stamped(line: OcrLine, stamps: Sequence[Piece]) -> bool:
    box = Rect(line.x0, line.y0, line.x1, line.y1)
    return any(
        Rect(stamp.x0, stamp.y0, stamp.x1, stamp.y1).holds(box, 0.3 * stamp.size)
        and box.width < 1.3 * (stamp.x1 - stamp.x0)
        for stamp in stamps
    )


def _turn(lines: Sequence[OcrLine]) -> int:
    """Tell from the lines' shapes and their order how the page was turned."""
    long = [line for line in lines if len(line.text) > 3]
    tall = [line for line in long if line.y1 - line.y0 > 1.5 * (line.x1 - line.x0)]
    if len(tall) * 2 > len(long):
        return 1 if _falls([line.x0 for line in tall]) else 3
    return 2 if len(long) > 3 and _falls([line.y0 for line in long]) else 0


def _falls(places: Sequence[float]) -> bool:
    """Tell whether a sequence mostly goes down."""
    steps = [b - a for a, b in pairwise(places)]
    return sum(1 for step in steps if step < 0) * 2 > len(steps)


def _pieces(lines: Sequence[OcrLine], turn: int, width: float, height: float) -> list[Piece]:
    boxes = [to_reading(Rect(n.x0, n.y0, n.x1, n.y1), turn, width, height) for n in lines]
    heights = sorted(box.height for box in boxes)
    usual = heights[len(heights) // 2] if heights else 0.0
    pieces: list[Piece] = []
    for line, box in zip(lines, boxes, strict=True):
        atoms = repair.split_span(repair.clean(line.text), box.x0, box.x1)
        if not atoms:
            continue
        # Boxes of one type size differ by a tenth or so with the letters they hold.
        near = 0.78 * usual < box.height < 1.3 * usual
        size = (usual if near else box.height) / LINE_HEIGHT
        text, stops = repair.compose(atoms, size)
        pieces.append(
            Piece(text, box.x0, box.y0, box.x1, box.y1, size, stops=stops, order=len(pieces))
        )
    return pieces
