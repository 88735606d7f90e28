"""Pages whose text runs up, down or upside down: their reading frame, and the way back.

In the reading frame text runs from left to right. A turn is the number of quarter turns, clockwise,
that the page's text has been turned by: 0 upright, 1 reading downwards, 2 upside down, 3 upwards.
"""

from __future__ import annotations

from dataclasses import replace

from ingest.model import Block, Box, Line
from ingest.pdf.geometry import Rect, Shape


def turn_of(across: float, down: float) -> int:
    """Return the turn of text set in the direction (across, down), rounded to a quarter."""
    if abs(across) >= abs(down):
        return 0 if across >= 0 else 2
    return 1 if down > 0 else 3


def to_reading(box: Rect, turn: int, width: float, height: float) -> Rect:
    """Carry a box from a page of `width` by `height` into the reading frame."""
    if turn == 1:
        return Rect(box.y0, width - box.x1, box.y1, width - box.x0)
    if turn == 2:
        return Rect(width - box.x1, height - box.y1, width - box.x0, height - box.y0)
    if turn == 3:
        return Rect(height - box.y1, box.x0, height - box.y0, box.x1)
    return box


def from_reading(box: Box, turn: int, width: float, height: float) -> Box:
    """Carry a box of the reading frame back to the page of `width` by `height`."""
    if turn == 1:
        return Box(box.page, width - box.y1, box.x0, width - box.y0, box.x1)
    if turn == 2:
        return Box(box.page, width - box.x1, height - box.y1, width - box.x0, height - box.y0)
    if turn == 3:
        return Box(box.page, box.y0, height - box.x1, box.y1, height - box.x0)
    return box


def turned_shape(shape: Shape, turn: int, width: float, height: float) -> Shape:
    """Carry a shape into the reading frame."""
    return replace(shape, box=to_reading(shape.box, turn, width, height))


def turned_back(block: Block, turn: int, width: float, height: float) -> Block:
    """Carry a block back to the page. Stops are left out: they would not run along x."""
    if not turn:
        return block
    lines = tuple(
        Line(line.start, line.end, line.box and from_reading(line.box, turn, width, height))
        for line in block.lines
    )
    box = block.box and from_reading(block.box, turn, width, height)
    return replace(block, box=box, lines=lines)
