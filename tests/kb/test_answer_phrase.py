"""A span grows to the phrase it is cut out of, and no further."""

from __future__ import annotations

import pytest

from kb.answering.phrase import whole_phrase
from kb.answering.question import analyse


def grown(question: str, text: str, span: str) -> str:
    start = text.index(span)
    first, last = whole_phrase(analyse(question), text, start, start + len(span))
    return text[first:last]


@pytest.mark.parametrize(
    ("question", "text", "span", "whole"),
    [
        ("应当向谁报告？", "并向仓储机关报告情况。", "机关", "仓储机关"),
        ("应当配合谁？", "配合监督检查部门工作。", "检查部门", "监督检查部门"),
        ("实行什么制度？", "对粮库实行价格补偿制度。", "价格补偿", "价格补偿制度"),
        ("遵循什么原则？", "按照以旧换新的原则办理。", "以旧换新", "以旧换新的原则"),
        ("粮食交易会开了哪几天？", "交易会5月3日至8日在京举行。", "5月", "5月3日至8日"),
        ("登记截止到哪天？", "登记时间为2031年4月6日至5月7日。", "2031年", "2031年4月6日至5月7日"),
        ("仓库装了多少只探头？", "库内装有3.5万只探头。", "3.5万", "3.5万只"),
    ],
)
def test_a_span_grows_to_its_phrase(question: str, text: str, span: str, whole: str) -> None:
    assert grown(question, text, span) == whole


@pytest.mark.parametrize(
    ("question", "text", "span"),
    [
        # A name is whole, whatever office stands before it.
        ("谁出席了会议？", "协会副主席张庆黎出席会议。", "张庆黎"),
        # A verb before a noun takes it for its object.
        ("应当建什么设施？", "负责建设港口码头。", "港口码头"),
        # A stop ends a phrase.
        ("应当向谁报告？", "发现问题的，机关报告。", "机关"),
        # What is asked for does not stand right behind.
        ("实行什么制度？", "实行补偿，建立制度。", "补偿"),
        # Another unit than is asked for.
        ("仓库装了多少只探头？", "库内装有3.5万个探头。", "3.5万"),
        # A figure takes no modifiers, and a number question asks for none.
        ("罚款是多少？", "处以罚款二百元。", "二百元"),
        # A date that stands beside, not around.
        ("登记截止到哪天？", "2031年4月6日开始，截止日另行通知。", "截止日"),
    ],
)
def test_a_whole_span_stays_as_it_is(question: str, text: str, span: str) -> None:
    assert grown(question, text, span) == span
