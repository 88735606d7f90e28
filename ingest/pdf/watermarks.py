"""Find watermarks: text stamped over the page's own."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.pdf.geometry import Piece, RawPage

#: A stamp's type is at least this many times as large as the text's.
LARGE = 1.6
#: A stamp covers this many lines of other text.
COVERED = 2
#: Slanted text that makes up more of a page than this is the page's text.
MAX_SLANTED = 0.5


def watermarks(page: RawPage, size: float) -> list[Piece]:
    """Return the pieces stamped over a page's text, whose type size is `size`.

    Slanted text is a stamp, or a label of a chart's axis: neither is running text. Upright text is
    a stamp where it is large and lies across other lines, as no heading does.
    """
    slanted = [piece for piece in page.pieces if piece.slanted]
    if slanted and _length(slanted) > MAX_SLANTED * _length(page.pieces):
        slanted = []
    large = [p for p in page.pieces if not p.slanted and p.size > LARGE * size]
    return slanted + [piece for piece in large if _covered(piece, page.pieces) >= COVERED]


def _length(pieces: Sequence[Piece]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _covered(stamp: Piece, pieces: Sequence[Piece]) -> int:
    """Count the lines of smaller type that a stamp lies across."""
    height = stamp.y1 - stamp.y0
    return sum(
        1 for p in pieces
        if p.size * LARGE < stamp.size and len(p.text) > 4
        and min(p.x1, stamp.x1) - max(p.x0, stamp.x0) > p.size
        and stamp.y0 + 0.1 * height < p.middle < stamp.y1 - 0.1 * height
    )  # fmt: skip
