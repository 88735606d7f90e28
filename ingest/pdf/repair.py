"""Repair of the text of one printed line: spaces, broken numbers, compatibility characters.

All repairs either drop white space or replace one character by one, so that offsets stay easy to
map: nothing printed is ever lost or moved.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ingest.pdf.geometry import Stop

#: Text without white space, where it begins and ends, and whether white space stands before it.
Atom = tuple[str, float, float, bool]

#: Kangxi and CJK radicals, compatibility ideographs: look-alikes of ordinary Han characters.
_LOOKALIKE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2060\ufeff\ue000]")
_PRIVATE = re.compile("[\uf020-\uf0ff]")
#: Symbol-font code points of Wingdings and Wingdings 2 that office software uses in lists and
#: forms, as Unicode (Microsoft's and the Unicode Consortium's mapping tables).
_SYMBOLS = {
    "\uf06c": "●", "\uf06e": "■", "\uf06f": "□", "\uf070": "□", "\uf071": "□", "\uf072": "□",
    "\uf075": "◆", "\uf076": "❖", "\uf077": "◆", "\uf09f": "•", "\uf0a7": "▪", "\uf0a8": "□",
    "\uf0b2": "◇", "\uf0b7": "•", "\uf0d8": "➢", "\uf0e0": "→", "\uf0fc": "✓", "\uf0fe": "☑",
    "\uf052": "☑", "\uf0a3": "□", "\uf02a": "□", "\uf0a2": "•", "\uf0de": "⇒", "\uf0f0": "⇨",
}  # fmt: skip
#: CJK radicals supplement has no NFKC form for most; those that printers' fonts confuse.
_RADICALS = {
    "⺠": "民", "⻅": "见", "⻆": "角", "⻉": "贝", "⻋": "车", "⻓": "长", "⻔": "门", "⻚": "页",
    "⻛": "风", "⻜": "飞", "⻝": "食", "⻢": "马", "⻣": "骨", "⻤": "鬼", "⻥": "鱼", "⻦": "鸟",
    "⻩": "黄", "⻬": "齐", "⻮": "齿", "⻰": "龙", "⻳": "龟", "⻄": "西", "⻘": "青", "⻑": "长",
    "⺟": "母", "⺎": "兀", "⺒": "巳", "⺓": "幺", "⺛": "旡", "⺝": "月", "⺞": "歺", "⻁": "虎",
}  # fmt: skip
_BROKEN_POINT = re.compile(r"(?<=\d) (?=\.\d)|(?<=\d\.) (?=\d)|(?<=\d) (?=[%％‰℃])")
#: A number and a point at the start of a line number an item, unless what follows can only be
#: the rest of a decimal.
_POINT_AT_START = re.compile(r"\d{1,2}\. (?!\d{1,3}(?:[.\s%％‰，。、；)）亿万元吨]|个百分|$))")
_YEAR_NEXT = re.compile(r" \d{4} ?[年/-]")
_NUMBERS = re.compile(r"(?<![\d.,])\d+(?: \d+)+(?:\.\d+)?(?!\d)")
_GROUPED = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?")
#: Digits set apart as letter-spaced headings set them; a row of cells has no unit behind it.
_SPACED = re.compile(r"(?<![\d.])(?<!\d )\d(?: \d){2,} ?(?=[年月日%％个亿万])")
_UNIT = re.compile(r" ?[\u4e00-\u9fff%％]")
_NUMBERING = re.compile(
    r"(?:\d{1,3}(?:\.\d{1,3}){0,4}\.?|[A-Z](?:\.\d{1,3}){0,4}|第[一二三四五六七八九十百千零〇\d]+"
    r"[编章节条款部分篇]{1,2}|附录[A-Z]|[图表]\s?[\dA-Z][\d.\-]*)$"
)


#: Characters between two stops of an evenly set line, at most: keeps positions within a point.
MAX_STRIDE = 8


def is_wide(char: str) -> bool:
    """Tell whether a character takes a full em: Han, kana, full-width forms, CJK punctuation."""
    return char >= "\u2e80" or char in "“”‘’…—·"


def weight(text: str) -> int:
    """Return the width of `text` in half-ems."""
    return sum(2 if c >= "\u2e80" else 1 for c in text)


def clean(text: str) -> str:
    """Replace look-alike characters and symbol-font code points, one for one."""
    if _LOOKALIKE.search(text):
        text = _LOOKALIKE.sub(_ordinary, text)
    if _PRIVATE.search(text):
        text = _PRIVATE.sub(lambda m: _SYMBOLS.get(m[0], m[0]), text)
    return _INVISIBLE.sub("", text)


def _ordinary(match: re.Match[str]) -> str:
    char = match[0]
    plain = _RADICALS.get(char) or unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def undouble(text: str) -> str:
    """Return every second character of text whose characters are all printed twice."""
    if len(text) >= 8 and len(text) % 2 == 0 and text[::2] == text[1::2] and len(set(text)) > 3:
        return text[::2]
    return text


def split_span(text: str, x0: float, x1: float) -> list[Atom]:
    """Cut a span at white space; each part's extent is estimated from character widths."""
    total = weight(text) or 1
    scale = (x1 - x0) / total
    atoms: list[Atom] = []
    for match in re.finditer(r"\S+", text):
        left = x0 + weight(text[: match.start()]) * scale
        spaced = match.start() > 0
        atoms.append((match[0], left, left + weight(match[0]) * scale, spaced))
    return atoms


