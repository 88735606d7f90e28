"""When a document takes effect: 自2023年12月11日起施行, 自公布之日起30日后施行.

Only what a document says of itself counts: 本办法自…, 现予公布，自…, the line under a law's title,
and the label that standards and databases print. What it says of other texts, or of single
articles, does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from ingest.body import Paragraph
from ingest.dates import DATE, add_months, dates_in
from ingest.numbering import numeral

_START = r"(?:正式)?(?:施行|实施|生效|执行|试行|实行)"
_ITSELF = (
    r"(?:本(?:法|法典|条例|规定|规则|办法|细则|意见|通知|决定|公告|方案|规划|标准|规范|命令|令|通告"
    r"|指南|指引|制度|解释|批复|规程|准则|措施|政策|章程|协定|公约|要求|实施细则|修正案|守则|安排|补充[\u4e00-\u9fff]{2})|(?:公布|发布|印发|通过|批准)[，,])"
)
_BETWEEN = r"[^。；《》]{0,24}?"
_FROM_DATE = re.compile(rf"{_ITSELF}{_BETWEEN}(?:自|从|于)\s*(?P<date>{DATE})\s*(?:起)?\s*{_START}")
_FROM_ISSUE = re.compile(
    rf"{_ITSELF}{_BETWEEN}(?:自|从)?\s*(?:公布|发布|印发|颁布|下发|通过|批准|签发|签署)之日"
    rf"(?:起)?(?:满)?\s*(?:(?P<count>[\d一二三四五六七八九十百两]+)\s*(?P<unit>个月|日|天|年)[之以]?后)?"
    rf"\s*(?:起)?{_START}"
)
_UNDER_TITLE = re.compile(rf"自\s*(?P<date>{DATE})\s*起\s*{_START}")
_LABELS = re.compile(
    rf"(?:实施|施行|生效|执行)\s*日期\s*[:：]?\s*(?P<date>{DATE})|(?P<before>{DATE})\s*实\s*施"
)
_LONGEST_LABEL = 60


def read_effective(
    text: str, lines: Sequence[Paragraph], issued_on: date | None, title: str
) -> date | None:
    """Return the date a document takes effect; None where it does not say.

    `lines` are those above its text. "From the day of issue" is the day it was issued.
    """
    for line in lines:
        if len(line.text) <= _LONGEST_LABEL and (label := _LABELS.search(line.text)):
            return _date(label["date"] or label["before"])
    for line in lines:
        stated = _UNDER_TITLE.search(line.text) if line.text.strip()[:1] in "（(" else None
        if stated:
            return _date(stated["date"])
    named = re.compile(rf"《{re.escape(title)}》{_BETWEEN}自\s*(?P<date>{DATE})\s*起\s*{_START}")
    found = [
        m for m in (_FROM_DATE.search(text), _FROM_ISSUE.search(text), named.search(text)) if m
    ]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    if first.re is not _FROM_ISSUE:
        return _date(first["date"])
    return _after(issued_on, first["count"], first["unit"]) if issued_on else None


def _date(written: str) -> date | None:
    return next((value for value, _, _ in dates_in(written)), None)


def _after(start: date, count: str | None, unit: str | None) -> date | None:
    number = numeral(count) if count else 0
    if number is None or number > 1000:
        return None
    if unit in {"日", "天"}:
        return start + timedelta(days=number)
    months = {"个月": number, "年": 12 * number}.get(unit or "", 0)
    return add_months(start, months)
