"""The web UI's words and its rendering of document text."""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import KBError, matched
from ui.web import wording
from ui.web.marked import (
    answer_html,
    block_html,
    facts_html,
    markdown_text,
    message_text,
    pages_html,
    passage_html,
    sheet_html,
    where_html,
    words_html,
)
from ui.web.text import WORDS
from ui.web.words.errors import ERRORS
from ui.web.words.streamlit import STREAMLIT

DOCS = Path(__file__).parents[2] / "docs" / "errors.md"
LINES = "港口1\t\n<"
HOSTILE = '<img src=x onerror="alert(1)"> & <script>x</script>'


def test_every_word_has_both_languages_with_the_same_fields() -> None:
    for key, (chinese, english) in WORDS.items():
        assert chinese
        assert english
        fields = [len(list(string.Formatter().parse(text))) for text in (chinese, english)]
        holes = [text.count("{}") for text in (chinese, english)]
        assert holes[0] == holes[1], key
        assert all(fields)


def raised() -> Iterator[str]:
    """Yield the code of every kind of error that our modules, as far as loaded, define."""
    kinds = [KBError]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        if kind.__module__.startswith(("kb.", "ui.")):
            yield kind.code


def documented() -> set[str]:
    """Return the codes that docs/errors.md has."""
    rows = re.findall(r"^\| (`[a-z-]+`(?: · `[a-z-]+`)*) \|", DOCS.read_text("utf-8"), re.M)
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_every_code_of_an_error_has_both_languages() -> None:
    codes = documented() | set(raised())
    assert len(codes) > 30
    assert codes - set(ERRORS) == set()
    for chinese, english in ERRORS.values():
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert not re.search(r"[\u4e00-\u9fff]", english)


def test_streamlit_s_own_words_are_filled_as_they_come() -> None:
    for english, chinese in STREAMLIT.items():
        assert english.count("*") == chinese.count("*"), english
        assert not re.search(r"[\u4e00-\u9fff]", english)


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        (
            "en",
            "文档提到“产量”，但没有提到“火星”。",
            "The documents mention “产量”, but not “火星”.",
        ),
        ("zh", "文档中没有提到“火星”。", "文档中没有提到“火星”。"),
        ("en", "没有这样的话。", "没有这样的话。"),
    ],
)
def test_a_reason_is_told_in_the_reader_s_language(
    language: str, said: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording, "language", lambda: language)
    assert wording.reasoned(said) == expected


def test_commands_in_messages_stay_commands() -> None:
    assert message_text("a*b: run `policykb rebuild --x`") == "a\\*b\\: run `policykb rebuild --x`"
    assert message_text("one ` alone*") == "one \\` alone\\*"


def test_markup_in_a_document_is_shown_not_obeyed() -> None:
    for shown in (
        passage_html(HOSTILE),
        passage_html(HOSTILE, (HOSTILE[:9],)),
        answer_html(HOSTILE),
        answer_html(f"- {HOSTILE}"),
        where_html(HOSTILE),
        words_html(HOSTILE, HOSTILE, HOSTILE),
        block_html(HOSTILE, HOSTILE),
    ):
        assert "<img" not in shown
        assert "<script" not in shown
        assert "&lt;img" in shown.replace("<mark>", "")
    assert 'alt="&lt;img' in sheet_html("AA", HOSTILE, None)
    assert 'aria-label="&lt;img' in pages_html([], 100, HOSTILE)


def test_found_terms_are_marked() -> None:
    text = "提升出口信用保险水平"
    shown = passage_html(text, ranges=matched("出口信用保险", text))
    assert "<mark>出口信用保险</mark>" in shown


def test_markers_are_raised_and_lists_are_lists() -> None:
    shown = answer_html("增长7.6%。[1]\n\n- 甲[2]\n- 乙")
    assert '<span class="kb-marker">[1]</span>' in shown
    assert shown.count("<li>") == 2


def test_lines_of_cells_are_tables_with_their_marks() -> None:
    shown = passage_html("表1\n港口\t吨\n甲<\t12", ("吨\n甲",))
    assert shown.count("<tr>") == 2
    assert "<td><mark>吨</mark></td></tr>\n<tr><td><mark>甲</mark>&lt;</td>" in shown
    assert "<table>" not in passage_html("一、\t总则")


def test_a_sheet_knows_where_its_mark_is() -> None:
    assert "kb-here" not in sheet_html("AA", "a", None)
    assert 'style="top:44.00%"' in sheet_html("AA", "a", 50.0)
    assert "width:150%" in pages_html([], 150, "a")


@given(st.text(alphabet=LINES, max_size=40) | st.text(max_size=80), st.text(LINES, max_size=9))
def test_marking_never_changes_the_words(text: str, query: str) -> None:
    for shown in (passage_html(text, (query,)), passage_html(text, ranges=matched(query, text))):
        assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == html.unescape(html.escape(text))


@given(st.text(alphabet="*_[]`$#<>~:a1。", max_size=30))
def test_escaping_for_markdown_only_adds_backslashes(text: str) -> None:
    assert markdown_text(text).replace("\\", "") == text


@given(st.text(), st.text())
def test_facts_are_escaped_rows(name: str, value: str) -> None:
    shown = facts_html({name: value})
    assert shown.count("<") == 8
    assert html.unescape(shown) == (
        f'<table class="kb-facts"><tr><th>{name}</th><td>{value}</td></tr></table>'
    )
