"""Local departments and customs districts, known by the form of their names: 浙江省商务厅."""

from __future__ import annotations

import re

_REGIONS = {
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
}
_CITIES = "北京|天津|上海|重庆"
_PROVINCES = (
    f"{_CITIES}|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南"
    "|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_RANK = r"(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)"
_NAME = re.compile(
    rf"(?P<place>(?P<province>{_PROVINCES})(?P<rank>{_RANK})?"
    r"(?:[\u4e00-\u9fff]{1,6}?(?:市|州|县|区|盟))?|[\u4e00-\u9fff]{2,6}?(?:市|自治州|县|区|盟))"
    r"(?P<office>[\u4e00-\u9fff]{1,24}?(?:厅|局|委|委员会|办公室|办|人民政府|政府|中心|法院|检察院))"
)
_IN_TEXT = re.compile(
    rf"(?:{_PROVINCES}){_RANK}?[\u4e00-\u9fff]{{0,10}}?"
    r"(?:人民政府|厅|局|委员会|委(?=[、，；。（）和及与会牵负按等要应])|海关)"
)
#: The customs districts that are not named after a province (海关总署, 直属海关).
_CUSTOMS = (
    "石家庄|太原|满洲里|呼和浩特|沈阳|大连|长春|哈尔滨|南京|杭州|宁波|合肥|福州|厦门|南昌|青岛|济南|郑州|武汉"
    "|长沙|广州|黄埔|深圳|拱北|汕头|江门|湛江|南宁|海口|成都|贵阳|昆明|拉萨|西安|兰州|西宁|银川|乌鲁木齐"
)
_CUSTOMS_IN_TEXT = re.compile(rf"(?:{_CUSTOMS}|{_PROVINCES})海关(?!总署|特殊)")
#: How local departments' names are shortened, and what they stand for.
_OFFICES = {
    "发改委": "发展和改革委员会",
    "发展改革委": "发展和改革委员会",
    "发改局": "发展和改革局",
    "发展改革局": "发展和改革局",
    "工信厅": "工业和信息化厅",
    "工信局": "工业和信息化局",
    "经信厅": "经济和信息化厅",
    "经信局": "经济和信息化局",
    "经信委": "经济和信息化委员会",
    "科技厅": "科学技术厅",
    "科技局": "科学技术局",
    "科委": "科学技术委员会",
    "教委": "教育委员会",
    "人社厅": "人力资源和社会保障厅",
    "人社局": "人力资源和社会保障局",
    "人力资源社会保障厅": "人力资源和社会保障厅",
    "人力资源社会保障局": "人力资源和社会保障局",
    "住建厅": "住房和城乡建设厅",
    "住建局": "住房和城乡建设局",
    "住建委": "住房和城乡建设委员会",
    "住房城乡建设厅": "住房和城乡建设厅",
    "住房城乡建设局": "住房和城乡建设局",
    "住房城乡建设委": "住房和城乡建设委员会",
    "文旅厅": "文化和旅游厅",
    "文旅局": "文化和旅游局",
    "卫健委": "卫生健康委员会",
    "卫生健康委": "卫生健康委员会",
    "卫健局": "卫生健康局",
    "卫计委": "卫生和计划生育委员会",
    "卫生计生委": "卫生和计划生育委员会",
    "环保厅": "环境保护厅",
    "环保局": "环境保护局",
    "国土厅": "国土资源厅",
    "国土局": "国土资源局",
    "自规局": "自然资源和规划局",
    "应急厅": "应急管理厅",
    "应急局": "应急管理局",
    "安监局": "安全生产监督管理局",
    "退役军人厅": "退役军人事务厅",
    "退役军人局": "退役军人事务局",
    "市场监管局": "市场监督管理局",
    "市监局": "市场监督管理局",
    "工商局": "工商行政管理局",
    "质监局": "质量技术监督局",
    "国资委": "人民政府国有资产监督管理委员会",
    "药监局": "药品监督管理局",
    "食药监局": "食品药品监督管理局",
    "医保局": "医疗保障局",
    "林草局": "林业和草原局",
    "粮食和储备局": "粮食和物资储备局",
    "交通厅": "交通运输厅",
    "交通局": "交通运输局",
    "民委": "民族事务委员会",
    "民宗委": "民族宗教事务委员会",
    "外办": "外事办公室",
    "编办": "机构编制委员会办公室",
    "人防办": "人民防空办公室",
    "政府": "人民政府",
}
_GOVERNMENT = re.compile(r".*(?:厅|委员会|办公室|人民政府)")
#: Departments of the place that a document is from, which it does not say again: 市财政局.
_OWN = re.compile(
    r"(?P<rank>省|自治区|市(?!场)|州|盟|县|区(?!域)|旗)(?!级)"
    r"(?P<office>[\u4e00-\u9fff]{0,20}?(?:厅|局|委|委员会|办公室|办|人民政府|政府|法院|检察院|总工会))"
)
#: Only provinces have departments called 厅; of which, the document says elsewhere.
_OWN_BARE = re.compile(r"(?!国务院|中央|中共|全国)[\u4e00-\u9fff]{2,12}厅")
#: Customs houses below a district: 南通海关.
_CUSTOMS_HOUSE = re.compile(r"[\u4e00-\u9fff]{2,5}海关")
#: 各区政府, 各县（市、区）人民政府, 各设区市政府.
_EVERY = re.compile(r"各[\u4e00-\u9fff（）、]{1,14}?(?:人民政府|政府|管委会|管理委员会)")


def full_local_name(name: str) -> str | None:
    """Return the full name of a local department, known by its form; None for anything else.

    浙江发改委 is 浙江省发展和改革委员会, and 市发改委, of the place that a document is from,
    市发展和改革委员会. Local offices of central bodies (上海海事局, 上海海关) keep the name they
    have.
    """
    if _CUSTOMS_HOUSE.fullmatch(name) or _EVERY.fullmatch(name):
        return name
    match = _NAME.fullmatch(name)
    if match is None:
        return _own(name)
    office = _OFFICES.get(match["office"], match["office"])
    local = match["office"] in _OFFICES or _GOVERNMENT.fullmatch(office) is not None
    return (_ranked(match) if local else match["place"]) + office


def _own(name: str) -> str | None:
    """Return the full name of a department of the place that a document is from."""
    match = _OWN.fullmatch(name)
    if match is not None:
        return match["rank"] + _OFFICES.get(match["office"], match["office"])
    return _OFFICES.get(name, name) if _OWN_BARE.fullmatch(name) else None


def local_name_end(text: str, start: int) -> int:
    """Return the end of a local department's name at an offset, or `start` where none is."""
    match = _CUSTOMS_IN_TEXT.match(text, start) or _IN_TEXT.match(text, start)
    return match.end() if match else start


def _ranked(match: re.Match[str]) -> str:
    """Return the place with its province's rank, left out or shortened as it may be."""
    province, rank = match["province"], match["rank"]
    if province is None:
        return match["place"]
    if province in _REGIONS and rank in {None, "自治区"}:
        ranked = _REGIONS[province]
    elif rank is None and province not in {"香港", "澳门"}:
        ranked = province + ("市" if province in _CITIES.split("|") else "省")
    else:
        ranked = province + (rank or "")
    return ranked + match["place"][len(province + (rank or "")) :]
