"""Numbers in front of headings and provisions: 第三条, 一、, （二）, 3., （4）, ⑤, 附件6.

Official documents nest 一、 （一） 1. （1） (GB/T 9704-2012, 7.3.3); laws nest 编 分编 章 节 条
(立法法, article 65); reports and standards number in decimals, 1.2.3.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

NumberKind = Literal[
    "annex",
    "part",
    "subpart",
    "chapter",
    "section",
    "article",
    "ordinal",
    "paren",
    "plain",
    "dotted",
    "decimal",
    "paren_arabic",
    "circled",
    "roman",
]

_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")}
_DIGITS |= {"零": 0, "○": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = "〇零○一二三四五六七八九十百千两"
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

#: What may precede a number on its line: white space, and the marks of Markdown.
_LEAD = r"[\s\u3000#>*]*"
_N = rf"(?P<n>[{_HAN}]+|[0-9０-９]{{1,4}})"
#: Not the rest of a figure that typesetting parted: "1. 06 万亿元".
_NO_FIGURE = r"(?!\s\d{1,4}\s*(?:[万亿%％倍元]|个?百分点|美元))"
_FORMS: tuple[tuple[NumberKind, str], ...] = (
    ("part", rf"第\s*{_N}\s*编"),
    ("subpart", rf"第\s*{_N}\s*分编"),
    ("chapter", rf"第\s*{_N}\s*章(?!程)"),
    ("section", rf"第\s*{_N}\s*节"),
    ("article", rf"第\s*{_N}\s*条(?:\s*之\s*(?P<sub>[{_HAN}]+))?(?!件|例)"),
    ("annex", rf"附\s*(?:件|录|表)\s*(?P<n>[{_HAN}]+|[0-9０-９]{{1,3}}|[A-ZＡ-Ｚ](?![A-Za-z]))?"),
    ("ordinal", rf"(?P<n>[{_HAN}]+)\s*[、．.](?![{_HAN}]+(?:[、，]|产业))"),
    ("paren", rf"[（(〔]\s*(?P<n>[{_HAN}]+)\s*[）)〕](?![项款条])"),
    ("dotted", r"(?P<n>[0-9０-９]{1,2}(?:[.．][0-9０-９]{1,2}){1,4})(?:[.．、]?[\s\u3000]+)(?=\D)"),
    ("dotted", r"(?P<n>[0-9]{1,2}(?:\.[0-9]{1,2}){2,4})[.．、]?(?=[\u4e00-\u9fff])"),
    ("decimal", r"(?P<n>[0-9０-９]{1,3})\s*(?:[．、]|\.)(?![0-9０-９%％])" + _NO_FIGURE),
    ("paren_arabic", r"[（(]\s*(?P<n>[0-9０-９]{1,3})\s*[）)](?![项款条])"),
    ("paren_arabic", r"(?P<n>[0-9０-９]{1,3})\s*[）)]"),
    ("circled", r"(?P<n>[①-⑳㉑-㉟])"),
    ("roman", r"(?P<n>[Ⅰ-Ⅻ]|[IVX]{1,5})\s*[、．.](?=\s*\D)"),
    ("plain", r"(?P<n>[0-9]{1,2})[\s\u3000]+(?=[\u4e00-\u9fff])"),
)
_PATTERNS = tuple((kind, re.compile(_LEAD + form)) for kind, form in _FORMS)
_STARTS = frozenset("第附（(〔0123456789０１２３４５６７８９IVX" + _HAN)


@dataclass(frozen=True, slots=True)
class Number:
    """A number that starts a line: its kind and value, its wording, and where it ends.

    `values` holds one integer, two for 第六条之一, and one per level for 1.2.3. `end` is the
    offset in the line just after the number and the mark that closes it.
    """

    kind: NumberKind
    values: tuple[int, ...]
    text: str
    end: int

    @property
    def value(self) -> int:
        """The number's last component."""
        return self.values[-1]


def leading_number(line: str) -> Number | None:
    """Read the number a line starts with; None where it starts with none."""
    head = line[:40].lstrip(" \t\u3000#>*")[:1]
    if not (head in _STARTS or "①" <= head <= "㉟" or "Ⅰ" <= head <= "Ⅻ"):
        return None
    for kind, pattern in _PATTERNS:
        match = pattern.match(line)
        if match and (values := _values(kind, match)) is not None:
            text = "".join(match.group().strip("#>* \t\u3000").split())
            return Number(kind, values, text, match.end())
    return None


def _values(kind: NumberKind, match: re.Match[str]) -> tuple[int, ...] | None:
    written = match["n"]
    if kind == "annex" and written is None:
        return (0,)
    if kind == "dotted":
        return tuple(int(part) for part in re.split("[.．]", written))
    value = numeral(written)
    if value is None or (value == 0 and kind != "annex"):
        return None
    sub = match["sub"] if kind == "article" else None
    return (value,) if not sub else (value, numeral(sub) or 0)


def numeral(text: str) -> int | None:
    """Read a Chinese, Arabic, circled, Roman or single-letter numeral; None if it is none."""
    if not text:
        return None
    plain = unicodedata.normalize("NFKC", text) if text[0] not in "〇○" else text
    if plain.isascii():
        return _ascii_numeral(plain)
    if all(char in _DIGITS for char in plain):
        return int("".join(str(_DIGITS[char]) for char in plain))
    return _chinese(plain)


def _ascii_numeral(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    if all(char in _ROMAN for char in text):
        return _roman(text)
    return ord(text) - ord("A") + 1 if len(text) == 1 and text.isupper() else None


def _roman(text: str) -> int:
    values = [_ROMAN[char] for char in text]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)


def _chinese(text: str) -> int | None:
    total = digit = 0
    for char in text:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        elif char in _DIGITS:
            digit = _DIGITS[char]
        else:
            return None
    return total + digit


def number_key(text: str) -> str:
    """Reduce a clause number to its value, so that 第六条, （六）, 六、, 6. and 6 all agree.

    第六条之一 gives "6-1" and 1.2.3 gives "1.2.3"; what is no number is returned stripped.
    """
    stripped = "".join(text.split())
    number = leading_number(stripped)
    if number is not None and number.end == len(stripped):
        joint = "." if number.kind == "dotted" else "-"
        return joint.join(str(value) for value in number.values)
    value = numeral(stripped)
    return stripped if value is None else str(value)
