"""Automatic numbers: how a list's counter is written in the styles documents use."""

from __future__ import annotations

from collections.abc import Callable

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_LEGAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"),
    (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def chinese(number: int) -> str:
    """Write 0 to 9,999 in Chinese as numbered headings are: 十, 十一, 二十, 一百零三."""
    if not 0 <= number <= 9999:
        return str(number)
    if number == 0:
        return "〇"
    text, pending_zero = "", False
    for power in (3, 2, 1, 0):
        digit = number // 10**power % 10
        if digit == 0:
            pending_zero = bool(text)
            continue
        text += ("零" if pending_zero else "") + _DIGITS[digit] + _UNITS[power]
        pending_zero = False
    return text.removeprefix("一") if 10 <= number < 20 else text


def _legal(number: int) -> str:
    text = chinese(number)
    return ("一" + text if text.startswith("十") else text).translate(_LEGAL)


def roman(number: int) -> str:
    """Write 1 to 3,999 in upper-case Roman numerals."""
    if not 1 <= number <= 3999:
        return str(number)
    text = ""
    for value, letters in _ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def letters(number: int) -> str:
    """Write a number as Word letters its lists: A to Z, then AA, BB ..."""
    if not 1 <= number <= 26 * 50:
        return str(number)
    return chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)] if number > 0 else str(number)


def _run(first: int, last: int) -> Callable[[int], str]:
    """Write a number by one character of a run of Unicode: ① is `first` + 0."""
    return lambda number: chr(first + number - 1) if 1 <= number <= last else str(number)


def _circled(number: int) -> str:
    for first, low, high in ((0x2460, 1, 20), (0x3251, 21, 35), (0x32B1, 36, 50)):
        if low <= number <= high:
            return chr(first + number - low)
    return str(number)


def _full_width(number: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))


#: ST_NumberFormat (ISO/IEC 29500-1, 17.18.59) by name; what is not here is written in digits.
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02d}",
    "upperRoman": roman,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperLetter": letters,
    "lowerLetter": lambda number: letters(number).lower(),
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": lambda number: "".join("〇一二三四五六七八九"[int(d)] for d in str(number)),
    "chineseLegalSimplified": _legal,
    "ideographLegalTraditional": _legal,
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": _run(0x2474, 20),
    "decimalEnclosedFullstop": _run(0x2488, 20),
    "ideographEnclosedCircle": _run(0x3280, 10),
    "decimalFullWidth": _full_width,
    "decimalFullWidth2": _full_width,
}
_HTML_TYPES = {
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}


def counter_text(style: str, number: int) -> str:
    """Write a counter in a number format of Word's; "" for bullets and the format "none"."""
    if style in {"bullet", "none"}:
        return ""
    return _FORMATS.get(style, str)(number)


def list_number(kind: str, number: int) -> str:
    """Write a counter as HTML's `<ol type=...>` does."""
    return counter_text(_HTML_TYPES.get(kind, "decimal"), number)
