"""Dates as documents write them: 2023年12月7日, 二〇二三年十二月七日, 2023-12-07."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR, date

from ingest.numbering import numeral

# Typists and OCR write the zero of 二〇二三 as a letter, a circle or a digit.
_ZERO = "〇零○◯OＯ0０"
_HAN_YEAR = rf"[一二][{_ZERO}一二三四五六七八九]{{3}}"
#: A date in any of these forms, for use within a pattern of its own.
DATE = (
    rf"(?:{_HAN_YEAR}\s*年\s*[一二三四五六七八九十]{{1,2}}\s*月\s*[一二三四五六七八九十]{{1,3}}\s*日"
    r"|(?:[12１２][\d]{3})\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2})"
)
_DATE = re.compile(
    rf"(?P<hy>{_HAN_YEAR})\s*年\s*(?P<hm>[一二三四五六七八九十]{{1,2}})\s*月"
    r"\s*(?P<hd>[一二三四五六七八九十]{1,3})\s*日"
    r"|(?P<y>(?:19|20)\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日"
    r"|(?<!\d)(?P<iy>(?:19|20)\d{2})[-./](?P<im>\d{1,2})[-./](?P<id>\d{1,2})(?!\d)"
)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)}


def dates_in(text: str) -> Iterator[tuple[date, int, int]]:
    """Yield every date in the text with the span it is written in; impossible ones are skipped."""
    for match in _DATE.finditer(_same_length_nfkc(text)):
        value = _value(match)
        if value is not None:
            yield value, match.start(), match.end()


def only_date(text: str) -> date | None:
    """Return the date if the text is one date and nothing else but white space or brackets."""
    stripped = text.strip(" \t\u3000（）()")
    for value, start, end in dates_in(stripped):
        return value if (start, end) == (0, len(stripped)) else None
    return None


def add_months(day: date, months: int) -> date | None:
    """Return the same day `months` later, or the last day of a month too short for it.

    None beyond what a date can hold.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > MAXYEAR:
        return None
    end = last_day(year, month + 1)
    return end.replace(day=min(day.day, end.day))


def last_day(year: int, month: int = 12) -> date:
    """Return the last day of a month, of the year where no month is given."""
    return date(year, month, monthrange(year, month)[1])


def _same_length_nfkc(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _value(match: re.Match[str]) -> date | None:
    if match["hy"]:
        year = "".join("0" if char in _ZERO else str(numeral(char)) for char in match["hy"])
        parts = (int(year), numeral(match["hm"]) or 0, numeral(match["hd"]) or 0)
    elif match["y"]:
        parts = (int(match["y"]), int(match["m"]), int(match["d"]))
    else:
        parts = (int(match["iy"]), int(match["im"]), int(match["id"]))
    try:
        return date(*parts)
    except ValueError:
        return None
