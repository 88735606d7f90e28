"""What explains is quoted from the passage that answers, without headings and notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index import load_encoder
from kb.answering.compare import sides
from kb.answering.evidence import weigh
from kb.answering.explain import explain
from kb.answering.places import for_another, front, headings_above, is_heading
from kb.answering.question import analyse
from kb.answering.quoting import Chosen, joined, says_something, with_items
from kb.answering.text import Range, alike, sentences
from kb.knowledge_base import KnowledgeBase
from kb.records import PassageRecord

STUDY = """# 远洋渔业绿色转型研究

本文为一份内部研究的摘编，仅供参考，讨论远洋渔业绿色转型怎样推进。本文先看现状，再看成因，最后说明怎样推进绿色转型。

## 一、什么是绿色转型

简单地说，它是以低碳动力和选择性渔具替代高耗能作业方式的过程。

## 二、转型的困难

渔船更新成本高，船东缺少长期资金。岸电设施少，港口之间标准不一。

## 三、推进转型的对策

设立渔船更新基金，对采用混合动力的船舶给予补贴。统一港口岸电标准，优先改造母港。推广选择性渔具，减少误捕。

## 四、作业方式

远洋作业方式有三种：

1. 围网。适合中上层鱼类，能耗较低。
2. 延绳钓。选择性强，但误捕海鸟。
3. 底拖网。产量高，对海床扰动大。

围网作业的单位油耗为每吨鱼0.4吨。延绳钓作业的单位油耗为每吨鱼1.1吨。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    file = tmp_path_factory.mktemp("documents") / "研究.md"
    file.write_text(STUDY, encoding="utf-8")
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest([file]).failed == 0
        yield opened


def quoted(question: str, *texts: str, apart: float) -> list[int]:
    """Return which of some passages, found in this order with scores so far apart, are quoted."""
    records = [
        PassageRecord(at, "p", f"d{at}", 0, 0, len(text), text, (), None, None, (1,), (), "题目")
        for at, text in enumerate(texts)
    ]
    ranked = [(0.9 - apart * at, record) for at, record in enumerate(records)]
    evidence = weigh(analyse(question), ranked, load_encoder())
    return [one.passage.key for one in explain(evidence, evidence.sentences, lambda one: [one])]


def test_a_copy_takes_no_other_passage_s_place() -> None:
    one = "远洋渔业受油价影响，成本上升，船东减少出海。"
    copies = [one, one + " ", one + "。", one + "、"]
    other = "远洋渔业受油价影响，运输环节的冷链费用同样增加，港口压力变大。"
    assert quoted("油价对远洋渔业有什么影响？", *copies, other, apart=0.01) == [0, 4]


def passage(text: str, path: tuple[str, ...] = ()) -> PassageRecord:
    return PassageRecord(1, "p", "d", 0, 0, len(text), text, path, None, None, (1,), (), "题目")


def test_measures_are_the_sentences_under_their_heading(base: KnowledgeBase) -> None:
    answer = base.ask("怎样推进远洋渔业绿色转型？")
    text = str(answer.answer)
    assert "渔船更新基金" in text
    assert "岸电标准" in text
    assert "摘编" not in text
    assert "本文先看" not in text
    assert "对策" not in text


def test_a_definition_may_begin_with_a_pronoun_under_the_term(base: KnowledgeBase) -> None:
    answer = base.ask("什么是绿色转型？")
    assert str(answer.answer).startswith("简单地说，它是以低碳动力")


def test_a_list_gives_every_item_on_a_line_with_its_marker(base: KnowledgeBase) -> None:
    answer = base.ask("远洋作业方式有哪几种？")
    lines = [line for line in str(answer.answer).splitlines() if line.startswith("- ")]
    assert [line.split(".")[0] for line in lines[:3]] == ["- 1", "- 2", "- 3"]
    assert all(line.endswith("]") for line in lines)


def test_a_comparison_quotes_both_sides(base: KnowledgeBase) -> None:
    answer = base.ask("围网和延绳钓的单位油耗有什么区别？")
    assert "0.4吨" in str(answer.answer)
    assert "1.1吨" in str(answer.answer)


def test_a_question_for_difficulties_gets_no_short_answer(base: KnowledgeBase) -> None:
    answer = base.ask("远洋渔业转型面临什么困难？")
    assert "船东缺少长期资金" in str(answer.answer).split("\n", maxsplit=1)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本文为一份报告的摘编，非原文。数字取自报告。", 1.0),
        ("本文先看格局，再看动能。", 1.0),
        ("关键词：渔业；转型", 1.0),
        ("摘要：渔业正在转型。", 0.5),
        ("渔业正在转型。", 0.0),
    ],
)
def test_what_stands_in_front(text: str, expected: float) -> None:
    assert front(text, sentences(text)[0]) == expected


def test_all_of_a_notice_is_in_front() -> None:
    text = "本刊仅供参考。数字取自年鉴。\n渔业正在转型。"
    assert [front(text, place) for place in sentences(text)] == [1.0, 1.0, 0.0]


def test_headings_are_those_of_the_path_and_the_lines_above() -> None:
    text = "（二）对策\n设立基金。"
    above = headings_above(text, sentences(text)[1], ("三、出路",))
    assert above.splitlines() == ["三、出路", "（二）对策"]


def test_a_heading_may_address_others_than_the_question() -> None:
    question = analyse("企业怎样应对贸易壁垒？")
    assert for_another(question, "四、对策\n（一）政府可以做什么")
    assert not for_another(question, "四、对策\n（二）企业可以做什么")
    assert not for_another(question, "四、对策")


def test_a_heading_says_nothing_of_its_own() -> None:
    one = passage("怎么办？\n三、对策\n设立基金。\n图1 产量\n（财政部负责）", ("怎么办？",))
    said = [place for place in sentences(one.text) if says_something(one, place)]
    assert [one.text[place.start : place.end] for place in said] == ["设立基金。"]
    assert is_heading("三、对策")
    assert not is_heading("年份\t产量")


def test_lines_of_their_own_stay_apart_and_sentences_of_one_line_are_joined() -> None:
    one = passage("甲增长。乙下降。\n丙持平。")
    quotes = joined([Chosen(one, *place) for place in sentences(one.text)])
    assert [quote.text for quote in quotes] == ["甲增长。乙下降。", "丙持平。"]


def test_an_announcement_brings_its_items() -> None:
    one = passage("应当具备下列条件：\n（一）有场所；\n（二）有资金。\n第九条 另有规定的除外。")
    quotes = with_items(one, Range(0, 9))
    assert [quote.text for quote in quotes[1:]] == ["（一）有场所；", "（二）有资金。"]


def test_texts_that_say_the_same_are_alike() -> None:
    assert alike("地方和协会应提供培训和咨询。", "地方和协会提供培训与咨询，银行主动上门。")
    assert not alike("设立渔船更新基金。", "统一港口岸电标准。")


def test_the_sides_of_a_comparison() -> None:
    assert sides("围网和延绳钓有什么区别？") == ("围网", "延绳钓")
    assert sides("产量怎么变化？") == ()
    assert sides("公有链、联盟链和专有链有什么不同？") == ("公有链", "联盟链", "专有链")
