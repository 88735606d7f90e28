"""Quantities that a clause wants reached: 达到60%以上, 不低于30%, 超过1万亿元, 建成100个, 翻一番.

Only what is wanted: in a sentence with a deadline, or after one in its paragraph, or with a word
that aims (力争, 目标, 确保). Statistics of the past, thresholds ("超过300人的企业"), fines and
spans of time are none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.document_numbers import ascii_digits
from ingest.model import Deadline, Target

_COUNT = r"\d[\d,，.]*\d|\d|[一二两三四五六七八九十百千]{1,4}(?=万|亿|个|家|条|所|成)"
_UNIT = (
    r"(?:万亿|千亿|百亿|亿|万|千)?(?:元|美元|人次|人|户|家|个百分点|个(?!月|工作日|季度|小时|学时|交易日)|所|座|条|项|辆|台|套|公里|千米|平方公里|平方米"
    r"|公顷|亩|吨|标准煤|千瓦时|千瓦|兆瓦|吉瓦|立方米|件|名|张|批|种|处|只|支|对|倍|架|艘|标箱|TEU|岁|成|万)"
)
_AMOUNT = (
    rf"(?:(?:{_COUNT})\s*(?:[%％‰]|{_UNIT})(?:(?:[—－-]|至|到)(?:{_COUNT})\s*(?:[%％‰]|{_UNIT}))?"
    rf"|百分之[一二三四五六七八九十百点\d]+|一半|(?:{_COUNT})(?:[%％‰]))"
)
_MORE = rf"(?:[以之]?[上下内]|左右)?(?:[、和](?:{_AMOUNT})(?:[以之]?[上下内]|左右)?)*"
_LEVEL = (
    r"(?:(?:稳步|逐步|明显|显著)?(?:达到|提高到|提升到|提高至|提升至|增加到|增加至|增至|增长到|扩大到|扩大至|上升到|下降到"
    r"|下降至|降低到|降低至|降到|降至|压减到|压缩到|控制在|保持在|稳定在|维持在|力争达|达)(?:不低于|不少于|超过)?"
    r"|不低于|不得低于|不少于|不得少于|不超过|不得超过|不高于|不得高于|超过|突破|实现|至少|总量(?:达|为))"
)
_MAKE = (
    r"(?:(?:建成|建设|培育|打造|新增|新建|改建|形成|培养|引进|创建|认定|布局|设立|完成|改造|推广|支持|组建|遴选|发展"
    r"|扶持|建立|培训|集聚|推出|制定|制修订|部署|实施|创新|评选|选树|累计)(?:一批|约|近|超过|不少于|不低于|至少|以上|并|和|[、]"
    r"|培育|形成|打造|完善|推广|改造|培训|建设)*)"
)
_CHANGE = (
    r"(?:(?:比|较)[^，。；]{1,14})?(?:年均|累计|分别|再|平均|力争|每年)*(?:降低|下降|减少|提高|提升|增长|增加|压减|缩短|上升|扩大|递增)"
    r"(?:约|近|超过|不低于|不少于|至少)?"
)
_TARGET = re.compile(
    rf"{_LEVEL}\s*(?:约|近)?\s*{_AMOUNT}{_MORE}|{_MAKE}[^，。；、\d\s]{{0,8}}?\s*{_AMOUNT}{_MORE}|{_CHANGE}\s*{_AMOUNT}{_MORE}"
    r"|翻[一两]番|翻番|(?:实现)?倍增|增长[一两二三四五]倍"
)
_AIMS = re.compile(
    r"力争|争取|目标|确保|努力|逐步|稳定在|控制在|保持在|不低于|不少于|不得低于|不得少于|翻番|翻[一两]番|倍增|至少"
)
_PAST = re.compile(
    r"近年来|截至|截止|同比|环比|去年|上年(?!度)|以来|已(?:经|达|建成|超过|形成|完成|有)|了\d|目前|当前"
    r"|(?:增长|下降|达到|超过|建成|完成|实现)了"
)
#: A threshold, a fine, a share of votes: what the number is of, not what is wanted.
_THRESHOLD = re.compile(
    r"\s*[以之]?[上下内]?的(?!目标|水平|要求|速度|增速|比例(?:$|[，。；]))"
    r"|[^，。；]{0,6}(?:罚款|有期徒刑|表决|股份)"
)
_FINE = re.compile(r"(?:罚款|处以|罚金|凡|符合|注册资本|年满|投资额)[^，。；]{0,8}$")
#: Characters before a quantity that are read for what it is of.
_NEAR = 24
_MAY_COUNT = re.compile(r"[\d%％番倍半]|百分之|[一二两三四五六七八九十百千](?:万|亿|个|家|条|所)")
_SENTENCE = re.compile(r"[^。；;\n]+")


def read_targets(text: str, deadlines: Sequence[Deadline]) -> tuple[Target, ...]:
    """Return the quantities a provision wants reached, in order; offsets are those of `text`.

    `deadlines` are those of the same text.
    """
    plain = ascii_digits(text)
    found: list[Target] = []
    for sentence in _SENTENCE.finditer(plain):
        if not _MAY_COUNT.search(sentence.group()):
            continue
        start, end = sentence.span()
        if _PAST.search(sentence.group()) or not _is_goal(plain, start, end, deadlines):
            continue
        for match in _TARGET.finditer(plain, start, end):
            threshold = _THRESHOLD.match(plain, match.end())
            if not threshold and not _FINE.search(
                plain[max(start, match.start() - _NEAR) : match.start()]
            ):
                found.append(Target(text[slice(*match.span())], *match.span()))
    return tuple(found)


def _is_goal(text: str, start: int, end: int, deadlines: Sequence[Deadline]) -> bool:
    """Tell a sentence that aims: with a deadline before its end, in its paragraph."""
    paragraph = text.rfind("\n", 0, start) + 1
    due = any(paragraph <= deadline.start < end for deadline in deadlines)
    return due or _AIMS.search(text, start, end) is not None
