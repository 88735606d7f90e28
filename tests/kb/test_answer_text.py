"""Sentences and words keep their offsets."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.answering.text import fold, sentences, squash
from kb.answering.words import cut, table

CHINESE = st.text(alphabet="国家出口增长。！？；，、：“”（）《》.,5 8０％A\n\u3000", max_size=120)


def texts_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("出口增长。进口下降。", ["出口增长。", "进口下降。"]),
        ("增长49.6%.进口下降", ["增长49.6%.", "进口下降"]),
        ("他说：“继续努力。”会议结束。", ["他说：“继续努力。”", "会议结束。"]),
        ("一、总体要求\n坚持稳中求进。", ["一、总体要求", "坚持稳中求进。"]),
        ("设三类海外仓\n（含自营）。", ["设三类海外仓\n（含自营）。"]),
        ("分两步\n（一）布局", ["分两步", "（一）布局"]),
        ("  \n ", []),
    ],
)
def test_sentences_end_at_stops_and_line_ends(text: str, expected: list[str]) -> None:
    assert texts_of(text) == expected


def test_an_enumeration_too_long_for_a_sentence_is_cut_at_semicolons() -> None:
    items = ["推进" + "高水平开放" * 10 + "；"] * 5
    assert texts_of("".join(items)) == items


@given(CHINESE)
def test_sentences_lose_no_visible_character_and_do_not_overlap(text: str) -> None:
    spans = sentences(text)
    assert squash("".join(text[span.start : span.end] for span in spans)) == squash(text)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(st.text(max_size=80))
def test_folding_moves_no_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


@settings(deadline=None)  # the first call loads the dictionary
@given(CHINESE)
def test_words_are_the_folded_text_at_their_offsets(text: str) -> None:
    folded = fold(text)
    words = cut(text)
    assert all(folded[word.start : word.end] == word.text for word in words)
    assert squash("".join(word.text for word in words)) == squash(folded)


def test_full_width_numbers_are_one_word() -> None:
    assert [word.text for word in cut("增长４９．６％")] == ["增长", "49.6", "%"]


def test_rare_words_weigh_more_than_common_ones_and_stop_words_nothing() -> None:
    words = table()
    assert words.weight("的") == 0 < words.weight("规定") < words.weight("原产地")
    assert words.weight("从未见过的词") == 1


def test_words_of_like_meaning_have_vectors_that_are_close() -> None:
    first, second, other = table().vectors(["罚款", "处以", "卫星"])
    assert first @ second > 0.5 > first @ other


def test_an_unknown_word_is_close_to_its_characters() -> None:
    unknown, known, nothing = table().vectors(["猪猪", "猪", "\ue000"])
    assert unknown @ known > 0.99
    assert not nothing.any()
