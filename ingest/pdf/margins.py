"""Tell the margins of a page from its text, where little repetition proves them.

In two copies of one form every line repeats, so that lines must be set apart from the text too:
by smaller type, by white, or by a rule that stands alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from ingest.model import BlockKind
from ingest.pdf.geometry import Piece, RawPage, Rect
from ingest.pdf.headings import NOTE

#: Type below this share of the text's is set for the margin.
SMALLER = 0.93
#: White above this many ems of the text's type parts the margin from the text. The widest leading
#: of running text measured (28 points for 16-point type, GB/T 9704) leaves 0.75.
WHITE = 1.4
#: What little repetition proves takes no more than this share of a page's characters.
MAX_SHARE = 0.3
#: Rows this short in all are furniture whatever their share.
FEW_CHARACTERS = 30
#: Pages are copies of one another when more than this share of their pieces are the same: half of
#: a form that is filled in is not. Pages of running text share next to nothing away from the edges.
ALIKE = 0.3
#: The same share for pages with text at the edges only, where headers and footers count.
ALIKE_EDGES = 0.5
#: A rule this near an edge of the page (share of its height) may part a header or footer off.
RULED_EDGE = 0.14
RULED_LENGTH = 40


class Proof(IntEnum):
    """How well it is proved that a row is furniture."""

    NONE = 0
    #: The row repeats, but on copies of one page only.
    COPIES = 1
    #: It repeats on two or three pages.
    FEW = 2
    #: It repeats on many pages, counts with them, or is furniture by its own words.
    SURE = 3


@dataclass(slots=True)
class Row:
    """Pieces on one line near an edge of the page, and what is known of them."""

    pieces: list[Piece]
    kinds: dict[int, BlockKind]
    proof: Proof

    @property
    def top(self) -> float:
        """Where the row begins."""
        return min(piece.y0 for piece in self.pieces)

    @property
    def bottom(self) -> float:
        """Where the row ends."""
        return max(piece.y1 for piece in self.pieces)

    @property
    def size(self) -> float:
        """The largest type of the row."""
        return max(piece.size for piece in self.pieces)

    @property
    def length(self) -> int:
        """The characters of the row."""
        return sum(len(piece.text) for piece in self.pieces)


def body_size(pages: Sequence[RawPage]) -> float:
    """Return the type size of most of the text, 10.5 where there is none."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page.pieces:
            sizes[piece.size] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else 10.5


def like_pages(pages: Sequence[RawPage]) -> list[int]:
    """Return for each page the index of the first page that it is a copy of, or its own.

    Copies may be filled in differently; what is compared is the text away from the edges, or all
    of it on a page that has none there.
    """
    groups: list[int] = []
    holders: dict[tuple[str, int], int] = {}
    sizes: dict[int, int] = {}
    for index, page in enumerate(pages):
        inner = [p for p in page.pieces if 0.17 * page.height < p.middle < 0.83 * page.height]
        marks = {(p.text, int(p.middle / 4)) for p in inner or page.pieces}
        shared = Counter(holders[mark] for mark in marks if mark in holders)
        like, count = shared.most_common(1)[0] if shared else (index, 0)
        share = ALIKE if inner else ALIKE_EDGES
        if count <= share * max(len(marks), sizes.get(like, 0)):
            like = index
            sizes[index] = len(marks)
        groups.append(like)
        for mark in marks:
            holders.setdefault(mark, like)
    return groups


def proven(rows: Sequence[Row], page: RawPage, size: float, *, top: bool) -> list[Row]:
    """Return the rows, given from the edge inwards, that are furniture for good.

    `size` is the type size of the text.
    """
    kept = list(rows)
    while kept and not _set_apart(kept, page, size, top=top):
        kept.pop()
    unsure = sum(row.length for row in kept if row.proof < Proof.SURE)
    total = sum(len(piece.text) for piece in page.pieces)
    if unsure > max(FEW_CHARACTERS, MAX_SHARE * total):
        return [row for row in kept if row.proof is Proof.SURE]
    return kept


def _set_apart(rows: Sequence[Row], page: RawPage, size: float, *, top: bool) -> bool:
    """Tell whether the innermost of the rows is parted from the text as its proof demands."""
    row = rows[-1]
    if row.proof is Proof.SURE:
        return True
    smaller = row.size < SMALLER * size
    white = _white(rows, page, top=top) > WHITE * size
    return (smaller and white) if row.proof is Proof.COPIES else (smaller or white)


def _white(rows: Sequence[Row], page: RawPage, *, top: bool) -> float:
    """Return the distance from the innermost row to the text."""
    taken = {piece.order for row in rows for piece in row.pieces}
    rest = [piece for piece in page.pieces if piece.order not in taken]
    if top:
        at = rows[-1].bottom
        return min((p.y0 - at for p in rest if p.middle > at), default=page.height)
    at = rows[-1].top
    return min((at - p.y1 for p in rest if p.middle < at), default=page.height)


def beyond_lone_rule(rows: Sequence[Row], page: RawPage, size: float, *, top: bool) -> list[Row]:
    """Return the rows that a rule parts from the text: a header or footer seen but once.

    The rule is long and alone of its width, so that it begins no table; there is white on the
    text's side of it; the rows beyond are short and not set in larger type.
    """
    for rule in _lone_rules(page, top=top):
        beyond = [row for row in rows if (row.bottom < rule + 3 if top else row.top > rule - 3)]
        fit = all(
            row.size <= 1.02 * size
            and row.length <= RULED_LENGTH
            and not any(NOTE.match(piece.text) for piece in row.pieces)
            for row in beyond
        )
        small = any(row.size < SMALLER * size for row in beyond)
        if 0 < len(beyond) <= 2 and fit and small and _white(beyond, page, top=top) > WHITE * size:
            return beyond
    return []


def _lone_rules(page: RawPage, *, top: bool) -> list[float]:
    """Return the long rules near an edge that no other, the far edge's apart, is as wide as."""
    edge = RULED_EDGE * page.height
    long = [s.box for s in page.shapes if s.box.height < 3 and s.box.width > 0.5 * page.width]
    if not top:
        long = [Rect(b.x0, page.height - b.y1, b.x1, page.height - b.y0) for b in long]
    near = [box for box in long if box.y0 < page.height - edge]
    lone = [
        box.y0 for box in near
        if box.y0 < edge and not any(_alike(box, other) for other in near)
    ]  # fmt: skip
    return lone if top else [page.height - y for y in lone]


def _alike(rule: Rect, other: Rect) -> bool:
    return (
        abs(rule.y0 - other.y0) > 5 and abs(rule.x0 - other.x0) < 4 and abs(rule.x1 - other.x1) < 4
    )
