"""Repair of printed lines: only white space goes, and every character keeps its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.pdf.repair import (
    Atom,
    clean,
    compose,
    latin_words,
    line_joint,
    mend_numbers,
    undouble,
    weight,
)

SIZE = 10.0


def mended(text: str) -> str:
    """Repair the numbers of a line set without further ado."""
    return mend_numbers(text, [(0, 0.0), (len(text), 5.0 * weight(text))])[0]


def atoms_of(words: list[str], gaps: list[float], spaced: list[bool]) -> list[Atom]:
    """Lay words out from left to right with the given gaps, in points."""
    atoms: list[Atom] = []
    x = 0.0
    for word, gap, blank in zip(words, gaps, spaced, strict=True):
        width = weight(word) * SIZE / 2
        atoms.append((word, x, x + width, blank))
        x += width + gap
    return atoms


WORDS = st.text(alphabet="数据安全，。（）0123456789.,%abcXYZ-", min_size=1, max_size=6)
LINES = st.lists(st.tuples(WORDS, st.floats(0, 30), st.booleans()), min_size=1, max_size=12)


@given(LINES)
def test_composing_loses_no_printed_character(line: list[tuple[str, float, bool]]) -> None:
    words, gaps, spaced = (list(part) for part in zip(*line, strict=True))
    text, _ = compose(atoms_of(words, gaps, spaced), SIZE)
    assert text.replace(" ", "") == "".join(words)
    assert "  " not in text


@given(LINES)
def test_stops_ascend_from_the_first_character_to_the_last(
    line: list[tuple[str, float, bool]],
) -> None:
    words, gaps, spaced = (list(part) for part in zip(*line, strict=True))
    atoms = atoms_of(words, gaps, spaced)
    text, stops = compose(atoms, SIZE)
    offsets = [offset for offset, _ in stops]
    places = [x for _, x in stops]
    assert offsets == sorted(set(offsets))
    assert (offsets[0], offsets[-1]) == (0, len(text))
    assert places == sorted(places)
    assert (places[0], places[-1]) == (atoms[0][1], atoms[-1][2])


def test_a_stop_stands_where_a_word_begins() -> None:
    text, stops = compose(atoms_of(["增长", "24.", "3%"], [2, 4, 0], [False, True, True]), SIZE)
    assert text == "增长24.3%"
    assert (2, 22.0) in stops


def test_numbers_are_made_whole() -> None:
    assert mended("24. 3%，比上年") == "24.3%，比上年"
    assert mended("增长24. 3%，总额3636. 9亿元") == "增长24.3%，总额3636.9亿元"
    assert mended("共1 773 204万辆") == "共1773204万辆"
    assert mended("达 45 120 元") == "达 45120 元"
    assert mended("占比 12 %") == "占比 12%"


def test_numbers_that_only_stand_side_by_side_are_left_apart() -> None:
    assert mended("苏州港 82 859 3.99") == "苏州港 82 859 3.99"
    assert mended("2022 2023 2024") == "2022 2023 2024"
    assert mended("1. 2023年以来") == "1. 2023年以来"
    assert mended("3. 5G网络建设") == "3. 5G网络建设"


def test_look_alike_characters_become_ordinary_and_others_stay() -> None:
    assert clean("⽅⾯⻓⻅") == "方面长见"
    assert clean("①②％，ＡＢ") == "①②％，ＡＢ"
    assert clean("\uf0d8要点") == "➢要点"


def test_glyphs_printed_twice_in_a_row_are_read_once() -> None:
    assert undouble("国国际际贸贸易易研研究究") == "国际贸易研究"
    assert undouble("哈哈哈哈哈哈哈哈") == "哈哈哈哈哈哈哈哈"
    assert undouble("研究研究") == "研究研究"


def test_how_lines_join() -> None:
    assert line_joint("数据", "安全", full=True) == ("", False)
    assert line_joint("annual", "report", full=True) == (" ", False)
    assert line_joint("达到1", "234", full=True) == ("", False)
    assert line_joint("in 2022", "2023", full=False) == (" ", False)
    assert line_joint("2018-", "2020年", full=True) == ("", False)


def test_a_hyphen_goes_only_where_it_breaks_a_word() -> None:
    words = latin_words(["information is", "in-", "depth analysis infor-", "mation in"])
    assert line_joint("infor-", "mation", full=True, words=words) == ("", True)
    assert line_joint("in-", "depth", full=True, words=words) == ("", False)


PRINTED = st.text(
    alphabet="数据增长第一条，。；％（）0123456789 .,%-—:aBxZ\u2009\u3000Ａ１⽅①\uf0d8", max_size=40
)


@given(PRINTED)
def test_making_numbers_whole_loses_white_space_alone(text: str) -> None:
    stops = [(0, 0.0), (len(text), 5.0 * weight(text))] if text else [(0, 0.0)]
    mended_text, mended_stops = mend_numbers(text, stops)
    assert "".join(mended_text.split()) == "".join(text.split())
    assert mended_stops[-1] == (len(mended_text), stops[-1][1])
    assert mended_stops == sorted(mended_stops)


@given(PRINTED)
def test_cleaning_loses_no_printed_character(text: str) -> None:
    printed = "".join(text.split())
    assert len("".join(clean(text).split())) >= len(printed)
    for char in printed:
        assert clean(char).strip()


@given(st.text(alphabet="数据安全123ab，。", max_size=30))
def test_only_glyphs_printed_twice_are_left_out(text: str) -> None:
    once = undouble(text)
    assert once == text or "".join(char * 2 for char in once) == text
