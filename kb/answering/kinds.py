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
_CAUSE = re.compile(
    r"因|由于|导致|使|缘|受|所以|在于|以致|得益于|影响|拖累|累及|推动|促|带动|有关|源于|背景下|作用"
)
_TERM = re.compile(
    r"(?:什么是|什么叫|何谓|何为)(?P<after>[^，。？?]{2,20})"
    r"|(?P<before>[^，。？?]{2,20}?)(?:是指什么|指的是什么|指什么|是什么意思|的(?:定义|含义))"
)
_MEANS = r"”?(?:[^，。；]{0,6}?[，,]?\s*(?:是指|指的是|是|指|即|称为|[:：])|\t)"
# Items that are numbered or counted, and items that are merely several.
_ITEMS = re.compile(
    r"[（(][一二三1-3][）)].*[；;，,].*[（(][一二三1-3][）)]|[①②③].*[②③④]|[一二三]是.*[二三四]是"
    r"|首先.*其次|[两二三四五六七八九十\d]+(?:大|个)?(?:类|种|方面|阶段|模式|形式|途径|要素)",
    re.DOTALL,
)
_SEVERAL = re.compile(r"[、;；][^、。]{1,30}[、;；和及与]")
_MERELY_SEVERAL = 0.4
_WIDE = re.compile(r"我国|全国|中国|全球|世界|国内")
_PROVINCE = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|深圳|广州"
)
_MONEY = rf"{_FIGURE}\s*(?:多|余)?[万亿]*(?:元|美元|欧元|人民币|日元|英镑|韩元)|倍|[%％]|百分之"
_TIME = (
    rf"{_FIGURE}\s*(?:多|余)?个?(?:工作)?(?:日|天|月|年|小时|分钟|周|季度|学期)"
    r"|[每按][日天周月季年]|终身|永久"
)
_SHARE = r"[%％‰]|百分之|百分点|倍|成|分之|\d/\d|比[一二三四五六七八九十\d]|个点|翻"
# What a number question says it counts, and what a sentence must then hold; the first that matches
# decides, so what stands right beside the asking word comes first.
_COUNTED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked), re.compile(needed))
    for asked, needed in (
        (r"多少钱|多少[万亿]*[美欧日韩]?元", _MONEY),
        (r"多久|多长时间|几[天日年月周]|几个(?:工作日|月|小时)|多少[天日年]", _TIME),
        (
            r"占比|比例|比重|份额|(?<![汇利效])率(?!先)|占.{0,12}多少|增速|涨了?多少|降了?多少|涨幅|降幅"
            r"|增幅|同比|环比|百分之",
            _SHARE,
        ),
        (r"(?<!刑)罚|金额|价格|费用|货值|总额|营收|收入|手续费|收费", _MONEY),
        (r"期限|时限", _TIME),
    )
)
# A round number that leaves out its unit: 劳动者8400万，
_BARE = r"[万亿](?=[，。、；）\s]|$)"
# Units that are written in other ways too.
_SAME_UNIT = {
    "人": rf"(?:[人名位个]|{_BARE})",
    "名": rf"(?:[人名位个]|{_BARE})",
    "位": rf"(?:[人名位个]|{_BARE})",
    "家": rf"(?:[家个户所]|{_BARE})",
    "所": "[所座个家]",
    "座": "[所座个]",
    "趟": "[趟列班次]",
    "列": "[趟列]",
    "次": "[次场]",
    "项": "[项个]",
    "个": "",
    "毫米": "(?:毫米|mm)",
    "厘米": "(?:厘米|cm)",
    "米": "(?:米|m)",
    "公里": "(?:公里|千米|km)",
    "千米": "(?:公里|千米|km)",
    "岁": "(?:周?岁)",
}
_UNITS = (
    "吨 公里 千米 厘米 毫米 微米 平方米 平方公里 立方米 米 亩 公顷 家 人 件 套 辆 台 项 所 倍 次 "
    "头 只 棵 株 册 部 场 户 名 位 条 岁 页 字 行 列 班 趟 座 艘 架 标箱 千瓦时 千瓦 度 公斤 千克 "
    "克 升 种 类 篇 起 例 处 届 期 轮 级 号"
)
_UNIT = re.compile(
    rf"(?:多少|几)(?:个|多)?(?:[万亿]*)(?P<unit>{'|'.join(_UNITS.split())}|个)(?!百分|方面|月|工作日|小时)"
)


def fits(question: Question, text: str) -> float:
    """Return how far a sentence holds a figure in the right unit, a date, a cause, items: 0 to 1.

    1 where nothing particular is asked for.
    """
    folded = fold(text)
    if question.kind == "number":
        return float(_counts(fold(question.text), folded))
    if question.kind == "list":
        return 1.0 if _ITEMS.search(folded) else _MERELY_SEVERAL * bool(_SEVERAL.search(folded))
    if question.kind == "definition":
        return float(defines(question, text))
    needed = {"date": _DATE, "reason": _CAUSE}.get(question.kind)
    return float(needed is None or needed.search(folded) is not None)


def unit_asked(question: str) -> str:
    """Return the unit that a folded question asks for; empty where it names none."""
    found = _UNIT.search(question)
    return found["unit"] if found is not None else ""


def elsewhere(question: Question, text: str) -> bool:
    """Tell whether a sentence is about provinces where the question is about all of them."""
    whole = _WIDE.search(question.text) is not None and not _PROVINCE.search(question.text)
    parts, wholes = len(_PROVINCE.findall(text)), len(_WIDE.findall(text))
    return whole and parts > wholes


def _counts(question: str, text: str) -> bool:
    unit = unit_asked(question)
    if unit:
        written = _SAME_UNIT.get(unit, re.escape(unit))
        return re.search(rf"{_FIGURE}\s*[多余]?[万亿]*个?\s*{written}", text) is not None
    needed = next((need for asked, need in _COUNTED if asked.search(question)), _ANY_FIGURE)
    return needed.search(text) is not None


def defines(question: Question, text: str) -> bool:
    """Tell whether a text says what the term of a question for a definition means."""
    sought = term(question)
    means = rf"(?:^|[，。；：）)\s“]|所称|关于){re.escape(sought)}{_MEANS}"
    return bool(sought) and re.search(means, fold(text)) is not None


def term(question: Question) -> str:
    """Return what a question for a definition asks the meaning of; empty where it is not seen."""
    found = _TERM.search(fold(question.text))
    return (found["after"] or found["before"]) if found is not None else ""
