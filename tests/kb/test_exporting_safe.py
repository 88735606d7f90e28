"""Document text in exported files: never a formula, markup or an illegal sign."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from kb.exporting.columns import Column
from kb.exporting.delimited import delimited
from kb.exporting.ooxml import run
from kb.exporting.safe import csv_field, excel_text, is_formula, lines, markdown, one_line, printed
from kb.exporting.workbook import Book

#: Text as documents may hold it, and as those who mean harm would write it.
HOSTILE = st.text(
    st.sampled_from("=+-@＝\t\r\n\0\x0b\x85\u202e\ud800\uffff'\"|<>&*_`[]()#!1.\\~$年 ")
)
TEXTS = st.one_of(st.text(), HOSTILE, st.from_regex(r"(?s).?_x[0-9A-Fa-f]{4}_.?", fullmatch=True))
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_begins_as_a_formula_is_known(text: str) -> None:
    assert is_formula(text)
    assert csv_field(text).startswith("'")


@pytest.mark.parametrize("text", ["", "第一条", "a=1", "（-1）", "《=》"])
def test_other_text_is_left_alone(text: str) -> None:
    assert not is_formula(text)
    assert csv_field(text) == text


@given(TEXTS)
def test_csv_gives_the_text_back_and_no_formula(text: str) -> None:
    data = delimited(["a", "b"], [[text, 7]])
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert (header, row[1]) == (["a", "b"], "7")
    assert row[0].removeprefix("'") == printed(text).removeprefix("'")
    assert not is_formula(row[0])


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
@example(["#REF!", "=cmd|' /C calc'!A0", "_x000D_"])
def test_a_workbook_gives_text_back_as_text(texts: list[str]) -> None:
    book = Book()
    column: Column[str] = Column("原文", 20, lambda text: text)
    book.sheet("表", [column], texts)
    sheet = openpyxl.load_workbook(io.BytesIO(book.saved("题")))["表"]
    for row, text in enumerate(texts, 2):
        cell = sheet.cell(row, 1)
        assert cell.data_type in {"s", "n"} and (cell.data_type == "s" or cell.value is None)
        assert bool(cell.quotePrefix) == is_formula(printed(text))
        assert decoded(cell.value or "") == printed(text)


def decoded(text: str) -> str:
    """Read the codes of characters as Excel does."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.parametrize("text", ["𠀀" * 20_000, "条" * 40_000])
def test_a_cell_is_no_longer_than_excel_allows(text: str) -> None:
    cut = excel_text(text)
    assert len(cut.encode("utf-16-le")) // 2 in {32_766, 32_767}
    assert cut.endswith("…")
    assert text.startswith(cut[:-1])


@given(TEXTS)
def test_a_run_of_word_is_well_formed_and_holds_the_text(text: str) -> None:
    made = etree.fromstring(etree.tostring(run(text)))
    read = "".join(
        "\n" if part.tag.endswith("}br") else part.text or ""
        for part in made.iter()
        if part.tag.endswith(("}t", "}br"))
    )
    assert read == printed(text).replace("\t", " ")


class Words(HTMLParser):
    """Collects the text of a page and the tags that are not a paragraph's."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags |= {tag} - {"p"}

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
@example("1. 一")
@example("12) 一")
@example("- 一")
@example("---")
@example("<script>alert(1)</script>")
@example("[打开](javascript:alert(1))")
@example("&lt;b&gt;")
def test_markdown_reads_as_the_text_without_markup(text: str) -> None:
    words = Words()
    words.feed(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown(text)))
    assert not words.tags
    assert " ".join(words.text.split()) == one_line(text)


def test_a_bare_address_is_no_link_on_github() -> None:
    assert markdown("见https://example.org和www.example.org") == (
        r"见https\://example.org和www\.example.org"
    )


def test_lines_are_those_that_hold_something() -> None:
    assert lines("一\r\n\n 二 \u2028三\x00") == ["一", "二", "三"]
