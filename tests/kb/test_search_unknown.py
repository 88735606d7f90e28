"""A query of words that no document has: what is found by meaning, what is not, what is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index import Encoder, load_encoder
from kb.finding.unknown import UNWORDED, have_meaning, words_of
from kb.knowledge_base import KnowledgeBase
from kb.types import Filters, Mode

FARMS = """海水养殖管理办法

第一条 为了规范海水养殖，保护海域环境，制定本办法。
第二条 养殖户应当每季度检测水质，向国家海洋局报告。
第三条 禁止在航道内设置网箱。
"""
PORTS = """港口收费说明

港口经营者应当公布收费项目和标准，不得另行收取费用。
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(tmp_path_factory.mktemp("home")) as opened:
        assert opened.ingest_bytes("养殖.txt", FARMS.encode()).status == "added"
        assert opened.ingest_bytes("收费.txt", PORTS.encode()).status == "added"
        yield opened


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder("default")


@pytest.mark.parametrize("query", ["彗星", "彗星是什么？", "哈利波特与魔法", '"彗星"'])
def test_what_is_only_near_in_meaning_is_said_to_be(base: KnowledgeBase, query: str) -> None:
    result = base.search(query)
    assert result.hits
    assert result.notes == (UNWORDED,)


@pytest.mark.parametrize("mode", ["hybrid", "dense"])
@pytest.mark.parametrize("query", ["qqqzx", "qqqzx是什么？", "photovoltaic", "\u9f98\u9f98"])
def test_nothing_is_found_by_words_that_mean_nothing(
    base: KnowledgeBase, query: str, mode: Mode
) -> None:
    assert base.search(query, mode=mode).hits == ()


@pytest.mark.parametrize(
    "query",
    [
        "网箱",
        "qqqzx 网箱",
        "网",  # a part of a word
        "户应",  # across two words
        "第三条",
        "養殖",
        "“网箱”",
    ],
)
def test_nothing_is_said_where_a_word_is_there(base: KnowledgeBase, query: str) -> None:
    result = base.search(query)
    assert result.hits
    assert result.notes == ()


def test_another_name_of_what_is_there_is_no_unknown_word(base: KnowledgeBase) -> None:
    named = base.search("海洋局长什么样")
    assert named.notes == ()


def test_a_document_that_is_named_is_found_whatever_else_is_said(base: KnowledgeBase) -> None:
    result = base.search("《港口收费说明》qqqzx")
    assert result.hits[0].title == "港口收费说明"
    assert result.notes == ()


def test_a_word_outside_the_filters_is_not_unknown(base: KnowledgeBase) -> None:
    farms = next(one for one in base.documents() if "养殖" in one.title)
    result = base.search("港口", filters=Filters(document=farms.document_id))
    assert {hit.document_id for hit in result.hits} == {farms.document_id}
    assert result.notes == ()


def test_words_are_those_a_question_is_about() -> None:
    assert words_of("彗星是什么？") == ("彗星",)
    assert words_of("什么") == ("什么",)
    assert words_of("猫") == ("猫",)
    assert words_of("？！") == ()


def test_letters_mean_something_only_as_a_whole_word(encoder: Encoder) -> None:
    assert have_meaning(words_of("gdp"), encoder)
    assert have_meaning(words_of("彗星"), encoder)
    assert not have_meaning(words_of("qqqzx"), encoder)
    assert not have_meaning((), encoder)
