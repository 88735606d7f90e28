"""Find running headers, footers and page numbers by what repeats from page to page.

A line near the top or bottom edge is furniture when the same words (digits apart) stand at the
same height on other pages, when it is a page number that counts with the pages, or when it shares
its line with such a one. Only the outermost lines of a page are looked at: once body text is met
going inwards, nothing further in is furniture. What few pages repeat must also be set apart from
the text (see `margins.py`): two copies of one form repeat every line.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.model import BlockKind
from ingest.pdf.geometry import Piece, RawPage
from ingest.pdf.margins import Proof, Row, beyond_lone_rule, body_size, like_pages, proven
from ingest.pdf.watermarks import watermarks

#: Furniture is sought in this share of the page's height at either edge.
EDGE = 0.17
#: Two lines stand at the same height when they differ by less than this share of the page's.
LEVEL = 0.012
MAX_LENGTH = 90
#: A header or footer has no more lines than this.
MAX_ROWS = 4
#: Text at the same height on this many pages, no copies of one another, is surely furniture.
SURE = 4
#: In a document of fewer pages a rule seen once may part the header or footer off.
MIN_RULED = 3

_DASHES = "—–─－‐·•.~-"
_NUMBER = re.compile(rf"^[\s/|第{_DASHES}]*(\d{{1,4}})[\s页{_DASHES}]*$")
_OF = re.compile(
    r"^[\s\-—–·第]*(\d{1,4})\s*(?:页)?[\s,，]*(?:/|共|of|OF)\s*(\d{1,4})\s*页?[\s\-—–·]*$"
)
_PAGE = re.compile(r"^(?:page|p\.)\s*(\d{1,4})(?:\s*(?:of|/)\s*\d{1,4})?$", re.IGNORECASE)
_ROMAN = re.compile(rf"^[\s{_DASHES}]*([ivxlcIVXLCⅠ-Ⅻⅰ-ⅻ]{{1,7}})[\s{_DASHES}]*$")
_DASHED = re.compile(
    r"^[\s]*[-—–─－]{1,3}[\s\-—–]*\d{1,4}[\s\-—–]*[-—–─－]{1,3}\s*$|^第\s*\d{1,4}\s*页"
)
_DIGITS = re.compile(r"[\dⅠ-Ⅻⅰ-ⅻ]+")
_SPACES = re.compile(r"\s+")
_ALWAYS = re.compile(
    r"^(?:https?://|www\.)\S+$|^(?:DOI[:：]?\s*)?10\.\d{4,9}/\S+$|^(?:中国知网|万方数据|维普资讯)"
    r"|请务必阅读.{0,12}(?:免责|声明|重要)|^(?:©|\(c\)|\(C\)|版权所有)",
)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


#: By text and edge: the heights at which the text recurs, and what that proves.
Repeated = dict[tuple[str, bool], dict[float, Proof]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece near an edge, with what is compared across pages."""

    page: int
    piece: Piece
    key: str
    height: float
    top: bool


def find_furniture(pages: Sequence[RawPage]) -> list[dict[int, BlockKind]]:
    """Return, for each page, the kind of each piece (by `order`) that is furniture."""
    marks = [_marks(page, index) for index, page in enumerate(pages)]
    head_rule, foot_rule = _running_rule(pages, top=True), _running_rule(pages, top=False)
    repeated = _repeated(marks, like_pages(pages))
    counting = _counting(marks)
    size = body_size(pages)
    few = len(pages) < MIN_RULED
    furniture: list[dict[int, BlockKind]] = []
    for page, found in zip(pages, marks, strict=True):
        kinds: dict[int, BlockKind] = {
            stamp.order: "figure_text" for stamp in watermarks(page, size)
        }
        for top, rule in ((True, head_rule), (False, foot_rule)):
            rows = _peel(page, found, (repeated, counting, rule), top=top)
            rows = proven(rows, page, size, top=top)
            if few and not rows:
                rows = _ruled_off(page, found, size, top=top)
            for row in rows:
                kinds.update(row.kinds)
        furniture.append(kinds)
    return furniture


