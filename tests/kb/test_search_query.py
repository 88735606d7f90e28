"""Searching a knowledge base made of three small documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import InvalidInput
from kb.knowledge_base import KnowledgeBase
from kb.search import LONGEST_QUERY
from kb.types import Filters

TEXTS = {
    "港口.md": "# 港口作业管理办法\n\n第一条 港口经营人应当每年检修装卸机械，并保存检修记录。\n\n"
    "第二条 危险货物装卸作业应当提前二十四小时报告。（交通运输部牵头，海关总署参与）\n",
    "茶叶.md": "# 茶叶出口指南\n\n茶叶出口企业应当建立农药残留检测制度，每批抽检不少于三个样品。\n",
    "渔业.md": "# 远洋渔业简报\n\n2021年远洋渔业产量为224.65万吨，比上年减少3.2%。\n",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    folder = tmp_path_factory.mktemp("documents")
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest([folder]).failed == 0
        yield opened


def names(base: KnowledgeBase, query: str, **options: object) -> list[str]:
    result = base.search(query, **options)  # type: ignore[arg-type]
    return [base.document(hit.document_id).name for hit in result.hits]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_the_right_document_comes_first_in_every_mode(base: KnowledgeBase, mode: str) -> None:
    assert names(base, "茶叶农药残留怎么抽检", mode=mode)[0] == "茶叶.md"


def test_ranks_count_from_one_and_scores_fall(base: KnowledgeBase) -> None:
    hits = base.search("出口企业检修记录").hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_k_bounds_the_list(base: KnowledgeBase) -> None:
    assert len(base.search("企业", k=1).hits) == 1
    assert len(base.search("企业", k=1000).hits) <= 6


@pytest.mark.parametrize("query", ["", "  \n\t", "\u3000", "\u200b"])
def test_an_empty_query_is_refused(base: KnowledgeBase, query: str) -> None:
    with pytest.raises(InvalidInput, match="empty") as caught:
        base.search(query)
    assert caught.value.field == "query"


@pytest.mark.parametrize("k", [0, -1, 1001])
def test_k_out_of_bounds_is_refused(base: KnowledgeBase, k: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 1000") as caught:
        base.search("港口", k=k)
    assert caught.value.field == "k"


def test_an_unknown_mode_is_refused(base: KnowledgeBase) -> None:
    with pytest.raises(InvalidInput, match="hybrid, lexical, dense") as caught:
        base.search("港口", mode="fuzzy")  # type: ignore[arg-type]
    assert caught.value.field == "mode"


def test_a_pasted_page_is_cut_and_answered(base: KnowledgeBase) -> None:
    query = "远洋渔业产量" + "很" * LONGEST_QUERY
    assert names(base, query)[0] == "渔业.md"
    assert len(base.search(query).query) == LONGEST_QUERY


@pytest.mark.parametrize("query", ["AND OR NOT", '"', "(((", "title:x^2~", "的", "😀", "\x00港口"])
def test_nothing_in_a_query_is_syntax(base: KnowledgeBase, query: str) -> None:
    base.search(query)


def test_a_document_filter_keeps_to_it(base: KnowledgeBase) -> None:
    tea = next(one for one in base.documents() if one.name == "茶叶.md")
    assert set(names(base, "港口装卸", filters=Filters(document=tea.document_id))) <= {"茶叶.md"}


def test_a_ministry_filter_takes_any_of_its_names(base: KnowledgeBase) -> None:
    hits = base.search("作业", filters=Filters(ministry="中华人民共和国海关总署")).hits
    assert hits
    assert all("海关总署" in hit.text for hit in hits)
    assert not base.search("作业", filters=Filters(ministry="外交部")).hits


def test_a_removed_document_is_not_found(tmp_path: Path) -> None:
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(tmp_path / "home") as base:
        base.ingest([tmp_path / name for name in TEXTS])
        fish = next(one for one in base.documents() if one.name == "渔业.md")
        base.remove([fish.document_id])
        assert "渔业.md" not in names(base, "远洋渔业产量")


def test_an_empty_knowledge_base_finds_nothing(tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path) as base:
        assert base.search("港口").hits == ()
