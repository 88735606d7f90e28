"""What may answer, and what is missing where nothing may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index import load_encoder
from kb.answering.evidence import Evidence, weigh
from kb.answering.question import analyse
from kb.answering.refuse import (
    about_what_is_named,
    confidence,
    judged,
    log_odds,
    measures,
    of_the_sort_asked,
)
from kb.records import PassageRecord

SHANDONG = "2023年山东省海带产量为61万吨，养殖面积稳定在28万亩。"
FUJIAN = "福建省海带加工企业集中在霞浦县和连江县，产品销往日本。"
OTHER = "远洋渔船应当安装船位监测设备，每四小时报告一次船位。"


def passage(key: int, text: str) -> PassageRecord:
    return PassageRecord(
        key, f"p{key}", f"d{key}", 0, 0, len(text), text, (), None, None, (1,), (), "渔业简报"
    )


def evidence(question: str, *texts: str) -> Evidence:
    found = [(1.0 / (1 + at / 10), passage(at, text)) for at, text in enumerate(texts)]
    return weigh(analyse(question), found, load_encoder())


def reason(question: str, *texts: str) -> str | None:
    return judged(evidence(question, *texts), lambda _: None, "policykb-static-zh", 0.1)[1]


def test_what_answers_is_allowed() -> None:
    assert reason("2023年山东省海带产量是多少万吨？", SHANDONG, FUJIAN, OTHER) is None


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("2021年山东省海带产量是多少万吨？", "2021年"),
        ("2023年浙江省海带产量是多少万吨？", "浙江"),
        ("2023年山东省海带养殖补贴是多少元？", "所问的数"),
        ("2023年山东省海带出口企业有多少家？", "所问的数"),
        ("2023年山东省海带产量占比是多少？", "所问的数"),
    ],
)
def test_what_is_missing_is_said(question: str, told: str) -> None:
    assert told in str(reason(question, SHANDONG, FUJIAN, OTHER))


def test_only_what_may_answer_counts() -> None:
    """The best passage is of another province: that it fits well says nothing."""
    found = evidence("2023年福建省海带产量是多少万吨？", SHANDONG, FUJIAN, OTHER)
    allowed = about_what_is_named(found, lambda _: None)
    assert {one.passage for one in allowed} <= {1}
    everything = confidence(found, found.sentences)
    assert confidence(found, allowed) < everything
    assert measures(found, allowed)["gap_dense"] == 0


def test_a_copy_does_not_hide_that_a_passage_stands_out() -> None:
    question = "山东省海带产量是多少？"
    several = (
        FUJIAN,
        OTHER,
        *(f"第{size}号渔船长{size}5米，在{size}月出海。" for size in range(11, 29)),
    )
    alone = evidence(question, SHANDONG, *several)
    copied = evidence(question, *[SHANDONG] * 4, *several)
    assert copied.gap > 0
    assert alone.gap > 0
    assert copied.above[0][0] > copied.above[4][0] > 0
    assert set(copied.above[:4]) == {copied.above[0]}


def test_among_few_passages_standing_out_says_nothing() -> None:
    found = evidence("山东省海带产量是多少？", SHANDONG, FUJIAN, OTHER)
    assert len(set(found.above)) == 1


@pytest.mark.parametrize("name", ["literal", "dense", "above_4", "above_10"])
def test_what_speaks_for_an_answer_never_speaks_against_it(name: str) -> None:
    found = evidence("2023年山东省海带产量是多少万吨？", SHANDONG, FUJIAN, OTHER)
    seen = measures(found, found.sentences)
    rising = [log_odds({**seen, name: step / 10}) for step in range(11)]
    assert rising == sorted(rising)
    assert rising[-1] > rising[0]


def test_the_sentence_with_the_figure_asked_for_comes_first() -> None:
    found = evidence("海带养殖面积是多少万亩？", "海带养殖面积受水温影响。养殖区共28万亩。")
    worst_first = replace(
        found, sentences=tuple(sorted(found.sentences, key=lambda one: one.start))
    )
    allowed = of_the_sort_asked(found.question, worst_first.sentences)
    assert "28万亩" in allowed[0].text
    assert len(allowed) == len(found.sentences)


def test_a_figure_that_is_nowhere_is_refused_where_nothing_else_is_asked() -> None:
    text = "海带养殖面积受水温影响。海带养殖由渔业部门管理。"
    alone = evidence("海带养殖面积是多少万亩？", text)
    assert of_the_sort_asked(alone.question, alone.sentences) == ()
    more = evidence("海带养殖面积是多少万亩，由谁管理？", text)
    assert of_the_sort_asked(more.question, more.sentences) == more.sentences


def test_nothing_is_measured_of_nothing() -> None:
    found = evidence("海带产量？", "。")
    assert 0 <= confidence(found, found.sentences) <= 1
