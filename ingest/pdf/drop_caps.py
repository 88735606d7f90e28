"""Put drop caps back: a large first character beside the first lines of its paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.pdf.geometry import Piece

#: A drop cap is this many times as large as the text beside it, at least and at most.
LEAST, MOST = 1.7, 6.0


def with_drop_caps(pieces: Sequence[Piece], size: float) -> list[Piece]:
    """Return the pieces, each drop cap made the first character of the line it begins.

    `size` is the type size of the text. The lines beside a drop cap keep their words and are
    given its left edge, so that they begin where the paragraph's other lines do.
    """
    caps = [
        piece for piece in pieces
        if len(piece.text) <= 2 and LEAST * size < piece.size < MOST * size
        and piece.text.isalpha()
    ]  # fmt: skip
    result = list(pieces)
    for cap in caps:
        beside = [piece for piece in result if _beside(cap, piece)]
        if len(beside) < 2:
            continue
        first = min(beside, key=lambda p: (p.y0, p.x0))
        begins = [p for p in beside if abs(p.x0 - first.x0) < p.size]
        moved = {p.order: _moved(p, cap, joined=p is first) for p in begins}
        result = [moved.get(p.order, p) for p in result if p is not cap]
    return result


def _beside(cap: Piece, piece: Piece) -> bool:
    return (
        piece.size * LEAST < cap.size
        and cap.y0 - 0.3 * piece.size < piece.middle < cap.y1
        and -0.3 * cap.size < piece.x0 - cap.x1 < 1.2 * piece.size
    )


def _moved(piece: Piece, cap: Piece, *, joined: bool) -> Piece:
    """Return the line with its left edge at the cap's, the cap its first character if `joined`."""
    if joined:
        by = len(cap.text)
        text = cap.text + piece.text
        stops = [(0, cap.x0), *((offset + by, x) for offset, x in piece.stops)]
    else:
        text = piece.text
        stops = piece.stops
    return Piece(
        text, cap.x0, piece.y0, piece.x1, piece.y1, piece.size, piece.heavy, piece.font, stops,
        piece.order,
    )  # fmt: skip
