"""What a question asks for: its kind, and the years, names and body it must be answered about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kb.answering.text import fold

Kind = Literal[
    "responsible",  # 由谁负责
    "clauses",  # 哪些条款
    "duties",  # 某部门负责什么
    "number",
    "date",
    "name",
    "definition",
    "reason",
    "manner",
    "aspects",  # 有什么影响、特点、困难
    "list",
    "yes-no",
    "compare",
    "topic",
]
#: Kinds whose answer is one span of a sentence.
SPAN_KINDS: frozenset[Kind] = frozenset({"number", "date", "name", "responsible"})

# Things that are told in sentences, never named in a few words.
_MEASURES = (
    r"(?:支持|帮助|扶持|优惠|保障|措施|举措|政策|办法|对策|建议|安排|部署|打算|准备|途径|手段|应对)"
)
_ASPECTS = (
    r"(?:影响|作用|意义|好处|益处|坏处|优势|优点|劣势|缺点|弊端|问题|困难|困境|难题|痛点|难点|挑战|风险"
    r"|隐患|障碍|瓶颈|短板|限制|约束|制约|特点|特征|变化|趋势|走势|机遇|背景|经验|启示|后果|要求"
    r"|条件|义务|权利|用处|价值|潜力|前景|表现|关系|态度|看法|判断)"
)
# What stands between the asking word and what is asked for: 什么样的新的具体支持.
_OF_WHAT = r"(?<!为)(?:什么|啥|何种|何)(?:样|方面)?的?[^，。？?的]{0,4}?"
_BODY = r"(?:部门|单位|机构|机关|部委|主体|方面?|谁|部)"
# The first pattern that matches decides, so the more particular stand first.
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "clauses",
        r"(?:哪|几|什么)[些个几一]?(?:条款|条文|条规定|项规定)|哪几条|哪些条(?!件)"
        r"|第几条|哪一条(?!路|线|河)",
    ),
    (
        "duties",
        r"(?:负责|牵头|承担|参与|主管|分管)(?:的)?(?:是)?(?:什么|哪些|啥|哪几|哪[一]?(?:个)?方面|哪[一]?项)"
        r"|(?:职责|任务|分工|职能)(?:有|是|包括)?(?:什么|哪些|啥)",
    ),
    (
        "responsible",
        rf"(?:由|归|是|靠|让)?(?:哪|谁|什么|几)[一几些个家]*(?:{_BODY})?[^，。？?]{{0,6}}?"
        r"(?:负责|牵头|主管|承担|落实|分工|监管|管理|组织实施|推进)"
        r"|(?:负责|牵头|主管|责任)(?:的)?(?:部门|单位|机构)?(?:是|有|包括)?(?:谁|哪|什么部门)"
        rf"|(?:责任|牵头|主管|负责|参与|配合)(?:部门|单位)",
    ),
    ("compare", r"(?:区别|不同|差异|相比|对比|异同|哪个更|谁更)(?!于)"),
    ("manner", rf"{_OF_WHAT}{_MEASURES}(?!文件|机构|性|的)"),
    (
        "aspects",
        rf"{_OF_WHAT}{_ASPECTS}(?!性|的|期)|意味着什么|说明(?:了)?什么|反映(?:了|出)?什么"
        rf"|{_ASPECTS}(?:主要)?(?:体现|表现)?(?:在于?)?(?:是)?(?:哪里|哪儿|哪$|什么地方)|好在哪|难在哪",
    ),
    ("reason", r"为什么|为何|为啥|何以|原因|缘故|怎么会|凭什么|咋会"),
    (
        "date",
        r"(?:何时|什么时候|啥时候|哪[一]?[年天日]|哪个月|几[月号日]|何年|何日|时间是|日期)",
    ),
    (
        "number",
        r"多少|多久|多长|多大|多高|多远|多宽|多重|多厚|多深|多快|几(?!乎|种|类|个方面|大)|百分之几|占比"
        r"|幅度|比例|比重|增速|增长率|数量|金额|规模|期限|上限|下限|时限",
    ),
    ("manner", r"做(?:些|点|了)?(?:什么|啥)(?!样)|怎么做"),
    ("definition", r"什么是|是什么意思|指什么|指的是什么|定义|含义|何谓|何为|什么叫"),
    (
        "list",
        r"哪些|哪几|哪[两二三四五六七八九十\d]+(?:个|大|种|类|项|点|方面|部分)"
        r"|有几种|几种|几类|几个方面|几大|包括什么|分别是|分为|种类|类型|形式有",
    ),
    ("name", r"谁|哪[一]?[个位家座部所类级国省市州县区种条名项]|怎样的|哪里|哪儿|何处|什么"),
    ("manner", r"怎么|怎样|如何|咋|怎么办|做什么|做些什么|方法|措施|办法|途径"),
    ("yes-no", r"是否|能否|可否|吗[？?]?$|[是能会可要有]不[是能会可要有]|有没有"),
)
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern)) for kind, pattern in _PATTERNS
)
_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:\s*[-—–~至到]\s*((?:19|20)\d\d))?(?=\s*(?:年|[^\d\w]|$))"
)
_LATIN = re.compile(r"[a-z][a-z0-9.+-]*[a-z0-9]|[a-z]{2,}")
_SEVERAL = re.compile(
    r"分别|各(?:是|为|占|有|自|多少|增|降|达)|哪几|多少和|(?:多少|几).*(?:多少|几)"
)
# What else a question may ask beside a figure, and figures it does not ask for (好几次, 哪几部).
_ASKS_MORE = re.compile(
    r"谁|哪|什么|啥|怎|咋|如何|为何|[吗呢]|何种|([是能会可要有算够行])不\1|没有|是否|[能可]否|依据|原因|以及"
    r"|[、与和及].{2,14}(?:规定|要求|情况)|[好这]几|几(?:个部门|家)"
)
_QUOTED = re.compile(r"[《“「](.{2,40}?)[》”」]")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and what must be true of its evidence."""

    text: str
    kind: Kind
    years: tuple[str, ...]
    latin: tuple[str, ...]
    quoted: tuple[str, ...]

    @property
    def wants_span(self) -> bool:
        """Tell whether a few words can be the answer."""
        return self.kind in SPAN_KINDS

    @property
    def wants_several(self) -> bool:
        """Tell whether several quantities are asked for."""
        return _SEVERAL.search(self.text) is not None

    @property
    def asks_more(self) -> bool:
        """Tell whether a question with a figure in it asks for something else, too or instead."""
        return _ASKS_MORE.search(fold(self.text)) is not None


def analyse(text: str) -> Question:
    """Read a question."""
    folded = fold(text)
    years = [year for match in _YEAR.finditer(folded) for year in match.groups() if year]
    return Question(
        text=text,
        kind=_kind(folded),
        years=tuple(dict.fromkeys(years)),
        latin=tuple(dict.fromkeys(_LATIN.findall(folded))),
        quoted=tuple(dict.fromkeys(_QUOTED.findall(text))),
    )


def _kind(folded: str) -> Kind:
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), "topic")
