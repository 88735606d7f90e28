"""Read a page's text layer into pieces, and its drawings into shapes.

One pass of PyMuPDF's text device gives both: spans with their type, and, with
`TEXT_COLLECT_VECTORS`, the boxes of everything drawn. Pictures are asked for only on pages whose
resources name any.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ingest.pdf import repair
from ingest.pdf.geometry import Piece, RawPage, Rect, Shape
from ingest.pdf.turn import to_reading, turn_of

_HEAVY = re.compile(r"bold|black|heavy|hei|黑|粗|FZHT|FZXBS|FZDBS|FZCH|demi", re.IGNORECASE)
_SPACE = re.compile(r"\s")
#: A page of drawings (maps, plots) can hold a hundred thousand strokes; more tell nothing new.
MAX_SHAPES = 6000
#: Text printed over itself follows closely in the file.
MAX_RIVALS = 40
#: Orders of turned text begin here, so that they are no piece's of the upright text.
TURNED = 1 << 20
#: Text at more than ten degrees (this is their sine) to both of the page's edges is slanted.
SLANT = 0.17
#: Text reaches this share of its type size above and below the baseline (OS/2 metrics of the
#: common Chinese text faces lie within 0.02 of it).
ASCENT, DESCENT = 0.86, 0.14


def read_page(page: Any, number: int, pictures: bool) -> RawPage:
    """Read one PyMuPDF page. `pictures` asks for the boxes of images too.

    Raises whatever MuPDF raises for a damaged page (RuntimeError, ValueError, FzErrorBase).
    """
    import pymupdf

    flags = (
        pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP | pymupdf.TEXT_COLLECT_VECTORS
        | pymupdf.TEXT_CID_FOR_UNKNOWN_UNICODE
    )  # fmt: skip
    rect = page.rect
    raw = RawPage(number, rect.width, rect.height)
    turned: dict[int, list[Piece]] = {}
    for block in page.get_text("dict", flags=flags)["blocks"]:
        if block["type"] == 0:
            for line in block["lines"]:
                _read_line(line, raw, turned)
        elif block["type"] == 3 and len(raw.shapes) < MAX_SHAPES:
            framed = block["stroked"] and block["isrect"]
            raw.shapes.append(Shape(Rect(*block["bbox"]), color=block["color"], framed=framed))
    if pictures:
        textpage = page.get_textpage(flags=pymupdf.TEXT_PRESERVE_IMAGES)
        for image in textpage.extractIMGINFO()[:MAX_SHAPES]:
            raw.shapes.append(Shape(Rect(*image["bbox"]), picture=True))
    raw.pieces = _without_doubles(raw.pieces)
    if turned:
        raw.turn = max(turned, key=lambda turn: sum(len(p.text) for p in turned[turn]))
        raw.turned = turned[raw.turn]
    return raw


def _read_line(line: dict[str, Any], raw: RawPage, turned: dict[int, list[Piece]]) -> None:
    slanted = min(map(abs, line["dir"])) > SLANT
    turn = 0 if slanted else turn_of(*line["dir"])
    spans = line["spans"]
    if turn:
        spans = [_turned_span(span, turn, raw) for span in spans]
    order = TURNED + sum(map(len, turned.values())) if turn else len(raw.pieces)
    piece = _piece(spans, order)
    if piece is not None:
        piece.slanted = slanted
        (turned.setdefault(turn, []) if turn else raw.pieces).append(piece)


def _turned_span(span: dict[str, Any], turn: int, raw: RawPage) -> dict[str, Any]:
    box = to_reading(Rect(*span["bbox"]), turn, raw.width, raw.height)
    x, y = span["origin"]
    origin = to_reading(Rect(x, y, x, y), turn, raw.width, raw.height)
    return {
        **span,
        "bbox": (box.x0, box.y0, box.x1, box.y1),
        "origin": (origin.x0, origin.y0),
    }


def _piece(spans: list[dict[str, Any]], order: int) -> Piece | None:
    atoms: list[repair.Atom] = []
    sizes: dict[tuple[float, str], int] = {}
    baselines: dict[tuple[float, str], float] = {}
    loose, heavy = True, 0
    for span in spans:
        text = repair.clean(span["text"])
        stripped = text.strip()
        if not stripped:
            loose = True
            continue
        x0, _, x1, _ = span["bbox"]
        size = span["size"]
        if not _SPACE.search(text):
            atoms.append((repair.undouble(text), x0, x1, loose))
            loose = False
        else:
            cut = repair.split_span(text, x0, x1)
            atoms.append((*cut[0][:3], cut[0][3] or loose))
            atoms.extend(cut[1:])
            loose = text[-1].isspace()
        key = (size, span["font"])
        sizes[key] = sizes.get(key, 0) + len(stripped)
        heavy += len(stripped) if is_heavy(span["font"], span["flags"]) else -len(stripped)
        baselines.setdefault(key, span["origin"][1])
    if not atoms:
        return None
    if any(b[1] < a[1] - 1 for a, b in pairwise(atoms)):
        atoms.sort(key=lambda atom: atom[1])
    main = max(sizes, key=lambda k: sizes[k])
    size, baseline = main[0], baselines[main]
    top, bottom = baseline - ASCENT * size, baseline + DESCENT * size
    if size < 3:
        top = min(span["bbox"][1] for span in spans)
        bottom = max(span["bbox"][3] for span in spans)
        size = max(bottom - top, 1.0)
    text, stops = repair.compose(atoms, size)
    font = font_name(main[1])
    return Piece(text, stops[0][1], top, stops[-1][1], bottom, size, heavy > 0, font, stops, order)


@lru_cache(maxsize=512)
def is_heavy(font: str, flags: int) -> bool:
    """Tell whether a face is bold or one of the heavy Chinese faces headings are set in."""
    return bool(flags & 16) or _HEAVY.search(font_name(font)) is not None


@lru_cache(maxsize=512)
def font_name(name: str) -> str:
    """Undo the mangling of Chinese font names (GBK bytes read as Latin-1)."""
    if name.isascii():
        return name
    for encoding in ("utf-8", "gbk"):
        try:
            return name.encode("latin-1").decode(encoding)
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue
    return name


def _without_doubles(pieces: list[Piece]) -> list[Piece]:
    """Drop text that is printed again over itself to look bold or shaded."""
    seen: dict[str, list[Piece]] = {}
    kept: list[Piece] = []
    for piece in pieces:
        rivals = seen.setdefault(piece.text[-2:], [])
        if not any(_covers(rival, piece) for rival in rivals[-MAX_RIVALS:]):
            kept.append(piece)
            rivals.append(piece)
    return kept


def _covers(shown: Piece, again: Piece) -> bool:
    slack = 0.35 * shown.size
    return (
        shown.text.endswith(again.text)
        and abs(shown.x1 - again.x1) < slack
        and abs(shown.y0 - again.y0) < slack
        and (len(again.text) == len(shown.text) or len(again.text) > 2)
    )
