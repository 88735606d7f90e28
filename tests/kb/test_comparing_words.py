"""Words of two texts against each other, and where a text nearly stands in another."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import WordChange
from kb.comparing.fuzzy import coverage, distance, nearest
from kb.comparing.plain import folded, plain
from kb.comparing.words import common, word_changes

TEXTS = st.text(alphabet='商务部财政应当2034,，。；、 \n“”"「－—-…⑴ab', max_size=40)
SHORT = st.text(alphabet="甲乙丙", max_size=10)


@given(TEXTS, TEXTS)
def test_the_words_give_back_both_texts(old: str, new: str) -> None:
    changes = word_changes(old, new)
    assert "".join(change.old for change in changes) == old
    assert "".join(change.new for change in changes) == new


@given(TEXTS, TEXTS)
def test_equal_runs_are_those_that_say_the_same(old: str, new: str) -> None:
    for change in word_changes(old, new):
        assert (change.op == "equal") == (plain(change.old) == plain(change.new))
        assert change.old or change.new


@given(TEXTS, TEXTS)
def test_sides_exchanged_turn_every_change_round(old: str, new: str) -> None:
    turned = {"insert": "delete", "delete": "insert"}
    mirrored = [
        WordChange(turned.get(change.op, change.op), change.new, change.old)  # type: ignore[arg-type]
        for change in word_changes(new, old)
    ]
    assert list(word_changes(old, new)) == mirrored


def test_words_are_replaced_whole() -> None:
    changes = word_changes("由商务部牵头，2023年完成", "由财政部牵头，2024年完成")
    assert [(change.old, change.new) for change in changes if change.op == "replace"] == [
        ("商务部", "财政部"),
        ("2023", "2024"),
    ]


def test_a_comma_between_two_rewritten_phrases_is_no_common_ground() -> None:
    changes = word_changes("扩大生产规模，提升装备水平", "减少库存积压，加快资金周转")
    assert [change.op for change in changes] == ["replace"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("第一条 为了保障安全，", "第一条　为了保障\n安全,"),
        ("“十四五”时期", "「十四五」时期"),
        ("增长１２．５％——", "增长12.5%—"),
        ("国发〔2023〕1号", "国发[2023]1号"),
    ],
)
def test_what_typesetting_changes_is_no_difference(left: str, right: str) -> None:
    assert [change.op for change in word_changes(left, right)] == ["equal"]


@pytest.mark.parametrize(
    ("left", "right"), [("依法，", "依法、"), ("2023", "2024"), ("WTO", "wto")]
)
def test_what_means_something_is_a_difference(left: str, right: str) -> None:
    assert plain(left) != plain(right)


@given(st.text())
def test_every_folded_character_comes_from_one_of_the_text(text: str) -> None:
    found = folded(text)
    assert len(found.at) == len(found.text) + 1
    assert list(found.at) == [*sorted(set(found.at[:-1])), len(text)]
    assert all(plain(text[at]) == sign for at, sign in zip(found.at, found.text, strict=False))


def edits(pattern: str, text: str) -> int:
    """Return the least edit distance to any part of a text, the slow way."""
    row = [0] * (len(text) + 1)
    for at, char in enumerate(pattern, 1):
        following = [at]
        for place, other in enumerate(text):
            step = row[place] + (char != other)
            following.append(min(step, row[place + 1] + 1, following[-1] + 1))
        row = following
    return min(row)


@given(SHORT, st.text(alphabet="甲乙丙丁", max_size=25))
def test_the_nearest_place_is_as_near_as_any(pattern: str, text: str) -> None:
    place = nearest(pattern, text)
    assert place.distance == edits(pattern, text)
    assert distance(pattern, text[place.start : place.end]) == place.distance


@given(SHORT, SHORT)
def test_a_longest_common_subsequence_is_one(left: str, right: str) -> None:
    pairs = common(left, right)
    assert all(left[i] == right[j] for i, j in pairs)
    assert pairs == sorted(pairs)
    rows = [[0] * (len(right) + 1)]
    for char in left:
        row = [0]
        for at, other in enumerate(right):
            row.append(max(rows[-1][at] + (char == other), rows[-1][at + 1], row[-1]))
        rows.append(row)
    assert len(pairs) == rows[-1][-1]


def test_coverage_counts_runs_not_single_characters() -> None:
    assert coverage("推动高质量发展", "切实推动高质量发展") == 1
    assert coverage("推动高质量", "推甲动乙高丙质丁量") == 0


def test_a_changed_first_word_belongs_to_the_place() -> None:
    text = "会议要求，商务部牵头落实各项措施。"
    place = nearest("财政部牵头落实", text)
    assert text[place.start : place.end] == "商务部牵头落实"


def test_long_texts_without_a_common_word_take_no_long() -> None:
    begun = time.thread_time()
    word_changes("的一" * 20_000, "一的不" * 20_000)
    assert time.thread_time() - begun < 10
