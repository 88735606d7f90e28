"""Dates by which a clause wants something done: 到2025年, 2024年6月底前, “十四五”期间, 今年年底前.

A deadline is due on the last day of what it names: "到2025年" and "2025年底前" on 2025-12-31,
"6月底前" on 30 June, "3月31日前" on that day. "2027年前" is over when the year begins, so that it
is due on 2026-12-31. What is told of the past (due before the document was issued), what begins
(2020年起), recurs (每年3月底前) or lasts (执行期限为…) is no deadline, nor is a span of time that
starts with no known day ("三年内"); "自印发之日起30日内" counts from the day of issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.dates import add_months, last_day
from ingest.document_numbers import ascii_digits
from ingest.model import Deadline
from ingest.numbering import numeral

_Y = r"(?P<year>20\d{2}|二[〇○零]{1,2}[〇○零一二三四五六七八九]{1,2})\s*年"
_MONTH = r"(?P<month>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*月(?:份)?"
_DAY = (
    r"(?P<day>[12]\d|3[01]|0?[1-9]|[一二]?十[一二三四五六七八九]?|三十一?|[一二三四五六七八九])"
    r"\s*[日号]"
)
_PART = r"(?P<part>上半年|下半年|第?[一二三四1-4]季度)"
_END = r"(?P<end>年?底|年?末|年终|底|末)"
_BEFORE = r"(?:[之以]?前|内)"
#: What may follow a year that is a goal's own: 2020年初步建成300个.
_GOAL = (
    r"(?:年内)?(?=[，,]?(?:力争|争取|基本|初步|全面|全部|实现|完成|建成|达到|形成|印发|出台|启动|在全国"
    r"|各|试点))"
)
#: What makes 年底 that of another year, or 年内 the end of a span.
_BOUND = r"每当次上去今明本全两整\d一二三四五六七八九十几多半个年"
_WITHIN = rf"(?:{_MONTH}(?:\s*{_DAY})?|{_PART})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"(?P<to>到)\s*{_Y}\s*{_WITHIN}?\s*{_END}?\s*(?P<before>[之以]?前)?",
        rf"(?<=到\d{{4}}年[、和及])\s*{_Y}",
        rf"{_Y}\s*{_WITHIN}?\s*{_END}?\s*(?P<before>{_BEFORE})",
        rf"{_Y}\s*(?:{_MONTH}\s*)?{_END}",
        rf"{_Y}\s*{_PART}{_GOAL}",
        rf"{_Y}{_GOAL}",
        rf"(?P<this>今年|本年度?)\s*{_WITHIN}?\s*{_END}\s*(?:{_BEFORE})?",
        rf"(?P<this>今年|本年度?)\s*(?:年(?=内)|{_WITHIN})?\s*(?P<before>{_BEFORE})",
        rf"(?P<next>明年|今明两年|今、明两年)\s*{_WITHIN}?\s*{_END}\s*(?:{_BEFORE})?",
        rf"(?P<next>明年|今明两年|今、明两年)\s*{_WITHIN}?\s*(?P<before>{_BEFORE})",
        rf"(?<![{_BOUND}])(?P<this>)(?P<end>年底[之以]?前|年末[之以]?前|年内{_GOAL})",
        r"(?:力争|争取|确保)(?P<this>)(?P<end>年底|年末|年内)",
        rf"(?<![每年\d一二三四五六七八九十])(?P<same>){_MONTH}\s*(?:{_DAY}|{_END})\s*(?P<before>[之以]?前)",
        r"[“\"]?(?P<plan>十[一二三四五六七八九]?)五[”\"]?\s*(?:时期|期间|期末|规划期末|规划期|末)",
    )
)
_FROM_ISSUE = re.compile(
    r"(?:自|从|于)?[^，。；]{0,16}?(?:印发|发布|公布|下发|施行|实施|生效)(?:之日)?(?:起|后)[，,]?"
    r"(?P<count>\d{1,3}|[一二三四五六七八九十两百]{1,4})个?(?P<unit>工作日|日|天|月|年)[之以]?内"
)
_OTHER_START = re.compile(r"自(?!本|印发|发布|公布|下发|施行|实施|生效|通知|文件|意见|方案|办法)")
#: What makes a date one of the past, of a condition, of a span or of a recurring duty.
_NO_DEADLINE_BEFORE = re.compile(
    r"(?:截至|截止|自|从|每|[—－-]|至|与|较|比|以|为|列入|纳入|《[^》]*|[（(][^）)]{0,6})\s*$"
    r"|期限[^，。；]{0,24}$|有效期[^，。；]{0,20}$"
)
_NO_DEADLINE_BEHIND = re.compile(
    r"\s*(?:已(?!建|有)|成立的|出生|取得的|开工的|批准的|以来|起(?!草)|开始|至|[—－]|发布的|印发的|公布的|通过的"
    r"|颁布的|度|是[^，。；]{0,8}(?:关键|重要|的)|我国|[^，。；]{0,12}(?:增长了|下降了|达到了|取得了|实现了)"
    r"|[^，。；]{0,14}(?:可(?![持再靠行控复])|免征|免缴|继续(?:执行|享受|按)))"
)
_SPAN_FROM = re.compile(r"(?P<first>20\d{2})\s*年?\s*$")
_RECURS = re.compile(r"每年|每半年|每季度|每月|逐年[^，]{0,4}$")
_MAY_DATE = re.compile("[年月日期末天]")
#: Characters before a date that are read for what it is said of.
_NEAR = 240
_TITLES = re.compile(r"《[^《》\n]{1,120}》|[〔\[][^〔〕\[\]]{1,6}[〕\]]")


@dataclass(frozen=True, slots=True)
class _Found:
    due: date
    start: int
    end: int


def read_deadlines(
    text: str, issued_on: date | None = None, effective_on: date | None = None
) -> tuple[Deadline, ...]:
    """Return the deadlines of a provision in order; offsets are those of `text`.

    Dates told without a year, and spans of time, need the day the document was issued or took
    effect; a date before the day of issue is none.
    """
    if not _MAY_DATE.search(text):
        return ()
    plain = ascii_digits(_TITLES.sub(lambda match: "\0" * len(match.group()), text))
    found = [*_named(plain, issued_on), *_counted(plain, issued_on, effective_on)]
    kept: list[_Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not (kept and each.start < kept[-1].end) and not (issued_on and each.due < issued_on):
            kept.append(each)
    return tuple(Deadline(e.due, text[e.start : e.end], e.start, e.end) for e in kept)


def _named(text: str, issued_on: date | None) -> Iterator[_Found]:
    for form in _FORMS:
        for match in form.finditer(text):
            year = _year(match, text, issued_on)
            if year is None or not _is_deadline(text, match, issued_on):
                continue
            due = _due(year, match)
            if due is not None:
                yield _Found(due, match.start(), match.end())


def _is_deadline(text: str, match: re.Match[str], issued_on: date | None) -> bool:
    before = re.split("[。；;\n]", text[max(match.start() - _NEAR, 0) : match.start()])[-1]
    if _NO_DEADLINE_BEFORE.search(before) or _NO_DEADLINE_BEHIND.match(text, match.end()):
        return False
    span = _SPAN_FROM.search(before)
    if span and issued_on and int(span["first"]) < issued_on.year:
        return False
    # Without a year of its own a month recurs with all that is said to in its sentence.
    same = match.groupdict().get("same") is not None
    recurs = 0 if same else max(before.rfind("，"), before.rfind("、"), 0)
    return not _RECURS.search(before[recurs:])


def _year(match: re.Match[str], text: str, issued_on: date | None) -> int | None:
    """Return the year a match names, or means by the day of issue or by the date before it."""
    groups = match.groupdict()
    if groups.get("plan"):
        # The tenth five-year plan (十五) ran from 2001 to 2005.
        return 1955 + 5 * (numeral(groups["plan"]) or 0)
    if groups.get("year"):
        return _written_year(groups["year"])
    if groups.get("same") is not None:
        return _year_before(text, match.start()) or (issued_on.year if issued_on else None)
    if issued_on is None:
        return None
    return issued_on.year + (groups.get("next") is not None)


def _written_year(written: str) -> int | None:
    return int(written) if written.isdigit() and written.isascii() else numeral(written)


def _year_before(text: str, at: int) -> int | None:
    years = re.findall(_Y, re.split("[。\n]", text[max(at - _NEAR, 0) : at])[-1])
    return _written_year(years[-1]) if years else None


def _due(year: int, match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    if groups.get("month"):
        return _day_of(year, groups)
    part = groups.get("part")
    if part:
        return last_day(year, _last_month(part))
    return last_day(year - 1 if _is_open(groups) else year)


def _day_of(year: int, groups: dict[str, str | None]) -> date | None:
    month = numeral(groups["month"] or "") or 0
    day = numeral(groups.get("day") or "")
    try:
        if day:
            return date(year, month, day)
        first = date(year, month, 1)
    except ValueError:
        return None
    return first - timedelta(days=1) if _is_open(groups) else last_day(year, month)


def _is_open(groups: dict[str, str | None]) -> bool:
    """Tell "2027年前" and "6月前", over when the year or month begins, from "2027年底前"."""
    before = (groups.get("before") or "").endswith("前")
    return before and not groups.get("end") and not groups.get("to")


def _last_month(part: str) -> int:
    """Return the last month of a half or a quarter of a year."""
    if "半年" in part:
        return 6 if part.startswith("上") else 12
    return 3 * (numeral(part.strip("第季度")) or 4)


def _counted(text: str, issued_on: date | None, effective_on: date | None) -> Iterator[_Found]:
    """Yield spans of time that count from the day of issue, or of taking effect."""
    for match in _FROM_ISSUE.finditer(text):
        by_effect = re.search("施行|实施|生效", match.group())
        start = (effective_on or issued_on) if by_effect else issued_on
        due = _after(start, numeral(match["count"]) or 0, match["unit"]) if start else None
        if due is not None and not _OTHER_START.match(match.group()):
            yield _Found(due, match.start(), match.end())


def _after(start: date, count: int, unit: str) -> date | None:
    """Count from a day; None for working days, which no calendar here knows."""
    if unit in {"日", "天"}:
        return start + timedelta(days=count)
    months = {"月": 1, "年": 12}.get(unit)
    return None if months is None else add_months(start, count * months)
