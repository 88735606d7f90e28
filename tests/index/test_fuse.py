"""How words and vectors add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fuse import dense_weight, fuse
from index.windows import WHOLE, windows

SCORES = st.dictionaries(st.integers(0, 30), st.floats(0.001, 1), max_size=20)


@given(SCORES, SCORES, st.integers(1, 40))
def test_ranks_every_candidate_once_best_first(
    words: dict[int, float], vectors: dict[int, float], k: int
) -> None:
    hits = fuse(words, vectors, k)
    assert len(hits) == min(k, len(words.keys() | vectors.keys()))
    assert len({hit.key for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert (hit.lexical, hit.dense) == (words.get(hit.key, 0), vectors.get(hit.key, 0))


@given(SCORES)
def test_one_side_alone_keeps_its_order(scores: dict[int, float]) -> None:
    order = sorted(scores, key=lambda key: (-scores[key], key))
    assert [hit.key for hit in fuse(scores, {}, 40)] == order
    assert [hit.dense for hit in fuse({}, scores, 40)] == sorted(scores.values(), reverse=True)


def test_words_decide_where_they_match_and_vectors_where_they_do_not() -> None:
    literal = fuse({1: 0.6, 2: 0.5}, {1: 0.5, 2: 0.9}, 2)
    paraphrase = fuse({1: 0.12, 2: 0.1}, {1: 0.5, 2: 0.9}, 2)
    assert [hit.key for hit in literal] == [1, 2]
    assert [hit.key for hit in paraphrase] == [2, 1]


def test_a_weak_side_of_even_scores_changes_nothing() -> None:
    words = {key: 0.3 - key / 100 for key in range(10)}
    flat = dict.fromkeys(range(10), 0.2)
    assert [hit.key for hit in fuse(words, flat, 10)] == list(range(10))


def test_the_weight_falls_as_the_words_match() -> None:
    weights = [dense_weight(share / 10) for share in range(11)]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0
    assert dense_weight(1.5) == 0


@given(st.text(alphabet="国务院办公厅。；！？\n", max_size=2000))
def test_windows_join_up_to_the_text(text: str) -> None:
    pieces = windows(text)
    assert "".join(pieces) == text
    assert len(pieces) == 1 or all(0 < len(piece) <= WHOLE for piece in pieces)


@pytest.mark.parametrize("length", [0, 1, WHOLE])
def test_a_short_text_is_one_window(length: int) -> None:
    assert windows("条" * length) == ["条" * length]


def test_windows_end_where_sentences_do() -> None:
    sentences = [f"第{number}条" + "文" * 90 + "。" for number in range(12)]
    pieces = windows("".join(sentences))
    assert len(pieces) > 1
    assert all(piece.endswith("。") for piece in pieces)
