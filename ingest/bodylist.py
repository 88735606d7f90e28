"""Lists of bodies, "A、B和C等部门", taken apart.

Names that hold 和 or 、 themselves (工业和信息化部; 各省、自治区、直辖市人民政府) are found in
the registry first; what it does not know is told apart by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.ministries import current_registry

#: Bodies meant but not named. 各地区 stands for every local government.
_IMPLICIT = re.compile(
    r"(?:各地区?|各?(?:地方)?(?:有关|相关)(?:方面|部门|单位|机构|地方|地区|省份|部委|各方)"
    r"(?:和单位|、单位|和地区|和地方|、各单位)?|各(?:部门|单位|部委|方|级|责任单位|成员单位|行业主管部门|主管部门|级各部门|职能部门)(?:和单位)?"
    r"|国务院(?:各)?(?:有关|相关)(?:主管)?部门(?:和单位)?|(?:各)?(?:行业)?主管部门|中央和国家机关(?:各|有关)部门"
    r"|各地方|地方(?:各级)?(?:有关|相关)?(?:主管)?部门|其他(?:有关|相关)(?:部门|单位|机关)|各牵头(?:部门|单位)"
    r"|各试点(?:地区|城市)|试点(?:地区|城市))"
)
#: Departments named by what they do, at whatever level: 县级以上人民政府应急管理部门, 财政部门.
_BY_FUNCTION = re.compile(
    r"(?:国务院|国家|各?省级|市级|县级|各级|地方各?级?|县级以上(?:地方)?(?:各级)?)?(?:人民政府)?"
    r"(?:发展改革|教育|科技|科学技术|工业和信息化|公安|民政|司法|财政|人力资源(?:和)?社会保障|自然资源|生态环境"
    r"|住房(?:和)?城乡建设|交通运输|水利|农业农村|商务|文化(?:和)?旅游|卫生健康|应急管理|审计|海关|税务|市场监管"
    r"|市场监督管理|金融监管|统计|医疗保障|医保|网信|数据|电信|知识产权|药品监管|药品监督管理|能源|林业和草原|林草|邮政|外汇)"
    r"(?:行政主管|主管|行政|监督管理|监管|管理)?部门"
    r"|(?:公安|国家安全|审计|税务|司法行政|检察|审判|监察|移民管理|海关)机关"
)
_FORM = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()·“”]{1,36}(?:部|委|委员会|局|署|院|厅|办|办公室|银行|公司|会|社|政府|党组|组"
    r"|中心|集团|学会|总会|指挥部|基金会|军委|部门|机构|机关|单位|企业|高校|学校|园区|兵团|海关|法院|检察院|省|市|区|县"
    r"|地区|地方|公会|商会|联盟|平台)"
)
_SEPARATOR = re.compile(r"[、，,；;/\s]+")
_UNKNOWN_ENDS = re.compile(r"[、，,；;/\s（(]")
_JOINT = re.compile(r"以及|及其|和|及|与|、")
_AND_MORE = re.compile(
    r"等(?:\d+|[一二三四五六七八九十]+)?个?(?:各?(?:有关|相关))?(?:部门|单位|部委|方面|试点地区|试点城市|地区|省份|地方)?(?:和单位)?(?=$|[、，,；;\s和及与（(])"
)
_BOUNDARY = re.compile(
    r"[、，,；;/\s和及与等（()）要应按商依根]|以及|会同|联合|牵头|主办|负责|负总责|参[与加]|配合|协[助办作同]|支持|落实"
    r"|实施|推进|承担|指导|组织|共同|分别|分工|分头|具体|各负|作为|为|是|在|抓好|总牵头|积极"
)
_FILLER = re.compile(
    r"^(?:(?:以下|以上|上述)[^、，]{0,4}?(?:均|都)?[需须应由]由?|由|请|其中|并|分别)|(?:要|应当|应|共同|分别|统一|具体)$"
)
_BRACKETED = re.compile(r"[（(]([^（）()]*)(?:[）)]|$)")


@dataclass(frozen=True, slots=True)
class Named:
    """A body as a list names it; `implicit` for 有关部门 and the like, `more` before 等部门."""

    text: str
    known: bool
    implicit: bool = False
    more: bool = False

    @property
    def several(self) -> bool:
        """Tell whether the name stands for more than one body: 各省级人民政府, A等部门."""
        return (
            self.more or self.implicit or self.text.startswith(("各", "地方", "县级以上", "省级"))
        )


def split_names(text: str) -> list[Named]:
    """Take a list of bodies apart; what is left of 等部门, 由 and brackets is dropped."""
    names: list[Named] = []
    at = 0
    while at < len(text):
        bracket = _BRACKETED.match(text, at)
        if bracket:
            inner = split_names(bracket.group(1))
            names.extend(inner if all_bodies(inner, known=True) else [])
            at = bracket.end()
            continue
        separator = _SEPARATOR.match(text, at) or (names and _JOINT.match(text, at))
        if separator:
            at = separator.end()
            continue
        name, at = _next_name(text, at)
        if name is not None:
            names.append(name)
    return names


def _next_name(text: str, at: int) -> tuple[Named | None, int]:
    found = _known_at(text, at)
    if found is not None:
        name, end = found
        more = _AND_MORE.match(text, end)
        end = more.end() if more else end
        return Named(name.text, name.known, name.implicit, more is not None), end
    separator = _UNKNOWN_ENDS.search(text, at + 1)
    end = separator.start() if separator else len(text)
    end = _before_known(text, at, end)
    raw = _FILLER.sub("", text[at:end].rpartition("由")[2].strip())
    bare = _AND_MORE.sub("", raw).strip()
    if not bare:
        return None, max(end, at + 1)
    return Named(bare, False, _IMPLICIT.fullmatch(bare) is not None, bare != raw), end


def _known_at(text: str, at: int) -> tuple[Named, int] | None:
    """Read a registered or an implicit name that is whole: something that ends it follows."""
    found = _longest_at(text, at)
    return found if found and _is_boundary(text, found[1]) else None


def _longest_at(text: str, at: int) -> tuple[Named, int] | None:
    """Read the longest of a registered name, one by function and an implicit one.

    国务院有关部门 goes over 国务院, 财政部门 over 财政部.
    """
    end = current_registry().longest_name_at(text, at)
    function = _BY_FUNCTION.match(text, at)
    end = max(end, function.end() if function else at)
    implicit = _IMPLICIT.match(text, at)
    if implicit and implicit.end() > end:
        return Named(implicit.group(), True, implicit=True), implicit.end()
    return (Named(text[at:end], True), end) if end > at else None


def _is_boundary(text: str, at: int) -> bool:
    return at >= len(text) or _BOUNDARY.match(text, at) is not None


def _before_known(text: str, at: int, end: int) -> int:
    """Cut an unknown name where 和 or 及 leads on to another body."""
    for match in _JOINT.finditer(text, at + 2, end):
        left, right = text[at : match.start()], text[match.end() : end]
        if _known_at(text, match.end()) or (_FORM.fullmatch(left) and _FORM.fullmatch(right)):
            return match.start()
    return end


def all_bodies(names: Sequence[Named], *, known: bool = False) -> bool:
    """Tell whether every name is a body: known, or, unless `known` is asked, formed like one."""
    return bool(names) and all(
        name.known or name.implicit or (not known and _is_formed(name.text)) for name in names
    )


def _is_formed(text: str) -> bool:
    return len(text) <= 40 and _FORM.fullmatch(text) is not None


def masked(text: str) -> str:
    """Return the text with every known name blanked by NULs, so that no word is found inside one.

    商务部 holds 商, 中国轻工业联合会 holds 联合.
    """
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = _known_at(text, at)
        end = found[1] if found else at + 1
        parts.append("\0" * (end - at) if found else text[at])
        at = end
    return "".join(parts)


def name_runs(sentence: str) -> Iterator[tuple[int, int, list[Named]]]:
    """Yield each run of known names that a sentence strings together, with its span."""
    at = 0
    while at < len(sentence):
        found = _name_in_prose(sentence, at)
        if found is None:
            at += 1
            continue
        start, names = at, list[Named]()
        end = at
        while found is not None:
            name, end = found
            names.append(name)
            joint = _SEPARATOR.match(sentence, end) or _JOINT.match(sentence, end)
            found = _name_in_prose(sentence, joint.end()) if joint else None
        yield start, end, names
        at = end


def _name_in_prose(sentence: str, at: int) -> tuple[Named, int] | None:
    found = _longest_at(sentence, at)
    if found is None:
        return None
    name, end = found
    # 国务院 opens the names of many departments that no registry lists one by one.
    if name.text == "国务院" and not _is_boundary(sentence, end):
        return None
    return replace(name, more=sentence[end : end + 1] == "等"), end
