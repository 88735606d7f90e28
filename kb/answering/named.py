"""Places and periods that a question names: what is said of others does not answer it."""

from __future__ import annotations

import re

from kb.answering.text import fold

_PROVINCES = (
    "北京 天津 上海 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
    "广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 宁夏 新疆 香港 澳门 深圳 广州"
)
_COUNTRIES = (
    "美国 日本 韩国 德国 英国 法国 俄罗斯 印度 越南 泰国 马来西亚 印尼 印度尼西亚 新加坡 巴西 "
    "墨西哥 加拿大 澳大利亚 意大利 西班牙 荷兰 土耳其 沙特 南非 埃及 欧盟 欧洲 东盟 非洲 拉美 "
    "中东 中亚 菲律宾 缅甸 柬埔寨 老挝 巴基斯坦 乌克兰 波兰 匈牙利 阿根廷 智利 秘鲁"
)
_PLACES = re.compile(
    "|".join(sorted((*_PROVINCES.split(), *_COUNTRIES.split()), key=len, reverse=True))
)
_PERIODS = re.compile(r"[一二三四]季度|[上下]半年|前[一二三两]季度")
# Other names by which a text may speak of the same place.
_ALSO: dict[str, tuple[str, ...]] = {
    "印尼": ("印度尼西亚",),
    "印度尼西亚": ("印尼",),
    "欧洲": ("欧盟", "欧"),
    "欧盟": ("欧方",),
    "沙特": ("沙方",),
    "美国": ("美方", "中美", "对美", "美"),
}


def places(text: str) -> tuple[str, ...]:
    """Return the provinces, countries and regions a text names, each once."""
    return tuple(dict.fromkeys(_PLACES.findall(text)))


def periods(text: str) -> tuple[str, ...]:
    """Return the quarters and half years a text names, each once."""
    return tuple(dict.fromkeys(_PERIODS.findall(fold(text))))


def holds(name: str, text: str) -> bool:
    """Tell whether a text names a place or period, by this or another name."""
    return any(one in text for one in (name, *_ALSO.get(name, ())))
