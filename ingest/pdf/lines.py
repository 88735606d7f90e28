"""Join pieces that stand on one printed line, and tell what kind of line it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.pdf import repair
from ingest.pdf.geometry import Piece, same_line

_CN = "一二三四五六七八九十百千零〇○两"
CHAPTER = re.compile(
    rf"^第\s?[{_CN}\d]{{1,7}}\s?(?P<unit>编|分编|章|节|部分|篇|讲)(?=\s|[^的，。、；之中])"
)
ARTICLE = re.compile(rf"^第\s?[{_CN}\d]{{1,9}}\s?条(?:之[{_CN}]{{1,3}})?")
_NUMBERED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"^[{_CN}]{{1,4}}[、．.]"), 2),
    (re.compile(rf"^[（(][{_CN}]{{1,4}}[）)]"), 3),
    (re.compile(r"^\d{1,2}\s?[、．]|^\d{1,2}\.(?!\d)"), 4),
    (re.compile(r"^[（(]\d{1,2}[）)]"), 5),
)
DECIMAL = re.compile(
    r"^(?:附录\s?)?(?:[A-Z]|\d{1,2})(?:\.\d{1,3}){1,5}(?=\s|[\u4e00-\u9fffA-Za-z])"
)
_WHOLE = re.compile(r"^\d{1,2}\s+(?=[\u4e00-\u9fff])")
BULLET = re.compile(r"^[•●■◆▪◇□❖➢✓➤▶►★☆※–—-]\s?(?=\S)")
CIRCLED = re.compile(r"^[①-⑳㈠-㈩⑴-⒇]")
REFERENCE = re.compile(r"^[\[［]\d{1,3}[\]］]\s?\S")
CAPTION = re.compile(
    r"^(?:续?[图表]\s?[\dA-Z一二三四五六七八九十]{1,3}+(?:[-—–.．‐]\d{1,3})*+"
    r"(?=[\s：:.．、　]|[^\d，。、；的中所显为和与至])"
    r"|(?:Figure|Fig\.|Table|FIGURE|TABLE)\s?\d+)"
)
SOURCE = re.compile(r"^(?:资料|数据)来源\s?[：:]|^(?:Source|SOURCE)s?\s?[:：]|^注\s?[：:]")
DOTS = re.compile(r"(?:\.\s?){5,}|…{2,}|·{4,}|(?:．\s?){4,}|_{6,}|-{8,}")
TOC_LINE = re.compile(
    r"^(.*?)\s*(?:(?:\.\s?){4,}|…{2,}|·{4,}|(?:．\s?){3,})\s*[（(]?([\dIVXivx]{1,4})[)）]?…*$"
)
SENTENCE_END = "。！？；!?;"
CLOSERS = "”’」』）)】》\"'"


def ends_sentence(text: str) -> bool:
    """Tell whether text ends as a sentence or a list item does."""
    bare = text.rstrip(CLOSERS + " ")
    return bool(bare) and (bare[-1] in SENTENCE_END or text[-1] in SENTENCE_END)


def heading_level(text: str) -> int | None:
    """Return the depth that a heading's numbering shows (1 = highest), or None if it has none."""
    if match := CHAPTER.match(text):
        return {"编": 1, "篇": 1, "部分": 1, "分编": 2, "章": 2, "节": 3}.get(match["unit"], 2)
    if match := DECIMAL.match(text):
        return min(1 + match[0].count("."), 6)
    if _WHOLE.match(text):
        return 1
    for pattern, level in _NUMBERED:
        if pattern.match(text):
            return level
    return None


def starts_item(text: str) -> bool:
    """Tell whether a line begins a numbered or bulleted item."""
    return (
        heading_level(text) is not None
        or ARTICLE.match(text) is not None
        or BULLET.match(text) is not None
        or CIRCLED.match(text) is not None
        or REFERENCE.match(text) is not None
    )


def join_lines(pieces: Sequence[Piece]) -> list[Piece]:
    """Join pieces of one region that stand on one line; pieces come ordered by line."""
    lines: list[Piece] = []
    for piece in pieces:
        if lines and same_line(lines[-1], piece) and piece.x0 >= lines[-1].x0:
            lines[-1] = join(lines[-1], piece)
        else:
            lines.append(piece)
    return lines


def join(left: Piece, right: Piece) -> Piece:
    """Return one piece made of two neighbours on a line."""
    size = max(left.size, right.size)
    gap = (right.x0 - left.x1) / size
    word = left.text.rsplit(" ", 1)[-1]
    first = len(word) == len(left.text)
    space = repair.gap_between(word, right.text, gap, spaced=gap > 0.2, first=first)
    if gap > 1.8 and not space:
        space = " "
    by = len(left.text) + len(space)
    stops = list(left.stops) if space else left.stops[:-1]
    last_x = stops[-1][1]
    stops.extend((offset + by, max(x, last_x)) for offset, x in right.stops)
    text, stops = repair.mend_numbers(left.text + space + right.text, stops)
    main = left if len(left.text) >= len(right.text) else right
    return Piece(
        text, left.x0, min(left.y0, right.y0), max(left.x1, right.x1), max(left.y1, right.y1),
        main.size, main.heavy, main.font, stops, left.order,
    )  # fmt: skip
