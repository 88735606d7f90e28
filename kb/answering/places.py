"""What a sentence's place says of it: under a heading that answers, or in front of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.answering.features import Asked, matches_in
from kb.answering.question import Question
from kb.answering.text import Range, sentences
from kb.answering.words import WordTable

# What is asked for, and how sections that tell it are headed.
_FAMILIES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked), re.compile(headed))
    for asked, headed in (
        (
            r"怎样|怎么|如何|咋|应对|措施|举措|对策|建议|办法|支持|帮助|扶持|优惠|做什么|做些什么|解决",
            r"对策|建议|应对|措施|举措|怎样|怎么|如何|出路|路径|办法|做什么|做法|策略|支持|保障|跨越"
            r"|着力|任务|解决|完善|加强|推动|推进|促进|提升|优化|便利",
        ),
        (
            r"为什么|为何|为啥|何以|原因|缘故|凭什么",
            r"原因|成因|为何|为什么|何以|从何|缘何|由来|根源|背景|差别",
        ),
        (
            r"影响|作用|意义|好处|益处|坏处|弊端|优势|后果|意味着",
            r"影响|作用|意义|效应|好处|优势|双刃剑|一面|利弊|价值|后果",
        ),
        (
            r"问题|困难|困境|难题|痛点|难点|挑战|障碍|瓶颈|短板|制约|限制|隐患|风险",
            r"问题|困难|困境|制约|难[题点]|短板|瓶颈|挑战|痛点|关口|隐忧|隐患|风险|障碍|不足|掣肘",
        ),
        (r"特点|特征|表现|变化|趋势", r"特点|特征|表现|变化|趋势|走势|格局|现状|态势"),
        (r"什么是|是什么意思|指什么|含义|定义|何谓|何为", r"含义|内涵|定义|概念|术语|用语|什么是"),
    )
)
# A paragraph that holds one of these is a notice about the document.
_NOTICE = re.compile(
    r"非原文|摘编|仅供参考|不构成.{0,8}建议|版权所有|转载|免责|引用(?:时)?请"
    r"|^(?:关键词|关键字|中图分类号|文献标识码|作者简介|收稿日期|基金项目|责任编辑|参考文献|执业证书|联系人)"
    r"|^(?:key ?words|abstract)\b|[.…]{5,}\s*\d+$",
    re.IGNORECASE,
)
# A sentence that tells the order of the document's parts.
_ROAD_MAP = re.compile(
    r"^(?:本文|本报告|本章|本节|全文|本书|文章|本研究|笔者)[^，。；]{0,12}?"
    r"(?:先|首先|从|分为|分|由|共|按|为《|系|将|拟|旨在|安排)"
    r"|本文(?:先|首先|以下|接下来|最后)"
)
_ABSTRACT = re.compile(
    r"^[\[【]?(?:内容)?(?:摘\s*要|提\s*要|要点|导读|核心观点|投资要点|编者按)[\]】：:\s]"
)
# Half of what a notice weighs: an abstract says what the text says, only less of it.
ABSTRACT = 0.5
# Who is told to do something.
_ACTORS = re.compile(r"政府|企业|银行|协会|行业组织|高校|医院|学校|平台|消费者|农户|居民|个人")
_WITHOUT_STOP = 60
STOPS = "。！？!?；;：:"


def front(text: str, sentence: Range) -> float:
    """Return 1 for a sentence about the document itself, less for its abstract, 0 for the rest."""
    line = text.rfind("\n", 0, sentence.start) + 1
    until = text.find("\n", sentence.end)
    paragraph = text[line : until if until >= 0 else len(text)]
    if _NOTICE.search(paragraph) or _ROAD_MAP.search(text[sentence.start : sentence.end]):
        return 1.0
    return ABSTRACT if _ABSTRACT.match(text[line : sentence.end]) is not None else 0.0


def about(text: str) -> tuple[str, float]:
    """Return a passage without what is about the document itself, and how much of it is left."""
    said = [text[one.start : one.end] for one in sentences(text) if front(text, one) < 1]
    kept = "\n".join(said)
    return kept, min(1.0, len(kept) / max(len(text), 1))


def headings_above(text: str, sentence: Range, path: Sequence[str]) -> str:
    """Return the headings a sentence stands under: its passage's, and lines above it in there."""
    lines = [
        text[one.start : one.end]
        for one in sentences(text)
        if one.end <= sentence.start and is_heading(text[one.start : one.end])
    ]
    # Before the first section stand the title and what goes with it, which head everything.
    lines = lines if path else []
    return "\n".join((*path, *lines))


def for_another(question: Question, headings: str) -> bool:
    """Tell whether headings address others than the question does: "政府可以做什么" for 企业."""
    asked, addressed = set(_ACTORS.findall(question.text)), set(_ACTORS.findall(headings))
    return bool(asked) and bool(addressed) and not asked & addressed


def is_heading(line: str) -> bool:
    """Tell a line that has no stop and is short from a sentence and from a row of a table."""
    return len(line) < _WITHOUT_STOP and line[-1] not in STOPS and "\t" not in line


def under(question: Question, asked: Asked, headings: str, title: str, table: WordTable) -> float:
    """Return how far headings promise what is asked: 0 to 1.

    Half of it for a heading of the kind ("对策" for how, "成因" for why) where the document or the
    section is on the subject, half for the part of the question's weight the headings hold.
    """
    if not headings:
        return 0.0
    kind = any(
        one.search(question.text) is not None and headed.search(headings) is not None
        for one, headed in _FAMILIES
    )
    weight = float(asked.weights.sum()) + 1e-6
    cover = float(matches_in(asked, headings, table) @ asked.weights) / weight
    subject = f"{title}\n{headings}"
    on_subject = float(matches_in(asked, subject, table) @ asked.weights) / weight
    return 0.5 * kind * min(1.0, 2 * on_subject) + 0.5 * cover
