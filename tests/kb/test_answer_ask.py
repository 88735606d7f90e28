"""Questions to a knowledge base of small documents made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.answering.text import squash
from kb.errors import InvalidInput
from kb.knowledge_base import KnowledgeBase
from kb.types import Answer

OPINION = """# 关于促进冷链物流发展的意见

## 一、总体要求

坚持市场主导、政府引导，补齐冷链物流设施短板，完善标准体系，提升服务水平。

## 二、重点任务

（一）完善冷库布局。鼓励在主产区建设产地预冷设施和骨干冷链基地，支持老旧冷库节能改造。\
（国家发展改革委牵头，农业农村部、商务部按职责分工负责）

（二）便利鲜活农产品通关。推行提前申报和随到随检，压缩查验等待时间。（海关总署、交通运输部按职责分工负责）

（三）加强人才培养。支持职业院校开设冷链管理专业，组织在岗培训。（教育部负责）
"""
BRIEF = """# 2022年水果贸易简报

2022年全国鲜果进口量为733万吨，同比增长4.1%。榴莲进口额首次超过车厘子，居各类鲜果第一位。

进口增长的主要原因是居民消费升级，冷链运输成本下降也起了作用。果品储藏损耗率由上年的15%降至11.8%。

果蔬预冷是指采收后迅速除去田间热、使产品温度降到适宜储运温度的过程。
"""
LAW = """# 粮食仓储管理条例

第一条 为了加强粮食仓储管理，制定本条例。

第二条 仓储单位应当自设立之日起三十日内向所在地粮食行政管理部门备案。

第三条 违反本条例规定，未备案的，处一万元以上五万元以下的罚款。

第四条 本条例自2019年3月1日起施行。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("documents")
    for name, text in {"意见.md": OPINION, "简报.md": BRIEF, "条例.md": LAW}.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest([folder]).failed == 0
        yield opened


def check_citations(base: KnowledgeBase, answer: Answer) -> None:
    """Every quote is on its page, and every marker of the answer has its citation."""
    assert answer.answer is not None
    assert [one.marker for one in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        page = base.page_text(citation.document_id, citation.page)
        assert citation.quote in page.text
        assert f"[{citation.marker}]" in answer.answer


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2022年全国鲜果进口了多少万吨？", "733万吨"),
        ("果品储藏损耗率降到了多少？", "11.8%"),
        ("仓储单位设立后多久内要备案？", "三十日内"),
        ("粮食仓储管理条例从哪天起施行？", "2019年3月1日"),
        ("违反规定未备案的，处多少罚款？", "一万元以上五万元以下"),
    ],
)
def test_a_fact_is_given_first_and_short(base: KnowledgeBase, question: str, expected: str) -> None:
    answer = base.ask(question)
    assert answer.answered, answer.reason
    check_citations(base, answer)
    first = str(answer.answer).split("\n")[0]
    assert expected in first
    assert len(first) <= 3 * len(expected) + len("[1]")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("鲜活农产品通关由哪些部门负责？", "海关总署、交通运输部"),
        ("冷库布局由谁牵头？", "国家发展改革委"),
        ("冷库布局的责任部门有哪些？", "国家发展改革委、农业农村部、商务部"),
    ],
)
def test_who_is_responsible_is_said_as_the_clause_says_it(
    base: KnowledgeBase, question: str, expected: str
) -> None:
    answer = base.ask(question)
    assert str(answer.answer).startswith(expected)
    check_citations(base, answer)


@pytest.mark.parametrize("name", ["海关总署", "中华人民共和国海关总署"])
def test_clauses_of_a_body_are_listed_whole(base: KnowledgeBase, name: str) -> None:
    answer = base.ask(f"哪些条款涉及{name}？")
    check_citations(base, answer)
    assert len(answer.citations) == 1
    assert "（二）便利鲜活农产品通关" in answer.citations[0].quote


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("粮食仓储管理条例第三条规定了什么？", "第三条 违反本条例规定"),
        ("《粮食仓储管理条例》第二条的内容是什么？", "第二条 仓储单位应当"),
    ],
)
def test_a_clause_is_found_by_its_number(base: KnowledgeBase, question: str, expected: str) -> None:
    answer = base.ask(question)
    assert [one.quote.startswith(expected) for one in answer.citations] == [True]
    check_citations(base, answer)


def test_what_a_body_does(base: KnowledgeBase) -> None:
    answer = base.ask("教育部负责什么工作？")
    assert "职业院校开设冷链管理专业" in str(answer.answer)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("水果进口为什么增长？", "居民消费升级"),
        ("什么是果蔬预冷？", "除去田间热"),
        ("怎样让鲜活农产品更快通关？", "随到随检"),
    ],
)
def test_an_explanation_is_the_sentence_that_gives_it(
    base: KnowledgeBase, question: str, expected: str
) -> None:
    answer = base.ask(question)
    assert answer.answered, answer.reason
    assert any(expected in squash(one.quote) for one in answer.citations)
    check_citations(base, answer)


@pytest.mark.parametrize(
    "question",
    ["怎样给猫剪指甲？", "火星的直径是多少公里？", "篮球比赛一节打几分钟？", "qwerty asdf?"],
)
def test_what_the_documents_are_not_about_is_refused(base: KnowledgeBase, question: str) -> None:
    answer = base.ask(question)
    assert (answer.answered, answer.answer, answer.citations) == (False, None, ())
    assert answer.reason


def test_another_year_is_refused_and_the_year_there_is_named(base: KnowledgeBase) -> None:
    answer = base.ask("2020年全国鲜果进口了多少万吨？")
    assert not answer.answered
    assert "2020年" in str(answer.reason)
    assert "2022年" in str(answer.reason)
    assert "733万吨" in answer.nearest[0].text


def test_a_refusal_says_what_is_missing_and_shows_the_nearest(base: KnowledgeBase) -> None:
    answer = base.ask("羊毛地毯的进口关税税率是多少？")
    assert not answer.answered
    assert answer.nearest
    assert [hit.rank for hit in answer.nearest] == list(range(1, len(answer.nearest) + 1))
    assert "地毯" in str(answer.reason)


def test_how_much_evidence_an_answer_needs_is_a_setting(
    base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "果品储藏损耗率降到了多少？"
    assert base.ask(question).answered
    monkeypatch.setenv("POLICYKB_REFUSE_BELOW", "1")
    with KnowledgeBase.open(base.home, read_only=True) as strict:
        assert not strict.ask(question).answered


def test_an_empty_question_is_an_error(base: KnowledgeBase) -> None:
    with pytest.raises(InvalidInput) as caught:
        base.ask(" ")
    assert caught.value.field == "question"


def test_an_empty_knowledge_base_refuses(tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path) as base:
        answer = base.ask("鲜果进口了多少？")
    assert not answer.answered
    assert answer.nearest == ()


def test_another_place_is_refused_and_named(base: KnowledgeBase) -> None:
    answer = base.ask("2022年越南鲜果进口量是多少万吨？")
    assert not answer.answered
    assert "越南" in str(answer.reason)
