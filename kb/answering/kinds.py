"""Whether a sentence holds the kind of thing that a question asks for."""

from __future__ import annotations

import re

from kb.answering.question import Question
from kb.answering.text import fold

_FIGURE = r"(?:\d[\d,.]*|[〇零一二两三四五六七八九十百千万亿]+)"
_ANY_FIGURE = re.compile(_FIGURE)
_DATE = re.compile(
    r"\d+\s*[年月日号]|[一二三四五六七八九十]+[年月日]|以前|之前|以后|之日|当[日天年]"
)
_CAUSE = re.compile(r"因|由于|导致|使得|缘|受|所以|在于|以致|致使|得益于")
# What a number question says it counts, and what a sentence must then hold.
_COUNTED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked), re.compile(needed))
    for asked, needed in (
        (
            r"多少钱|罚|金额|价格|费用|货值|总额|营收|收入|多少[万亿]?元",
            rf"{_FIGURE}\s*(?:多|余)?[万亿]?(?:元|美元|欧元|人民币|日元|英镑|韩元)|倍",
        ),
        (
            r"多久|多长时间|期限|时限|几[天日年月周]|几个(?:工作日|月|小时)|多少[天日年]",
            rf"{_FIGURE}\s*(?:多|余)?个?(?:工作)?(?:日|天|月|年|小时|分钟|周)",
        ),
        (
            r"占比|比例|比重|份额|增速|增长率|涨了?多少|降了?多少|涨幅|降幅|同比|环比|百分之",
            r"[%％‰]|百分之|百分点|倍|成|分之",
        ),
    )
)
_UNIT = re.compile(
    r"(?:多少|几)(?:个|多)?([万亿]?(?:吨|公里|千米|米|亩|公顷|家|人|件|套|辆|台|项|所|倍|次|点|头|只|棵"
    r"|株|册|部|场|户|名|位|条))"
)


def fits(question: Question, text: str) -> bool:
    """Tell whether a sentence holds a figure in the right unit, a date, a cause."""
    folded = fold(text)
    if question.kind == "number":
        return _counts(fold(question.text), folded)
    if question.kind == "date":
        return _DATE.search(folded) is not None
    if question.kind == "reason":
        return _CAUSE.search(folded) is not None
    return True


def _counts(question: str, text: str) -> bool:
    unit = _UNIT.search(question)
    if unit is not None:
        counted = re.escape(unit[1])
        return re.search(rf"{_FIGURE}\s*[多余]?[万亿]?个?{counted}", text) is not None
    needed = [need for asked, need in _COUNTED if asked.search(question)]
    if needed:
        return any(need.search(text) for need in needed)
    return _ANY_FIGURE.search(text) is not None
