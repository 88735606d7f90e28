"""Complete a follow-up question from the one before it and what that was answered with.

"那由谁负责？", "2024年呢？", "第二条呢？", "为什么？" lack their subject. What lacks nothing is
left as it is: a question is only completed where it begins or ends as follow-ups do, points back
with a pronoun, or holds no word that says what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kb.answering.clauses import bodies_named
from kb.answering.features import look_at_question
from kb.answering.named import periods, places
from kb.answering.question import Kind, analyse
from kb.answering.text import fold
from kb.answering.words import cut, table

_NUMERAL = r"[〇零一二三四五六七八九十百千\d]{1,9}"
_CLAUSE = re.compile(
    rf"第{_NUMERAL}(?:条|款)(?:之{_NUMERAL})?|[（(][一二三四五六七八九十]{{1,3}}[）)]"
)
_ITEM = re.compile(r"^第(?P<at>[一二三四五六七八九十]|\d{1,2})(?:个|项|点|种|类|方面|句)?$")
_YEAR = re.compile(r"(?:19|20)\d\d年?|[今去前明]年|上年|本年")
# How follow-ups begin: what joins them to what was said.
_JOINS = re.compile(
    r"^(?:那么|那|然后|另外|还有|再问|接着|所以|而且|以及|至于)[，,、]?(?!些|个|种|时|里|年)"
)
_ENDS = re.compile(r"(?:呢|怎么样|如何|又如何)?[？?。！!\s]*$")
_AND_WHAT = re.compile(
    r"^(?:那么|那|至于|换成|如果是|要是)?[，,]?(?P<what>[^？?，,]{1,24}?)呢[？?。\s]*$"
)
_WHOLE = re.compile(r"全国|我国|国内|中国|全球|全世界")
# What points back: a document, or whatever was spoken of.
_THAT_DOCUMENT = re.compile(
    r"(?:这|该|本|此|上述|前述|那)(?:一)?(?:部|份|个|项|篇)?(?:条例|办法|规定|意见|通知|方案|法律|法规|文件|政策|法|报告"
    r"|文章|细则|规划|决定|公告|标准)(?!律师|院)"
)
_THAT = re.compile(
    r"(?:这|该|此|上述|前述|那)(?:一)?(?:项|个|种|类|些|条|方面|件)?(?:措施|工作|任务|事项|事情|事|问题|做法|制度|条款|条|要求"
    r"|规定|情况|数字|数据|部门|单位|机构|项目|活动|行为)?"
    r"|(?<![吉维其])(?:它们|它|他们)(?!山)"
    r"|(?<![与及极由莫尤])其(?!他|它|中|余|实|次|间)"
)
_NOT_THAT = re.compile(
    r"应该|该不该|不该|这么|这样|那么|那样|这里|那里|这些年|这几年|这两年|近年|其他|其中|其余|其实|本次|这次|那些年"
)
# What asks, and what says what is asked for: none of it is a subject.
_ASKING = re.compile(
    r"(?:是|为|有|由|归|靠|让|在|从|到|于)?(?:什么时候|啥时候|什么样的?|什么|啥|哪[些个家位里儿年月天日条项几一]?(?:个)?|谁|多少|多久|多长时间|多长"
    r"|多大|多高|几(?=[个年月天日条项家成倍])|为什么|为何|为啥|怎么样|怎么办|怎么|怎样|如何|何时|何地|是否|能否|可否|有没有|是不是|能不能)"
    r"(?:呢|吗|啊)?|[吗呢啊吧]?[？?！!。]+$|^(?:请问|那么|那|想知道|请|帮我)"
)
_TAIL = re.compile(r"(?:是|有|处|的|了|由|在|为|到|和|与|及|，|,|、|：|:)+$")
_GENERIC_WORDS = (
    "负责 牵头 主管 承担 部门 单位 机构 机关 主体 责任 参与 配合 分工 "
    "监管 谁 措施 举措 办法 政策 支持 要求 条件 原因 理由 影响 作用 "
    "意义 好处 坏处 特点 问题 困难 风险 时间 日期 期限 时限 何时 时候 "
    "开始 起 施行 实施 生效 执行 截止 结束 完成 数量 金额 比例 比重 "
    "增速 增长 下降 规模 标准 程度 范围 对象 内容 规定 条款 条 款 项 "
    "点 个 条文 具体 详细 进一步 更 多 说明 解释 介绍 展开 举例 例子 "
    "例如 依据 根据 来源 出处 原文 罚款 处罚 罚 后果 违反 违规 流程 "
    "程序 步骤 材料 手续 怎么办 办理 区别 不同 相同 变化 趋势 目标 任务 "
    "工作 重点 方面 包括 哪些 几 种 类 去年 今年 前年 明年 同比 环比 "
    "呢 吗 说 讲 写 指 意思 定义 含义 还 另外 其他 别的 今后 以后 "
    "之前 目前 现在 多少 为什么 怎么 如何 钱 元 最高 最低 上限 下限 "
    "一共 总共 分别 各 自 做 干 好 行 可以 需要 必须 应当 能 占 达到 "
    "达 主要 相关 有关 方式 方法 途径 渠道 建议 对策 答案 数据 数字 页 "
    "第几 哪一 哪 一 二 三 四 五 六 七 八 九 十"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
_FURTHER = frozenset(("还有", "其他", "其他的", "别的", "另外", "其余", "其余的"))
_OF_BODIES: frozenset[Kind] = frozenset({"responsible", "duties", "clauses"})
_DUTIES = "{}负责什么工作？"
# What a question counts in is no part of its subject.
_UNIT = re.compile(r"(?:多少|几)[^，。？?、；的]{0,4}(?=[？?。]*$)")
# A word of the last question gives its place to one at least this much like it (cosine).
_LIKE = 0.3
_LONGEST_TOPIC = 60
_NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Before:
    """The question before, as it was understood, and what it was answered with.

    `titles` are the cited documents', `items` what was quoted, each in its order.
    """

    question: str
    titles: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    clause: str | None = None


def completed(question: str, before: Before) -> str | None:
    """Return the question with what it lacks, None where it lacks nothing."""
    text = question.strip()
    found = _AND_WHAT.match(text)
    if found is not None and not _asks(found["what"]):
        return _same_of(found["what"].strip(), before)
    document = _THAT_DOCUMENT.search(text)
    if document is not None and not _names_one(text):
        subject = _named(before.titles[0]) if before.titles else topic(before)
        return text[: document.start()] + subject + text[document.end() :]
    if not _depends(text):
        return None
    return _about(before, text)


def _asks(text: str) -> bool:
    return analyse(text).kind != "topic"


def _depends(text: str) -> bool:
    """Tell whether a question has no subject of its own, or begins with what points back."""
    if bodies_named(text) or places(text) or _names_one(text):
        return False
    if not _subject(text):
        return True
    return len(_subject(text)) <= 2 and _points_back(text) is not None


def _points_back(text: str) -> re.Match[str] | None:
    """Return the pronoun that stands for what was spoken of; 那 of 那曲 is none."""
    masked = _NOT_THAT.sub(lambda found: "〇" * len(found.group()), text)
    longest = {word.start: len(word.text) for word in cut(masked)}
    for found in _THAT.finditer(masked):
        if longest.get(found.start(), len(text)) <= len(found.group()):
            return found
    return None


def _without_join(text: str) -> str:
    """Leave out what joins a question to the one before it."""
    found = _JOINS.match(text)
    words = cut(text)
    if found is None or not words or len(words[0].text) > len(found.group()):
        return text
    return text[found.end() :]


def _names_one(text: str) -> bool:
    return re.search(r"《[^》]{2,}》", text) is not None


def _subject(text: str) -> list[str]:
    """Return the words that say what a question is about."""
    bare = _without_join(text)
    points = _points_back(bare)
    if points is not None:
        bare = f"{bare[: points.start()]} {bare[points.end() :]}"
    bare = _ASKING.sub(" ", bare)
    asked = look_at_question(bare, table())
    pairs = zip(asked.words, asked.weights.tolist(), strict=True)
    return [word for word, weight in pairs if weight > 0 and word not in _GENERIC and _says(word)]


def _says(word: str) -> bool:
    return len(word) > 1 or word.isascii()


def _same_of(what: str, before: Before) -> str | None:
    """Ask the last question of something else: another clause, item, year, place, body or word."""
    last = before.question
    if _CLAUSE.fullmatch(what):
        return _of_clause(what, before)
    item = _ITEM.match(what)
    if item is not None:
        return _of_item(item["at"], before) or f"{topic(before)}的{what}是什么？"
    if what in _FURTHER:
        return f"{topic(before)}还有哪些？"
    if bodies_named(what) == (what,) and analyse(last).kind in _OF_BODIES:
        return last.replace(of[0], what, 1) if (of := bodies_named(last)) else _DUTIES.format(what)
    for names in (_YEAR.findall, periods, places, bodies_named):
        ours, theirs = names(what), names(last) or _wider(names, last)
        if ours and fold("".join(ours)) == fold(what):
            return last.replace(theirs[0], _as(what, theirs[0]), 1) if theirs else _put(what, last)
    return _by_likeness(what, last)


def _wider(names: Callable[[str], Sequence[str]], last: str) -> Sequence[str]:
    """Return what stands for all places, where a place is asked for."""
    return _WHOLE.findall(last) if names is places else ()


def _put(what: str, last: str) -> str:
    """Put a year, period or place before a question, a period after its year."""
    year = _YEAR.match(last) if periods(what) else None
    at = year.end() if year is not None else 0
    return last[:at] + what + last[at:]


def _as(what: str, instead: str) -> str:
    """Write a year with its 年 where the one it takes the place of has it."""
    return f"{what}年" if instead.endswith("年") and what.isdigit() else what


def _of_clause(clause: str, before: Before) -> str:
    if _CLAUSE.search(before.question):
        return _CLAUSE.sub(clause, before.question, count=1)
    title = _named(before.titles[0]) if before.titles else ""
    return f"{title}{clause}规定了什么？"


def _of_item(at: str, before: Before) -> str | None:
    number = int(at) if at.isdigit() else _NUMERALS.index(at) + 1
    if number > len(before.items):
        return None
    return f"{_first_words(before.items[number - 1])}的具体内容是什么？"


def _first_words(item: str) -> str:
    bare = re.sub(
        r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|第\w{1,5}条|[-•●])\s*", "", item
    )
    return re.split(r"[。，；：:,\n]", bare.strip())[0][:_LONGEST_TOPIC]


def _by_likeness(what: str, last: str) -> str:
    """Put what is asked in the place of the word of the last question that is most like it."""
    if what in last:
        return last
    words = [word for word in cut(last) if table().weight(word.text) > 0]
    ours = [word.text for word in cut(what) if table().weight(word.text) > 0] or [what]
    if words:
        like = table().vectors([word.text for word in words]) @ table().vectors(ours[-1:]).T
        best = int(np.argmax(like[:, 0]))
        if like[best, 0] >= _LIKE:
            return last[: words[best].start] + what + last[words[best].end :]
    return f"{what}，{last}"


def _about(before: Before, text: str) -> str:
    """Put the last question's subject before a question that lacks one."""
    bare = _without_join(text)
    points = _points_back(bare)
    subject = topic(before)
    if points is not None:
        left, right = bare[: points.start()], bare[points.end() :]
        return f"{left}{subject}{right}"
    clause = _CLAUSE.search(bare)
    if clause is not None and before.titles:
        return f"{_named(before.titles[0])}{bare}"
    return f"{subject}{bare}"


def topic(before: Before) -> str:
    """Return what the last question was about, in its own words; its answer's where it has none."""
    bare = _UNIT.sub("", _without_join(before.question.strip()))
    left = _TAIL.sub("", _ASKING.sub("", bare).strip(" ？?。"))
    left = _TAIL.sub("", _without_generic_end(left))
    if not _subject(left) and not _CLAUSE.search(left) and before.items:
        left = _first_words(before.items[0])
    return left[-_LONGEST_TOPIC:]


def _without_generic_end(text: str) -> str:
    """Leave out words at the end that say what was asked, not of what."""
    words = cut(text)
    while len(words) > 1 and not _CLAUSE.search(text[words[-1].start :]):
        last = words[-1]
        if last.text not in _GENERIC and table().weight(last.text) > 0:
            break
        if not _subject(text[: last.start]) and not _CLAUSE.search(text[: last.start]):
            break
        words.pop()
        text = text[: last.start]
    return text.rstrip("，,、 ")


def _named(title: str) -> str:
    return title if title.startswith("《") else f"《{title}》"
