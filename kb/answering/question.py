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
    "list",
    "yes-no",
    "compare",
    "topic",
]
#: Kinds whose answer is one span of a sentence.
SPAN_KINDS: frozenset[Kind] = frozenset({"number", "date", "name", "topic", "responsible"})

_BODY = r"(?:部门|单位|机构|机关|部委|主体|方面?|谁|部)"
# The first pattern that matches decides, so the more particular stand first.
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "clauses",
        r"(?:哪|几|什么)[些个几一]?(?:条款|条文|条规定|项规定)|哪几条|哪些条|第几条",
    ),
    (
        "duties",
        r"(?:负责|牵头|承担|参与|主管|分管)(?:的)?(?:是)?(?:什么|哪些|啥|哪几)"
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
    ("reason", r"为什么|为何|为啥|何以|原因|缘故|怎么会|凭什么|咋会"),
    (
        "date",
        r"(?:何时|什么时候|啥时候|哪[一]?[年天日]|哪个月|几[月号日]|何年|何日|时间是|日期)",
    ),
    (
        "number",
        r"多少|多久|多长|多大|多高|多远|多宽|多重|几(?!乎|种|类|个方面|大)|百分之几|占比"
        r"|幅度|比例|比重|增速|增长率|数量|金额|规模|期限|上限|下限|时限",
    ),
    ("manner", r"做(?:些|点|了)?(?:什么|啥)|怎么做"),
    ("definition", r"什么是|是什么意思|指什么|指的是什么|定义|含义|何谓|何为|什么叫"),
    (
        "list",
        r"哪些|哪几|有几种|几种|几类|几个方面|几大|包括什么|分别是|分为|种类|类型|形式有",
    ),
    ("name", r"谁|哪[一]?[个位家座部所类级国省市州县区种条名]|哪里|哪儿|何处|什么"),
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
