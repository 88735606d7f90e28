"""The web UI's words and its rendering of document text."""

from __future__ import annotations

import html
import re
import string

from hypothesis import given
from hypothesis import strategies as st

from ui.web.marked import (
    STYLE,
    answer_html,
    markdown_text,
    passage_html,
    query_terms,
    where_html,
)
from ui.web.text import WORDS

HOSTILE = '<img src=x onerror="alert(1)"> & <script>x</script>'


def test_every_word_has_both_languages_with_the_same_fields() -> None:
    for key, (chinese, english) in WORDS.items():
        assert chinese
        assert english
        fields = [len(list(string.Formatter().parse(text))) for text in (chinese, english)]
        holes = [text.count("{}") for text in (chinese, english)]
        assert holes[0] == holes[1], key
        assert all(fields)


def test_markup_in_a_document_is_shown_not_obeyed() -> None:
    for shown in (passage_html(HOSTILE), answer_html(HOSTILE), where_html(HOSTILE)):
        assert "<img" not in shown
        assert "<script" not in shown
        assert "&lt;img" in shown


def test_found_terms_are_marked_longest_first() -> None:
    shown = passage_html("提升出口信用保险水平", query_terms("出口信用保险"))
    assert "<mark>出口信用</mark>" in shown


def test_markers_are_raised() -> None:
    assert '<span class="kb-marker">[1]</span>' in answer_html("增长7.6%。[1]")


@given(st.text(max_size=80), st.text(max_size=12))
def test_marking_never_changes_the_words(text: str, query: str) -> None:
    shown = passage_html(text, query_terms(query)).removeprefix(STYLE)
    assert html.unescape(re.sub(r"<[^>]*>", "", shown)) == html.unescape(html.escape(text))


@given(st.text(alphabet="*_[]`$#<>~:a1。", max_size=30))
def test_escaping_for_markdown_only_adds_backslashes(text: str) -> None:
    assert markdown_text(text).replace("\\", "") == text
