"""Complete a span to the whole quantity, quotation or name it is part of."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千万亿]+)"
_UNIT = r"(?:[%％‰℃]|个百分点|(?!(?:以上|以下|以内|至|到|和|的|、))[\u4e00-\u9fff]){0,4}?"
_BOUND = r"(?:以上|以下|以内|之内|内|左右|余|多)?"
_RANGE = re.compile(
    rf"(?:超过|超|约|近|不少于|不低于|不超过|至少|百分之)?{_NUMBER}{_UNIT}"
    rf"(?:(?:以上|[-—–~～至到]){_NUMBER}{_UNIT})?(?:以上|以下|以内)"
)
_PAIRS = {"“": "”", "《": "》", "（": "）", "(": ")", "「": "」"}
# How much longer than the span a completed quantity may be, in characters.
_MOST_ADDED = 12
_TRIMMED = "，。；：、,;: \n"


def complete(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range grown to whole quantities and paired marks, without punctuation at its ends.

    "以上十二倍以下" becomes "六倍以上十二倍以下", "粤菜师傅”" becomes "“粤菜师傅”".
    """
    start, end = _whole_quantity(text, start, end)
    start, end = _paired(text, start, end)
    while start < end - 1 and text[start] in _TRIMMED:
        start += 1
    while end - 1 > start and text[end - 1] in _TRIMMED:
        end -= 1
    return start, end


def _whole_quantity(text: str, start: int, end: int) -> tuple[int, int]:
    first = max(0, start - 2 * _MOST_ADDED)
    for match in _RANGE.finditer(text, first, min(len(text), end + _MOST_ADDED)):
        covers = match.start() <= start and match.end() >= end
        if covers and match.end() - match.start() <= end - start + _MOST_ADDED:
            return match.start(), match.end()
    return start, end


def _paired(text: str, start: int, end: int) -> tuple[int, int]:
    for opening, closing in _PAIRS.items():
        span = text[start:end]
        opened, closed = span.count(opening), span.count(closing)
        if opened > closed:
            at = text.find(closing, end, end + 2 * _MOST_ADDED)
            end = at + 1 if at >= 0 else end
        elif closed > opened:
            at = text.rfind(opening, max(0, start - 2 * _MOST_ADDED), start)
            start = at if at >= 0 else start
    return start, end
