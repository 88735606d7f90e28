"""Answers and passages as people read them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.cli.found import print_answer, print_hits
from kb.types import Answer, Citation, Hit, SearchResult

QUOTE = "对更新低温运输车辆的企业给予贷款贴息。"
CITATION = Citation(
    1, "p", "d", "《冷链意见》", 3, QUOTE, (), clause="（二）", heading_path=("二、重点任务",)
)
ANSWER = Answer("谁获得贴息？", True, f"企业[1]\n\n{QUOTE}[1]", (CITATION,))
HIT = Hit(1, 0.5, "d.o2", "d", "冷链意见", 3, (3,), ("二、重点任务",), "（二）", QUOTE * 30, ())


def test_a_quote_the_answer_has_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(ANSWER)
    assert capsys.readouterr().out.splitlines() == [
        "企业[1]",
        "",
        f"{QUOTE}[1]",
        "",
        "[1] 《冷链意见》, page 3, clause （二）, 二、重点任务",
    ]


def test_a_quote_the_answer_lacks_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(replace(ANSWER, answer="企业[1]"))
    assert capsys.readouterr().out.splitlines()[-1] == f"    “{QUOTE}”"


def test_items_of_a_list_begin_on_the_line_of_their_dash(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_answer(replace(ANSWER, answer=f"- {QUOTE * 5}[1]\n- 二[1]"))
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("- 对更新")
    assert second.startswith("  ")
    assert third == "- 二[1]"


def test_a_refusal_shows_the_reason_and_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(Answer("火星？", False, None, nearest=(HIT,), reason="没有证据"))
    out = capsys.readouterr().out
    assert out.startswith("No answer: 没有证据\n\nThe nearest passages:\n\n 1  冷链意见  page 3")


def test_passages_are_cut_unless_wanted_whole(capsys: pytest.CaptureFixture[str]) -> None:
    result = SearchResult("贷款贴息", (HIT, replace(HIT, rank=2)))
    print_hits(result)
    cut = capsys.readouterr().out
    print_hits(result, full=True)
    whole = capsys.readouterr().out
    assert cut.count("贷款贴息") < whole.count("贷款贴息") == 60
    assert len(cut.splitlines()) == 2 * (1 + 1 + 5 + 1) + 1
    assert all(line == line.rstrip() for line in (cut + whole).splitlines())


@pytest.mark.parametrize(("no_color", "coloured"), [("1", False), ("", True)])
def test_colour_is_for_terminals_that_want_it(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: str,
    coloured: bool,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", no_color)
    print_hits(SearchResult("贷款贴息", (HIT,)))
    assert ("\x1b[" in capsys.readouterr().out) is coloured