def _running_rule(pages: Sequence[RawPage], *, top: bool) -> float | None:
    """Return the height (0 to 1) of a rule that parts the header or footer on most pages."""
    heights: Counter[int] = Counter()
    for page in pages:
        found = {
            round(200 * shape.box.y0 / page.height)
            for shape in page.shapes
            if shape.box.height < 3 and shape.box.width > 0.3 * page.width
        }
        heights.update(h for h in found if (h < 26 if top else h > 174))
    if not heights:
        return None
    height, count = heights.most_common(1)[0]
    return height / 200 if count >= max(3, 0.6 * len(pages)) else None


def _marks(page: RawPage, index: int) -> list[Mark]:
    found: list[Mark] = []
    low, high = page.height * EDGE, page.height * (1 - EDGE)
    for piece in page.pieces:
        top = piece.y1 <= low
        if (top or piece.y0 >= high) and len(piece.text) <= MAX_LENGTH:
            key = _DIGITS.sub("#", _SPACES.sub("", piece.text))
            height = piece.middle / page.height
            found.append(Mark(index, piece, key, height, top))
    return found


def _repeated(marks: Sequence[Sequence[Mark]], groups: Sequence[int]) -> Repeated:
    """Return the heights at which each text recurs, over enough pages to be no accident.

    `groups` says which pages are copies of one another (see `like_pages`).
    """
    by_key: dict[tuple[str, bool], list[Mark]] = defaultdict(list)
    for found in marks:
        for mark in found:
            if mark.key.strip("#" + _DASHES + "/"):
                by_key[mark.key, mark.top].append(mark)
    enough = 2 if len(marks) <= 5 else 3
    result: Repeated = {}
    for key, group in by_key.items():
        if len({mark.page for mark in group}) < enough:
            continue
        heights = _levels(group, enough, groups)
        if heights:
            result[key] = heights
    return result


def _levels(group: Sequence[Mark], enough: int, groups: Sequence[int]) -> dict[float, Proof]:
    """Return the heights shared by at least `enough` pages, and what that proves."""
    heights = sorted((mark.height, mark.page) for mark in group)
    levels: dict[float, Proof] = {}
    start = 0
    for i in range(1, len(heights) + 1):
        if i == len(heights) or heights[i][0] - heights[i - 1][0] > LEVEL:
            pages = {page for _, page in heights[start:i]}
            if len(pages) >= enough:
                kinds = len({groups[page] for page in pages})
                proof = Proof.SURE if kinds >= SURE else Proof.FEW
                proof = Proof.COPIES if kinds < enough else proof
                levels.update({round(h, 3): proof for h, _ in heights[start:i]})
            start = i
    return levels


def page_number(text: str) -> int | None:
    """Return the number that a page-number-like text shows, or None."""
    for pattern in (_NUMBER, _OF, _PAGE):
        if match := pattern.match(text.strip()):
            return int(match[1])
    if match := _ROMAN.match(text):
        return _roman(match[1])
    return None


def _roman(text: str) -> int | None:
    if len(text) == 1 and "Ⅰ" <= text <= "ⅿ":
        return (ord(text) - ord("Ⅰ")) % 16 + 1
    total, previous = 0, 0
    for char in reversed(text.lower()):
        value = _ROMAN_VALUES.get(char)
        if value is None:
            return None
        total += value if value >= previous else -value
        previous = max(previous, value)
    return total


def _counting(marks: Sequence[Sequence[Mark]]) -> Counter[int]:
    """Count, for each difference between printed number and page, the pages that show it."""
    offsets: Counter[int] = Counter()
    for index, found in enumerate(marks):
        numbers = {page_number(mark.piece.text) for mark in found}
        offsets.update({number - index for number in numbers if number is not None})
    return offsets


