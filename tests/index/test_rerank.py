"""Reading the first candidates again, word by word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index import Entry, SearchIndex, Segmenter
from index.embed.static import StaticEncoder
from index.rerank import (
    FEATURES,
    LONG_QUESTION,
    MOST_PASSAGE_WORDS,
    READ,
    WEIGHTS,
    Ids,
    Reranker,
    load_reranker,
    passage_ids,
)
from index.terms import Wanted, question_words
from index.types import Encoder, Scored

PASSAGES = (
    "用人单位拖欠工资的，劳动者可以向劳动行政部门投诉。",
    "申请人不服处罚决定的，可以依法申请行政复议。",
    "县级以上人民政府应当将所需经费列入财政预算。",
    "国务院教育行政部门负责全国的教育工作。",
)


@pytest.fixture(scope="module")
def words() -> StaticEncoder:
    return StaticEncoder.load()


@pytest.fixture(scope="module")
def reranker(words: StaticEncoder) -> Reranker:
    found = load_reranker(words)
    assert found is not None
    return found


def read(encoder: StaticEncoder, texts: Sequence[str]) -> dict[int, Ids]:
    return dict(enumerate(passage_ids(encoder, [Entry(k, text) for k, text in enumerate(texts)])))


def level(count: int) -> list[Scored]:
    """Hits that words and vectors hardly tell apart, in the order of their keys."""
    return [Scored(key, 0.5 - key / 1000, 0.4, 0.5) for key in range(count)]


def rarity(_: str) -> float:
    return 2.0


def keys(hits: Sequence[Scored]) -> list[int]:
    return [hit.key for hit in hits]


@pytest.mark.parametrize("answer", range(4))
def test_a_passage_that_has_the_words_comes_before_others(
    answer: int, words: StaticEncoder, reranker: Reranker
) -> None:
    others = [text for at, text in enumerate(PASSAGES) if at != answer]
    passages = read(words, [*others, PASSAGES[answer]])
    hits = reranker.rerank(PASSAGES[answer], level(4), passages, rarity)
    assert hits[0].key == 3


def test_a_passage_in_other_words_comes_before_one_on_something_else(
    words: StaticEncoder, reranker: Reranker
) -> None:
    passages = read(words, PASSAGES[::-1])
    hits = reranker.rerank("老板不发薪水找谁告", level(4), passages, rarity)
    assert hits[0].key == 3


def test_better_in_every_feature_is_never_ranked_lower() -> None:
    weights = json.loads(WEIGHTS.read_text("utf-8"))["weights"]
    assert weights.keys() <= set(FEATURES)
    assert min(weights.values()) > 0


def test_features_are_of_the_first_candidates_parts(
    words: StaticEncoder, reranker: Reranker
) -> None:
    entries = [
        Entry(0, "本法自公布之日起施行。", title="工资支付条例"),
        Entry(1, "本法自公布之日起施行。工资支付条例"),
    ]
    passages = passage_ids(words, entries)
    rows = reranker.features("工资支付条例", level(2), passages, rarity)
    assert rows is not None
    row = [dict(zip(FEATURES, values, strict=True)) for values in rows.tolist()]
    assert row[0]["soft"] == pytest.approx(1, abs=1e-5)
    assert row[1]["soft"] == pytest.approx(1, abs=1e-5)
    assert row[1]["soft_sentence"] == pytest.approx(1, abs=1e-5)
    assert row[0]["soft_sentence"] < 0.9
    assert row[0]["title_asked"] == pytest.approx(1, abs=1e-5)
    assert row[1]["title_asked"] == 0


def test_scores_fall_from_the_best_fused_one_and_what_is_not_read_follows(
    words: StaticEncoder, reranker: Reranker
) -> None:
    count = READ + 20
    passages = read(words, [PASSAGES[key % 4] for key in range(count)])
    before = level(count)
    hits = reranker.rerank("拖欠工资向谁投诉", before, passages, rarity)
    assert sorted(keys(hits)) == list(range(count))
    assert keys(hits)[READ:] == list(range(READ, count))
    scores = [hit.score for hit in hits]
    assert scores[0] == before[0].score
    assert scores == sorted(scores, reverse=True)
    assert {(hit.key, hit.lexical, hit.dense) for hit in hits} == {
        (hit.key, hit.lexical, hit.dense) for hit in before
    }
    assert hits == reranker.rerank("拖欠工资向谁投诉", before, passages, rarity)


@pytest.mark.parametrize("query", ["", "😀🎉", "。。。！！"])
def test_a_query_without_words_leaves_the_order(
    query: str, words: StaticEncoder, reranker: Reranker
) -> None:
    hits = level(4)
    assert reranker.rerank(query, hits, read(words, PASSAGES), rarity) == hits


def test_whole_documents_keep_their_order(words: StaticEncoder, reranker: Reranker) -> None:
    short, long = read(words, PASSAGES[::-1]), read(words, [text * 60 for text in PASSAGES[::-1]])
    assert reranker.rerank("拖欠工资", level(4), short, rarity) != level(4)
    assert reranker.rerank("拖欠工资", level(4), long, rarity) == level(4)


def test_a_passage_that_cannot_be_read_leaves_the_order(
    words: StaticEncoder, reranker: Reranker
) -> None:
    hits = level(5)
    assert reranker.rerank("拖欠工资", hits, read(words, PASSAGES), rarity) == hits
    assert reranker.rerank("拖欠工资", [], {}, rarity) == []


@pytest.mark.parametrize(
    "entry",
    [
        Entry(0, ""),
        Entry(0, "😀"),
        Entry(0, "工资" * 5000),
        Entry(0, "工资", title="工资" * 5000),
        Entry(0, "工资", title="工资", headings="条例" * 5000),
        Entry(0, "工资。" * 5000),
    ],
)
def test_odd_passages_are_read_within_bounds(
    entry: Entry, words: StaticEncoder, reranker: Reranker
) -> None:
    passages = passage_ids(words, [entry, Entry(1, PASSAGES[0])])
    assert len(passages[0]) <= MOST_PASSAGE_WORDS
    assert passages[0][-1] == 0
    rows = reranker.features("拖欠工资", level(2), passages, rarity)
    assert rows is not None
    assert rows.shape == (2, len(FEATURES))
    assert np.isfinite(rows).all()
    assert rows[1, FEATURES.index("soft")] > 0.9


def test_another_encoder_has_none(encoder: Encoder) -> None:
    assert load_reranker(encoder) is None


def stored(index: SearchIndex, keys: list[int]) -> dict[int, npt.NDArray[np.uint32]]:
    return index.lexical.word_ids(index.lexical.look_up(np.array(keys), Wanted(())).addresses)


def test_an_index_reads_its_candidates_again(
    tmp_path: Path, words: StaticEncoder, segmenter: Segmenter
) -> None:
    entries = [Entry(key, text) for key, text in enumerate(PASSAGES)]
    index = SearchIndex.rebuild(tmp_path, words, segmenter, entries, 0)
    assert set(stored(index, index.keys().tolist())) == {0, 1, 2, 3}
    assert stored(index, [77]) == {}
    assert index.search("拖欠工资向谁投诉", 2)[0].key == 0
    added = Entry(4, "老板不发工资，可以打电话投诉。")
    index = SearchIndex.publish(tmp_path, words, segmenter, add=[added], remove=[0], revision=1)
    assert index.search("老板不发工资投诉", 2)[0].key == 4
    assert set(stored(index, index.keys().tolist())) == {1, 2, 3, 4}


def test_a_case_told_at_length_leaves_the_order(words: StaticEncoder, reranker: Reranker) -> None:
    case = "".join(PASSAGES) * 3
    distinct = [word for word in words.words_by_id(case).values() if word not in question_words()]
    passages = read(words, PASSAGES)
    told = "，".join(dict.fromkeys(distinct))
    longer = told + "渔船港口农药茶叶冷库货车铁路机场医院学校银行保险税务海关法院"
    assert reranker.rerank("拖欠工资", level(4), passages, rarity) != level(4)
    assert len(words.words_by_id(longer)) >= LONG_QUESTION
    assert reranker.rerank(longer, level(4), passages, rarity) == level(4)
