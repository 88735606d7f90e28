"""Tell pages whose text layer is of no use: scans, watermarks alone, and text decoded to garbage.

A broken encoding gives real characters, only the wrong ones, so that counting replacement
characters misses it. What gives it away is how seldom the commonest characters of the language
come: in every page of real Chinese measured (417 pages of laws, papers, reports and standards)
the 200 commonest characters are 36-69 % of the Han characters, in broken ones 0-3 %.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from ingest.model import BlockKind
from ingest.pdf.geometry import RawPage

#: Fewer Han characters than this say nothing about the language.
MIN_HAN = 20
#: Share of Han characters among the 200 commonest below which text is not Chinese: a third of
#: the lowest measured on real pages, three times the highest on broken ones.
MIN_COMMONEST = 0.11
#: Share among the 3000 commonest; names and rare terms leave it above 0.95 on real pages.
MIN_COMMON = 0.6
#: A picture over this share of the page, with less text than MAX_CAPTION, makes a scan.
SCANNED = 0.4
MAX_CAPTION = 80
#: On a page without any text a picture over this share may hold it; less is a logo.
PICTURED = 0.05
#: A page without text but with this many drawn parts has its letters drawn as outlines.
OUTLINES = 150

_HAN = re.compile("[\u3400-\u9fff]")
_SYMBOL = re.compile(r"[!\"#$&'*+;<=>?@\[\]^{|}~\\]")
_USUAL = re.compile(
    "[\\s!-~\u00a0-\u052f\u1e00-\u27ff\u2e80-\u30ff\u3100-\u9fff\uac00-\ud7af\uf900-\uffef]"
)


@dataclass(frozen=True, slots=True)
class Common:
    """The commonest Chinese characters."""

    commonest: frozenset[str]
    common: frozenset[str]


@lru_cache(maxsize=1)
def _common() -> Common:
    text = files("ingest.pdf").joinpath("common_characters.txt").read_text(encoding="utf-8")
    ranked = "".join(line for line in text.splitlines() if not line.startswith("#"))
    return Common(frozenset(ranked[:200]), frozenset(ranked))


def is_garbage(text: str) -> bool:
    """Tell whether text is what a broken encoding gives."""
    han = _HAN.findall(text)
    if len(han) >= MIN_HAN:
        known = _common()
        commonest = sum(map(known.commonest.__contains__, han)) / len(han)
        common = sum(map(known.common.__contains__, han)) / len(han)
        if commonest < MIN_COMMONEST and (common < MIN_COMMON or len(han) >= 3 * MIN_HAN):
            return True
    return _mixed_scripts(text) or _symbols(text, len(han))


def _mixed_scripts(text: str) -> bool:
    """Tell whether characters of many unrelated scripts stand together."""
    strange = _USUAL.sub("", text)
    letters = sum(1 for c in text if c.isalpha())
    blocks = {ord(c) >> 8 for c in strange}
    return len(strange) >= 8 and len(strange) > 0.12 * letters and len(blocks) >= 4


def _symbols(text: str, han: int) -> bool:
    """Tell whether a text is mostly ASCII signs, as codes shifted into that range are."""
    total = len(text) - text.count(" ") - text.count(".")
    return total >= 100 and han < MIN_HAN and len(_SYMBOL.findall(text)) > 0.2 * total


def doubtful(
    pages: Sequence[RawPage], furniture: Sequence[dict[int, BlockKind]]
) -> list[RawPage | None]:
    """Return, for each page whose picture must be read, what to keep of it if that cannot be done.

    None stands for a page whose text is good. Of a picture with a few words of text the words are
    kept, watermarks apart; of garbage nothing.
    """
    stamps = _stamps(pages)
    bodies = [_body(page, kinds, stamps) for page, kinds in zip(pages, furniture, strict=True)]
    garbage = [is_garbage(body) for body in bodies]
    fonts = _bad_fonts(pages, garbage)
    kept: list[RawPage | None] = []
    for page, body, bad in zip(pages, bodies, garbage, strict=True):
        broken = bad or (bool(fonts) and _in_bad_fonts(page, fonts))
        if not broken and not _is_scan(page, body):
            kept.append(None)
            continue
        rest = RawPage(page.number, page.width, page.height)
        rest.stamps = [piece for piece in page.pieces if piece.text in stamps]
        if not broken:
            rest.pieces = [piece for piece in page.pieces if piece.text not in stamps]
        kept.append(rest)
    return kept


def _stamps(pages: Sequence[RawPage]) -> set[str]:
    """Return the texts that stand on nearly every page of three or more: watermarks."""
    if len(pages) < 3:
        return set()
    seen = Counter(text for page in pages for text in {p.text for p in page.pieces + page.turned})
    return {text for text, count in seen.items() if count >= max(3, 0.6 * len(pages))}


def _body(page: RawPage, kinds: dict[int, BlockKind], stamps: set[str]) -> str:
    return "\n".join(
        p.text for p in (*page.pieces, *page.turned)
        if p.order not in kinds and p.text not in stamps
    )  # fmt: skip


def _is_scan(page: RawPage, body: str) -> bool:
    if len(body) >= MAX_CAPTION:
        return False
    area = max(page.width * page.height, 1.0)
    pictures = sum(
        max(0.0, min(s.box.x1, page.width) - max(s.box.x0, 0.0))
        * max(0.0, min(s.box.y1, page.height) - max(s.box.y0, 0.0))
        for s in page.shapes
        if s.picture
    )
    if not body:
        return pictures > PICTURED * area or len(page.shapes) >= OUTLINES
    return pictures > SCANNED * area


def _bad_fonts(pages: Sequence[RawPage], garbage: Sequence[bool]) -> set[str]:
    """Return the fonts whose text is garbage wherever it can be judged."""
    if not any(garbage):
        return set()
    texts: dict[str, list[str]] = {}
    for page in pages:
        for piece in page.pieces:
            texts.setdefault(piece.font, []).append(piece.text)
    return {font for font, parts in texts.items() if is_garbage("".join(parts))}


def _in_bad_fonts(page: RawPage, fonts: set[str]) -> bool:
    bad = sum(len(piece.text) for piece in page.pieces if piece.font in fonts)
    return bad > 0.15 * sum(len(piece.text) for piece in page.pieces)
