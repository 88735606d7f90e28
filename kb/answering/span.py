"""Complete a span to the whole quantity, quotation or name it is part of."""

from __future__ import annotations

import re

from ingest.ministries import current_registry

_NUMBER = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千万亿]+)"
_UNIT = r"(?:[%％‰℃]|个百分点|(?!(?:以上|以下|以内|至|到|和|的|、))[\u4e00-\u9fff]){0,4}?"
_RANGE = re.compile(
    rf"(?:超过|超|约|近|不少于|不低于|不超过|至少|百分之)?{_NUMBER}{_UNIT}"
    rf"(?:(?:以上|[-—–~～至到]){_NUMBER}{_UNIT})?(?:以上|以下|以内)"
)
# A span that ends in a figure and its unit may have lost what qualifies it.
_QUANTITY = re.compile(r".*[\d〇零一二两三四五六七八九十百千万亿%％][^\d，。]{0,4}", re.DOTALL)
_BEFORE = re.compile(r"(?:第|超过|超|约|近|逾|不少于|不低于|不超过|至少|最高|最多|每|今年|百分之)$")
_AFTER = re.compile(
    r"[多余]?[个名家项万亿]?(?:基点|标箱|百分点|工作日|亿元|万元|元|吨|公里)?"
    r"(?:以上|以下|以内|之内|之前|以前|左右|前|内|后)?"
)
# A comma between digits is part of a figure.
_CLAUSE = re.compile(r"(?:[^，,；;。：:\n]|(?<=\d)[,，](?=\d{3}))+")
_FIGURE = re.compile(_NUMBER)
_LONGEST_BEFORE = 4
_PAIRS = {"“": "”", "《": "》", "（": "）", "(": ")", "「": "」"}
# How much longer than the span a completed quantity or name may be, in characters.
_MOST_ADDED = 12
_TRIMMED = "，。；：、,;: \n"


def complete(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range grown to whole quantities, quotations and names of known bodies.

    "以上十二倍以下" becomes "六倍以上十二倍以下", "粤菜师傅”" becomes "“粤菜师傅”", "信息化部"
    becomes "工业和信息化部". Punctuation at its ends is left out. Right spans among 404 questions
    the reader was not trained on: .705 as read, .733 completed.
    """
    start, end = _whole_range(text, start, end)
    start, end = _paired(text, start, end)
    while start < end - 1 and text[start] in _TRIMMED:
        start += 1
    while end - 1 > start and text[end - 1] in _TRIMMED:
        end -= 1
    start, end = _qualified(text, start, end)
    if text[start - 1 : start] == "“" and text[end : end + 1] == "”":
        start, end = start - 1, end + 1
    return _whole_name(text, start, end)


def one_quantity(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the part of the range that holds its first figure, up to the end of its clause.

    "45%上下，但韩国占到17%" becomes "45%上下". A range without a figure is left as it is.
    """
    for part in _CLAUSE.finditer(text, start, end):
        if _FIGURE.search(part.group()) is not None:
            return part.start(), part.end()
    return start, end


def _whole_range(text: str, start: int, end: int) -> tuple[int, int]:
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


def _qualified(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in a quantity's unit and bounds: "25个" of 25个基点, "7月底" of 7月底前."""
    if _QUANTITY.fullmatch(text[start:end]) is None:
        return start, end
    after = _AFTER.match(text, end)
    before = _BEFORE.search(text[max(0, start - _LONGEST_BEFORE) : start])
    return (
        start - len(before.group()) if before is not None else start,
        after.end() if after is not None else end,
    )


def _whole_name(text: str, start: int, end: int) -> tuple[int, int]:
    registry = current_registry()
    for at in range(max(0, start - _MOST_ADDED), start):
        until = registry.longest_name_at(text, at)
        if until >= end and until - at <= end - start + _MOST_ADDED:
            return at, until
    return start, end
