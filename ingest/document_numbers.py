"""Numbers that documents go by (文号): 国发〔2023〕1号, 国务院令第588号, GB/T 9704—2012.

The year stands in 〔〕 by GB/T 9704-2012, 7.2.5; every other bracket is read as that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPEN, _CLOSE = "〔\\[［（(【", "〕\\]］）)】"
_YEAR = rf"[{_OPEN}]\s*(?P<year>(?:19|20)\d{{2}})\s*[{_CLOSE}]\s*第?\s*(?P<number>\d{{1,5}})\s*号"
_YEAR_NUMBER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{1,14}(?:[（(][\u4e00-\u9fff]{1,4}[）)][\u4e00-\u9fff]{0,4})?)"
    rf"\s*{_YEAR}"
)
_ORDER_NUMBER = re.compile(
    r"(?:[\u4e00-\u9fff]{2,20}?令\s*)?第\s*(?:\d{1,4}|[一二三四五六七八九十百〇零]{1,7})\s*号"
    r"|(?:[\u4e00-\u9fff]{2,14}公告\s*)?(?:19|20)\d{2}\s*年\s*第\s*\d{1,4}\s*号"
)
_STANDARD = r"(?:GB|GM|DB\d{0,2}|HJ|YY|JR|JT|SN|QC|WS|NY|SB|YD|GA|MZ|AQ)(?:/[TZ])?\s*\d[\d.]*"
_STANDARD_NUMBER = re.compile(_STANDARD + r"\s*[—–-]+\s*(?:19|20)\d{2}(?!\d)")
_UNDATED_STANDARD = re.compile(_STANDARD + r"(?:\s*[—–-]+\s*(?:19|20)\d{2}(?!\d))?")
#: An order's or an announcement's number as sentences name it.
_NAMED_ORDER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{2,20}(?:令|公告))\s*[（(]?\s*(?:(?:19|20)\d{2}\s*年\s*)?"
    r"第\s*(?:\d{1,4}|[一二三四五六七八九十百〇零]{1,7})\s*号"
)
#: Words of a sentence that a number may follow; no number's own word holds them.
_NOT_OF_NUMBER = re.compile(
    r".*(?:根据|依据|依照|按照|遵照|参照|贯彻|落实|执行|废止|印发|转发|发布|公布|下发|关于|以及|文件|通知"
    r"|附件|简称|(?<!共)和|政府(?!令|公告)|委员会(?!令|公告)|办公厅|总局(?!令|公告)|改革委(?!令|公告)"
    r"|我[院部局委会]|[与及或见即的在以按对由将为号是原日])"
)


_WIDE_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}


def own_number(text: str) -> str | None:
    """Read a line that is a document number and little else."""
    bare = " ".join(ascii_digits(text).split()).strip("（）() ")
    match = _YEAR_NUMBER.search(bare)
    if match and len(bare) - len(match.group()) <= 12 and not re.search("[《》，。；]", bare):
        return _year_number(match["word"], match)
    match = _ORDER_NUMBER.fullmatch(bare) or _STANDARD_NUMBER.fullmatch(bare)
    return "".join(match.group().split()) if match else None


def is_standard(number: str) -> bool:
    """Tell a standard's number, GB/T 9704—2012, from a document's."""
    return _STANDARD_NUMBER.fullmatch(number) is not None


def numbers_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield every number that names a document, as `own_number` writes it, with its span."""
    digits = ascii_digits(text)
    found: list[tuple[int, int, str]] = []
    for match in _YEAR_NUMBER.finditer(digits):
        start = _word_start(match)
        if start < match.end("word"):
            word = match.string[start : match.end("word")]
            found.append((start, match.end(), _year_number(word, match)))
    for match in _NAMED_ORDER.finditer(digits):
        start = _word_start(match)
        if match.end("word") - start > 2:
            found.append((start, match.end(), "".join(digits[start : match.end()].split())))
    for match in _STANDARD_NUMBER.finditer(digits):
        found.append((match.start(), match.end(), "".join(match.group().split())))
    for start, end, number in sorted(found):
        yield number, start, end


def standard_in(text: str) -> str | None:
    """Return the standard's number in a text, which may lack its year: GB 50180."""
    match = _UNDATED_STANDARD.search(ascii_digits(text))
    return "".join(match.group().split()) if match else None


def ascii_digits(text: str) -> str:
    """Return the text with full-width digits as ASCII ones, of the same length."""
    return text.translate(_WIDE_DIGITS)


def _word_start(match: re.Match[str]) -> int:
    """Return where a number's own word starts, past the words of the sentence before it."""
    before = _NOT_OF_NUMBER.match(match["word"])
    return match.start("word") + (before.end() if before else 0)


def _year_number(word: str, match: re.Match[str]) -> str:
    return f"{word}〔{match['year']}〕{match['number']}号"