def _peel(
    page: RawPage,
    marks: Sequence[Mark],
    known: tuple[Repeated, Counter[int], float | None],
    *,
    top: bool,
) -> list[Row]:
    """Return the rows at one edge that may be furniture, going inwards.

    `known` is what repeats, what counts with the pages, and where the running rule is.
    """
    repeated, counting, rule = known
    peeled: list[Row] = []
    for row in _edge_rows(marks, top=top)[:MAX_ROWS]:
        found = {m.piece.order: _kind(m, repeated, counting) for m in row}
        if not top and len(row) == 1 and _lone_number(row[0], page):
            found = {row[0].piece.order: ("page_number", Proof.SURE)}
        proof = max((proof for _, proof in found.values()), default=Proof.NONE)
        if _beyond(row, rule, page, top=top):
            proof = Proof.SURE
        if proof is Proof.NONE:
            break
        short = all(len(m.piece.text) <= 40 for m in row)
        default: BlockKind = "header" if top else "footer"
        kinds = {
            order: kind or default for order, (kind, _) in found.items() if kind or short
        }  # fmt: skip
        peeled.append(Row([m.piece for m in row], kinds, proof))
    return peeled


def _edge_rows(marks: Sequence[Mark], *, top: bool) -> list[list[Mark]]:
    """Return the rows at one edge, the outermost first."""
    edge = [mark for mark in marks if mark.top is top]
    return _rows(sorted(edge, key=lambda m: m.height if top else -m.height))


def _ruled_off(page: RawPage, marks: Sequence[Mark], size: float, *, top: bool) -> list[Row]:
    """Return the header or footer that a rule parts off where nothing repeats."""
    kind: BlockKind = "header" if top else "footer"
    rows = [
        Row([m.piece for m in row], {m.piece.order: kind for m in row}, Proof.NONE)
        for row in _edge_rows(marks, top=top)[:MAX_ROWS]
    ]
    return beyond_lone_rule(rows, page, size, top=top)


def _beyond(row: Sequence[Mark], rule: float | None, page: RawPage, *, top: bool) -> bool:
    """Tell whether a row stands on the far side of the running rule."""
    if rule is None:
        return False
    at = rule * page.height
    return all(m.piece.y1 < at + 4 if top else m.piece.y0 > at - 4 for m in row)


def _lone_number(mark: Mark, page: RawPage) -> bool:
    """Tell whether a number stands alone and centred at the very foot of a page."""
    middle = (mark.piece.x0 + mark.piece.x1) / 2
    return (
        mark.height > 0.9
        and page_number(mark.piece.text) is not None
        and abs(middle - page.width / 2) < 0.06 * page.width
    )


def _rows(marks: Sequence[Mark]) -> list[list[Mark]]:
    rows: list[list[Mark]] = []
    for mark in marks:
        if rows and _level_with(rows[-1][0].piece, mark.piece):
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return rows


def _level_with(a: Piece, b: Piece) -> bool:
    return min(a.y1, b.y1) - max(a.y0, b.y0) > 0.3 * min(a.y1 - a.y0, b.y1 - b.y0)


def _kind(mark: Mark, repeated: Repeated, counting: Counter[int]) -> tuple[BlockKind | None, Proof]:
    text = mark.piece.text
    number = page_number(text)
    if number is not None and (
        _DASHED.match(text) or _OF.match(text) or counting[number - mark.page] >= 2
    ):
        return "page_number", Proof.SURE
    kind: BlockKind = "header" if mark.top else "footer"
    if _ALWAYS.search(_SPACES.sub("", text)):
        return kind, Proof.SURE
    if not (len(text) > 12 and text.endswith(("。", "；"))):
        for height, proof in repeated.get((mark.key, mark.top), {}).items():
            if abs(mark.height - height) <= LEVEL:
                return kind, proof
    return None, Proof.NONE