def gap_between(left: str, right: str, gap: float, *, spaced: bool, first: bool = False) -> str:
    """Say what stands between two atoms of a line: a space or nothing.

    `gap` is in ems; `spaced` says that the file has white space there, `first` that `left` begins
    the line and may be its number. Chinese is written without
    spaces, so one between Han characters is kept only where it is as wide as a character and sets
    off a number, a name or a label; letter-spaced single characters (总 则) are closed up.
    """
    a, b = is_wide(left[-1]), is_wide(right[0])
    if a and b:
        if first and gap > 0.35 and _NUMBERING.match(left):
            return " "
        if gap < 0.8:
            return ""
        return "" if len(left) == 1 or len(right) == 1 else " "
    if a or b:
        if first and not a and _NUMBERING.match(left):
            return " " if spaced or gap > 0.25 else ""
        return " " if gap > 0.7 else ""
    return " " if spaced or gap > 0.2 else ""


def compose(atoms: Sequence[Atom], size: float) -> tuple[str, list[Stop]]:
    """Join the atoms of one line into text, with the stops that say where its characters stand."""
    text, first_x, last_x, _ = atoms[0]
    stops: list[Stop] = [(0, first_x)]
    parts, length, word = [text], len(text), text
    for text, x0, x1, spaced in atoms[1:]:
        gap = (x0 - last_x) / size
        space = ""
        if spaced or gap > 0.2:
            space = gap_between(word, text, gap, spaced=spaced, first=word == parts[0])
        if space:
            stops.append((length, last_x))
            parts.append(space)
            length += 1
        if space or spaced or length - stops[-1][0] > MAX_STRIDE or not _even(word, text, gap):
            stops.append((length, max(x0, stops[-1][1])))
        parts.append(text)
        length += len(text)
        last_x = x1
        word = word + text if not space and not spaced else text
    stops.append((length, max(last_x, stops[-1][1])))
    return mend_numbers("".join(parts), stops)


def _even(left: str, right: str, gap: float) -> bool:
    """Tell whether two runs are set alike, so that positions between them can be interpolated."""
    return -0.1 < gap < 0.2 and left[-1] >= "\u3400" and right[0] >= "\u3400"


def mend_numbers(text: str, stops: list[Stop]) -> tuple[str, list[Stop]]:
    """Drop the spaces that break a number: `24. 3%`, `1 773 204`, `3636. 9`."""
    if " " not in text:
        return text, stops
    doomed = [m.start() for m in _BROKEN_POINT.finditer(text) if _breaks(text, m.start())]
    for match in _SPACED.finditer(text):
        doomed.extend(match.start() + i for i, c in enumerate(match[0]) if c == " ")
    for match in _NUMBERS.finditer(text):
        spaces = [match.start() + i for i, c in enumerate(match[0]) if c == " "]
        grouped = _GROUPED.fullmatch(match[0]) is not None
        if grouped and (len(spaces) > 1 or _UNIT.match(text, match.end())):
            doomed.extend(spaces)
    return drop(text, stops, sorted(set(doomed))) if doomed else (text, stops)


def _breaks(text: str, at: int) -> bool:
    if text[at - 1] != ".":
        return True
    if _POINT_AT_START.match(text) and at <= 3:
        return False
    return not _YEAR_NEXT.match(text, at)


def drop(text: str, stops: list[Stop], doomed: Sequence[int]) -> tuple[str, list[Stop]]:
    """Remove the characters at `doomed` (ascending) and move the stops accordingly."""
    kept: list[str] = []
    moved: list[Stop] = []
    last, taken = 0, 0
    for at in doomed:
        kept.append(text[last:at])
        last = at + 1
    kept.append(text[last:])
    for offset, x in stops:
        while taken < len(doomed) and doomed[taken] < offset:
            taken += 1
        place = (offset - taken, x)
        if moved and moved[-1][0] == place[0]:
            moved[-1] = place
        else:
            moved.append(place)
    return "".join(kept), moved


_BROKEN = re.compile(r"([A-Za-z]{2,})-$")
_WORD = re.compile(r"[A-Za-z]{2,}")
#: Words that English hangs others on; a hyphen behind one belongs to the compound.
_COMPOUNDING = frozenset(
    re.findall(
        r"\w+",
        "high low long short well self cross non multi mid pre post anti large small deep open "
        "full half real two three first third world state cost energy labor labour risk rule",
    )
)


def latin_words(texts: Sequence[str]) -> frozenset[str]:
    """Return the Latin words of a document whose lines break words, else nothing."""
    if not any(text.endswith("-") and _BROKEN.search(text) for text in texts):
        return frozenset()
    return frozenset(
        word.lower() for text in texts for word in _WORD.findall(_BROKEN.sub("", text))
    )


def line_joint(
    left: str, right: str, *, full: bool, words: frozenset[str] = frozenset()
) -> tuple[str, bool]:
    """Say how a line joins the next: what goes between, and whether a hyphen is dropped.

    `full` tells that the left line reaches its margin, so that a number at its end may go on.
    """
    if not left or not right or is_wide(left[-1]) or is_wide(right[0]):
        return "", False
    if left[-1] in "-/":
        return "", _splits_word(left, right, words)
    return "" if _splits_number(left, right[0], full=full) else " ", False


def _splits_word(left: str, right: str, words: frozenset[str]) -> bool:
    """Tell whether a hyphen breaks a word: the word is known whole, or its first part is none."""
    broken = _BROKEN.search(left)
    rest = _WORD.match(right)
    if not broken or not rest or not right[0].islower():
        return False
    head = broken[1].lower()
    known = head in words or head in _COMPOUNDING
    return head + rest[0].lower() in words or not known


def _splits_number(left: str, following: str, *, full: bool) -> bool:
    if left[-1].isdigit():
        return full and (following.isdigit() or following in ".%,")
    return left[-1] in ".," and following.isdigit() and len(left) > 1 and left[-2].isdigit()
