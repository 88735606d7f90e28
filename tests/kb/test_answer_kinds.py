"""A sentence must hold the kind of thing that is asked for."""

from __future__ import annotations

import pytest

from kb.answering.kinds import elsewhere, fits
from kb.answering.question import analyse


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("不备案罚多少钱？", "处一万元以上五万元以下的罚款。", True),
        ("不备案罚多少钱？", "应当在三十日内备案。", False),
        ("备案要在多久内完成？", "应当在三十日内备案。", True),
        ("棉纱出口了多少吨？", "出口棉纱58万吨。", True),
        ("棉纱出口了多少吨？", "出口额5.8亿元。", False),
        ("产量同比增长了多少？", "产量增长４％。", True),
        ("产量同比增长了多少？", "产量为58万吨。", False),
        ("森林覆盖率是多少？", "森林很多。", False),
        ("条例从什么时候施行？", "本条例自2019年3月1日起施行。", True),
        ("运价为什么上涨？", "受需求拉动，运价上涨。", True),
        ("运价为什么上涨？", "运价上涨。", False),
        ("冷库有哪几种类型？", "冷库分为三类：(1)产地冷库;(2)销地冷库;(3)港口冷库。", True),
        ("冷库有哪几种类型？", "冷库发展很快。", False),
        ("什么是冷库？", "冷库是指用于低温储藏的库房。", True),
        ("什么是冷库？", "建设冷库是一项重要任务。", False),
        ("冷库是什么意思？", "本条例所称冷库，是指用于低温储藏的库房。", True),
        ("谁负责？", "任意一句。", True),
    ],
)
def test_fits(question: str, text: str, expected: bool) -> None:
    assert fits(analyse(question), text) == expected


def test_numbered_items_are_more_of_a_list_than_several_things() -> None:
    question = analyse("贸易便利化包括哪些措施？")
    several = fits(question, "推进通关、检验、退税和结算。")
    assert 0 < several < fits(question, "一是提前申报；二是随到随检。")


def test_a_sentence_about_provinces_is_not_about_the_country() -> None:
    whole = analyse("全国出口多少？")
    assert elsewhere(whole, "广东出口增长，浙江出口下降。")
    assert not elsewhere(whole, "全国出口增长，其中广东增长最快。")
    assert not elsewhere(analyse("广东占全国出口多少？"), "广东出口增长。")
