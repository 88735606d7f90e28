"""What a query names outright, quotes, misspells or abbreviates; and how hits are put together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import InvalidInput
from kb.finding.query import read_query
from kb.knowledge_base import KnowledgeBase
from kb.types import Filters, Hit

HARBOUR = """中华人民共和国港口岸线法

第一条 为了保护港口岸线，制定本法。
第二条 港口岸线的利用应当符合规划，节约集约使用。
第三条 国务院交通运输主管部门负责全国的港口岸线管理工作。
第四条 擅自占用港口岸线的，处五万元以上二十万元以下的罚款。
"""
FISHING = """远洋渔船管理办法

国渔发〔2021〕17号

第一条 为了规范远洋渔船的建造和使用，制定本办法。
第二条 远洋渔船应当安装定位设备，每两小时报告一次位置。
第三条 2021年3月15日以前建造的渔船，应当在一年内补装定位设备。
第四条 违反本办法的，由渔业主管部门责令改正，可以处一万元以下的罚款。
"""
FISHING_AGAIN = FISHING.replace("\n国渔发〔2021〕17号\n", "").replace(" ", "\u3000")
TEA = """茶叶出口质量安全指南

茶叶出口企业应当建立农药残留检测制度，每批抽检不少于三个样品，并保存记录两年。
对外贸易经营者可以申请新能源汽车运输补助。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("documents")
    texts = {"岸线.txt": HARBOUR, "渔船.txt": FISHING, "渔船重排.txt": FISHING_AGAIN, "茶.txt": TEA}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest([folder], workers=1).failed == 0
        yield opened


def first(base: KnowledgeBase, query: str, **options: object) -> Hit:
    return base.search(query, **options).hits[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "starts"),
    [
        ("港口岸线法第三条", "第三条 国务院交通运输主管部门"),
        ("《港口岸线法》第四条的内容是什么？", "第四条 擅自占用港口岸线"),
        ("中华人民共和国港口岸线法第2条", "第二条 港口岸线的利用"),
        ("国渔发〔2021〕17号第三条", "第三条 2021年3月15日"),
        ("国渔发[2021]17号 第二条", "第二条 远洋渔船应当安装"),
        ("港口岸線法第三條", "第三条 国务院交通运输主管部门"),
    ],
)
def test_a_clause_named_by_number_and_document_comes_first(
    base: KnowledgeBase, query: str, starts: str
) -> None:
    hit = first(base, query)
    assert hit.text.replace("\u3000", " ").startswith(starts)
    assert hit.exact


def test_a_number_alone_shows_that_clause_of_every_document(base: KnowledgeBase) -> None:
    hits = base.search("第四条").hits
    named = [hit for hit in hits if hit.exact]
    assert {hit.clause for hit in named} == {"第四条"}
    assert {hit.title for hit in named} >= {"中华人民共和国港口岸线法", "远洋渔船管理办法"}
    assert hits[: len(named)] == tuple(named)


def test_in_one_document_a_number_means_its_clause(base: KnowledgeBase) -> None:
    document = first(base, "港口岸线法第三条").document_id
    hit = first(base, "第二条", filters=Filters(document=document))
    assert (hit.document_id, hit.clause) == (document, "第二条")


def test_a_named_document_comes_before_others_that_fit_the_words(base: KnowledgeBase) -> None:
    assert first(base, "《港口岸线法》规定的罚款").title == "中华人民共和国港口岸线法"
    assert first(base, "国渔发〔2021〕17号规定的罚款").title == "远洋渔船管理办法"
    assert first(base, "国渔发〔2021〕17号").title == "远洋渔船管理办法"


def test_a_day_finds_the_passage_that_names_it(base: KnowledgeBase) -> None:
    assert first(base, "2021-3-15 渔船").clause == "第三条"


def test_an_unknown_reference_is_searched_like_any_words(base: KnowledgeBase) -> None:
    hits = base.search("航空法第九百条 定位设备").hits
    assert not any(hit.exact for hit in hits)
    assert "定位设备" in hits[0].text


def test_words_in_quotes_must_stand_so(base: KnowledgeBase) -> None:
    result = base.search('"安装定位设备" 茶叶')
    assert result.hits
    assert all("安装定位设备" in hit.text for hit in result.hits)
    assert not result.notes
    assert all("定位设备" in hit.text for hit in base.search("“定位设备”").hits)


def test_words_in_quotes_that_stand_nowhere_are_said(base: KnowledgeBase) -> None:
    result = base.search('"定位设备茶叶"')
    assert result.hits
    assert len(result.notes) == 1


def test_two_typesettings_of_one_text_are_one_hit(base: KnowledgeBase) -> None:
    hits = base.search("远洋渔船安装定位设备").hits
    assert "每两小时报告" in hits[0].text
    assert len(hits[0].also_in) == 1
    assert hits[0].also_in[0].document_id != hits[0].document_id
    texts = ["".join(hit.text.split()) for hit in hits]
    assert len(set(texts)) == len(texts)


