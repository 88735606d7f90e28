"""Lines, columns and marks of what is printed for people."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kb.cli.layout import inset, pairs, table, wrap
from kb.marks import matched

TEXT = st.text(st.sampled_from("政策措施出口，。（）“”ab1% \n[]"), max_size=60)


def lines(text: str, width: int) -> list[str]:
    return [text[start:end] for start, end in wrap(text, width)]


@given(TEXT, st.integers(4, 30))
def test_no_line_is_too_wide_and_only_white_space_is_left_out(text: str, width: int) -> None:
    shown = lines(text, width)
    assert all(cell_len(line) <= width and line == line.rstrip() for line in shown)
    assert "".join("".join(shown).split()) == "".join(text.split())


def test_lines_break_as_chinese_is_written() -> None:
    assert lines("鼓励出口，支持企业（商务部）", 8) == ["鼓励出", "口，支持", "企业（商", "务部）"]
    assert lines("鼓励出口（商务部）", 10) == ["鼓励出口", "（商务部）"]
    assert lines("占比45.6%，增长WTO rules", 10) == ["占比", "45.6%，增", "长WTO", "rules"]
    assert lines("按职责分工负责[12]", 14) == ["按职责分工负", "责[12]"]
    assert lines("甲\n\n乙", 10) == ["甲", "", "乙"]


def shown(content: Text, **how: object) -> list[str]:
    out = Console(file=io.StringIO(), width=14)
    inset(out, content, **how)  # type: ignore[arg-type]
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().splitlines()


def test_lines_are_set_in_after_the_first() -> None:
    assert shown(Text("一二三四五六七八"), first="- ") == ["- 一二三四五六", "  七八"]


def test_the_lines_shown_are_those_with_most_marks() -> None:
    content = Text("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸")
    content.stylize("bold", 10, 14)
    assert shown(content, most=2) == ["    …九十甲乙", "    丙丁戊己…"]
    assert shown(content, most=5)[0] == "    一二三四"


def test_pairs_are_whole_and_end_in_no_space(capsys: pytest.CaptureFixture[str]) -> None:
    pairs({"title": "x" * 200, "number": None, "file": "a\nb", "type": ""})
    out = capsys.readouterr().out
    assert "".join(out.split()).count("x") == 200
    assert "number" not in out
    assert "type" not in out
    assert all(line == line.rstrip() for line in out.splitlines())
    assert out.splitlines()[-2:] == ["file   a", "       b"]


def test_a_table_on_a_terminal_shortens_titles_and_no_ids(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [
        ("0123456789abcdef", "关于促进" * 40, "", "2024-01-02", "7"),
        ("1", "简报", "", "", "12"),
    ]
    table(("id", "title", "number", "issued", "pages"), rows, flexible=1, spare=2)
    header, long, short = capsys.readouterr().out.splitlines()
    assert header.split() == ["id", "title", "issued", "pages"]
    assert long.startswith("0123456789abcdef  关于促进")
    assert "…  2024-01-02      7" in long
    assert cell_len(long) == cell_len(short) == cell_len(header)


def test_a_column_makes_room_for_the_title_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    header = ("id", "title", "number", "issued")
    for number, kept in (("国办发〔2024〕1号" * 5, False), ("国办发〔2024〕1号", True)):
        table(header, [("0" * 16, "关于" * 40, number, "2024-01-02")], flexible=1, spare=2)
        lines = capsys.readouterr().out.splitlines()
        assert ("number" in lines[0]) is kept
        assert [cell_len(line) for line in lines][1] == 120


def test_marks_are_the_terms_of_the_query() -> None:
    def found(query: str, text: str) -> set[str]:
        return {text[start:end] for start, end in matched(query, text)}

    assert found("出口信贷", "扩大出口，信贷支持") == {"出口", "信贷"}
    assert found("WTO 5 ２０２４", "ｗto在2024年有5项，15项，5.2项，wtos") == {"ｗto", "2024", "5"}
    assert found("？！", "问？") == set()
    assert matched("出口信贷", "信贷，出口信贷") == ((0, 2), (3, 7))
