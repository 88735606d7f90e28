"""The raw material of a page: pieces of text with their boxes, rules, shapes and pictures.

Everything here is measured in points from the top left corner. A `Piece` is text that the file
sets on one baseline without a wide gap; the rest of the package joins pieces into printed lines,
orders them and makes blocks of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.model import PageSource

Stop = tuple[int, float]
_HALF_WHITE = "，。、；：）》」』”’！？〕】"


@dataclass(slots=True)
class Rect:
    """A rectangle on the page being read."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """The horizontal extent."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """The vertical extent."""
        return self.y1 - self.y0

    def holds(self, other: Rect | Piece, slack: float = 1.0) -> bool:
        """Tell whether the middle of `other` lies inside, give or take `slack`."""
        x, y = (other.x0 + other.x1) / 2, (other.y0 + other.y1) / 2
        return self.x0 - slack <= x <= self.x1 + slack and self.y0 - slack <= y <= self.y1 + slack

    def near(self, other: Rect, slack: float) -> bool:
        """Tell whether the two rectangles touch when each edge may move by `slack`."""
        return (
            self.x0 <= other.x1 + slack
            and other.x0 <= self.x1 + slack
            and self.y0 <= other.y1 + slack
            and other.y0 <= self.y1 + slack
        )


@dataclass(slots=True)
class Piece:
    """Text on one baseline: its box, its main type size and weight, and where characters stand.

    `stops` are `(offset, x)` in the piece's own text, ascending, the first at 0 and the last at
    the end. `order` is its place in the file, by which it is known. `slanted` text runs neither
    along nor across the page.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    heavy: bool = False
    font: str = ""
    stops: list[Stop] = field(default_factory=list)
    order: int = 0
    slanted: bool = False

    @property
    def ink(self) -> float:
        """Where the ink ends: the right half of closing punctuation is white."""
        return self.x1 - 0.45 * self.size if self.text[-1] in _HALF_WHITE else self.x1

    @property
    def middle(self) -> float:
        """The height of the middle of the line."""
        return (self.y0 + self.y1) / 2


@dataclass(slots=True)
class Shape:
    """Something drawn: a filled or stroked path's box, or a picture's."""

    box: Rect
    picture: bool = False
    color: int = 0
    framed: bool = False


@dataclass(slots=True)
class RawPage:
    """What a page holds before anyone has read it.

    `turned` is the text that does not run from left to right, in the frame it is read in, and
    `turn` the quarter turns of that frame (see `turn.py`). `stamps` are watermarks over a picture.
    """

    number: int
    width: float
    height: float
    pieces: list[Piece] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    turned: list[Piece] = field(default_factory=list)
    source: PageSource = "text"
    turn: int = 0
    stamps: list[Piece] = field(default_factory=list)


def union(boxes: Iterable[Rect | Piece]) -> Rect:
    """Return the smallest rectangle around all `boxes` (at least one)."""
    items: Sequence[Rect | Piece] = list(boxes)
    return Rect(
        min(b.x0 for b in items),
        min(b.y0 for b in items),
        max(b.x1 for b in items),
        max(b.y1 for b in items),
    )


def same_line(a: Piece, b: Piece) -> bool:
    """Tell whether two pieces stand on one printed line, superscripts included."""
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return shared > 0.5 * min(a.y1 - a.y0, b.y1 - b.y0)