def test_scores_never_rise(base: KnowledgeBase) -> None:
    for query in ("第四条", "《港口岸线法》规定的罚款", "渔船罚款", "2021年3月15日"):
        scores = [hit.score for hit in base.search(query).hits]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("query", "corrected"),
    [("定为设备", "定位设备"), ("chuankou", None), ("chaye", "茶叶"), ("定位设备", None)],
)
def test_a_short_query_nowhere_found_is_read_as_it_sounds(
    base: KnowledgeBase, query: str, corrected: str | None
) -> None:
    result = base.search(query)
    assert result.corrected == corrected
    assert result.query == query
    if corrected:
        assert corrected in result.hits[0].text


def test_abbreviations_and_a_file_of_ones_own_find_the_full_name(base: KnowledgeBase) -> None:
    assert "新能源汽车" in first(base, "NEV", mode="lexical").text
    assert base.search("捕鱼船定位", mode="lexical").hits[0].title != "x"
    own = base.home / "synonyms.txt"
    try:
        own.write_text("茗 = 茶\n", "utf-8")
        with pytest.raises(Exception, match=r"synonyms\.txt, line 1"):
            base.search("茶叶")
        own.write_text("香茗嫩芽 = 茶叶\n", "utf-8")
        assert "茶叶" in first(base, "香茗嫩芽", mode="lexical").text
    finally:
        own.unlink()


def test_suggestions_are_titles_headings_and_words(base: KnowledgeBase) -> None:
    found = base.suggest("茶叶")
    assert found[0].kind == "title"
    assert found[0].text == "茶叶出口质量安全指南"
    assert {one.kind for one in found} >= {"title", "term"}
    assert base.suggest("岸线")[0].text == "岸线"
    assert "中华人民共和国港口岸线法" in {one.text for one in base.suggest("岸线")}
    assert "茶叶" in {one.text for one in base.suggest("chay")}
    assert base.suggest(" ") == ()
    assert len(base.suggest("第", n=1)) <= 1
    with pytest.raises(InvalidInput):
        base.suggest("茶", n=0)


def test_what_a_query_names_is_read() -> None:
    named = read_query(
        "《数据安全法》第二十一条和第三十条，国发〔2020〕5号，2024年2月30日，2024.2.3"
    )
    assert named.titles == ("数据安全法",)
    assert named.clauses == ("21", "30")
    assert named.numbers == ("国发〔2020〕5号",)
    assert named.dates == (date(2024, 2, 3),)
    assert read_query("（六）").clauses == ("6",)
    assert not read_query("三年（2021）以来，第一条件是什么").clauses
    assert read_query('所谓"双碳"').phrases == ("双碳",)
    assert read_query("名为“个体”实为“合伙”的纠纷").phrases == ()


@given(st.text(alphabet='《》“”"第六条（）()〔〕2020年月日号、法 \nx', max_size=60))
def test_any_query_is_read(query: str) -> None:
    named = read_query(query)
    assert all(phrase.strip() for phrase in named.phrases)
    named.says_more()


def test_neighbours_that_read_on_are_joined(tmp_path: Path) -> None:
    sentence = "冷库应当分区存放货物并逐日记录温度变化情况以备主管部门抽查，"
    clause = "第一条 " + "".join(f"第{n}号{sentence}" for n in range(1, 40)) + "不得遗漏。"
    path = tmp_path / "冷库.txt"
    path.write_text(f"冷库管理规定\n\n{clause}\n第二条 本规定自发布之日起施行。\n", "utf-8")
    with KnowledgeBase.open(tmp_path / "home") as opened:
        opened.ingest([path], workers=1)
        hits = opened.search("冷库分区存放货物记录温度").hits
        whole = [hit for hit in hits if hit.joined]
        assert whole
        text = opened._home.store.document_text(whole[0].document_id)
        assert whole[0].text in text
        assert whole[0].passage_id in whole[0].joined
        assert len({name for hit in hits for name in (hit.joined or (hit.passage_id,))}) == sum(
            len(hit.joined) or 1 for hit in hits
        )


def test_a_law_is_named_by_its_short_name(tmp_path: Path) -> None:
    path = tmp_path / "law.txt"
    path.write_text("中华人民共和国网络安全法\n\n第一条 为了保障网络安全，制定本法。\n"
                    "第二条 国家实行网络安全等级保护制度。\n", "utf-8")  # fmt: skip
    with KnowledgeBase.open(tmp_path / "home") as opened:
        opened.ingest([path], workers=1)
        for query in (
            "网安法第二条",
            "网络安全法第2条规定了什么",
            "中华人民共和国网络安全法 第二条",
        ):
            hit = opened.search(query).hits[0]
            assert (hit.clause, hit.exact) == ("第二条", True)
