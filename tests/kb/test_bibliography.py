"""References: GB/T 7714—2015, BibTeX, running text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import DocumentInfo, InvalidInput
from kb.bibliography import reference
from kb.bibliography.bibtex import escaped

OPINION = DocumentInfo(
    document_id="00112233aabbccdd",
    path="意见.pdf",
    name="意见.pdf",
    title="关于促进冷链物流高质量发展的若干意见",
    document_number="交运发〔2024〕12号",
    issuers=("交通运输部", "国家发展改革委"),
    issued_on=date(2024, 3, 5),
    document_type="意见",
    validity="in-force",
    pages=6,
    passages=9,
    characters=900,
    characters_indexed=900,
    warnings=(),
    added_at="2025-01-01T00:00:00Z",
    language="zh",
)


def test_an_official_document_by_the_standard() -> None:
    assert reference(OPINION, 3, "第六条") == (
        "交通运输部, 国家发展改革委. 关于促进冷链物流高质量发展的若干意见: 交运发〔2024〕12号[Z]. "
        "2024-03-05: 3, 第六条."
    )


def test_of_more_than_three_issuers_the_first_three() -> None:
    many = replace(OPINION, issuers=("甲部", "乙部", "丙部", "丁部"))
    assert reference(many).startswith("甲部, 乙部, 丙部, 等. 关于")
    assert reference(replace(many, issuers=many.issuers[:3])).startswith("甲部, 乙部, 丙部. 关于")


def test_what_is_not_known_is_left_out() -> None:
    bare = replace(OPINION, issuers=(), document_number=None, issued_on=None, document_type=None)
    assert reference(bare) == "关于促进冷链物流高质量发展的若干意见[Z]."
    assert reference(bare, 2) == "关于促进冷链物流高质量发展的若干意见[Z]: 2."


@pytest.mark.parametrize(
    ("kind", "mark"),
    [("标准", "S"), ("论文", "J"), ("研究报告", "R"), ("新闻", "N"), ("通知", "Z"), (None, "Z")],
)
def test_the_mark_is_the_type_s(kind: str | None, mark: str) -> None:
    assert f"[{mark}]" in reference(replace(OPINION, document_type=kind))


@pytest.mark.parametrize("name", ["意见.docx", "意见.txt", "意见.html", "意见.xlsx", "意见"])
def test_formats_without_printed_pages_have_no_page(name: str) -> None:
    assert reference(replace(OPINION, name=name), 1, "第六条").endswith("2024-03-05, 第六条.")
    assert reference(replace(OPINION, name="意见.OFD"), 1).endswith("2024-03-05: 1.")


def test_a_title_is_one_line_without_marks_around_it_and_without_its_number_twice() -> None:
    titled = replace(OPINION, title="《关于促进\n冷链物流的意见》", document_number=None)
    assert ". 关于促进 冷链物流的意见[Z]" in reference(titled)
    twice = replace(OPINION, title="冷链意见（交运发﹝2024﹞12号）", document_number="2024")
    assert "冷链意见（交运发﹝2024﹞12号）[Z]" in reference(twice)
    quoting = replace(OPINION, title="《甲法》和《乙法》")
    assert "《甲法》和《乙法》" in reference(quoting)


def test_running_text() -> None:
    assert reference(OPINION, 3, "第六条", "plain") == (
        "《关于促进冷链物流高质量发展的若干意见》（交运发〔2024〕12号），交通运输部、国家发展改革委，"
        "2024年3月5日，第3页，第六条"
    )


def test_bibtex_has_fields_and_a_key_that_stays() -> None:
    entry = reference(OPINION, 3, "第六条", "bibtex")
    assert entry == reference(OPINION, 3, "第六条", "bibtex")
    assert entry.startswith("@misc{policykb-00112233aabbccdd-p3-c")
    assert entry.splitlines()[0].isascii()
    for line in (
        "  author = {{交通运输部} and {国家发展改革委}},",
        "  title = {{关于促进冷链物流高质量发展的若干意见}},",
        "  number = {交运发〔2024〕12号},",
        "  year = {2024},",
        "  pages = {3},",
        "  note = {第六条},",
        "  mark = {Z},",
    ):
        assert line in entry.splitlines()
    keys = {
        reference(OPINION, page, clause, "bibtex").splitlines()[0]
        for page in (None, 3, 4)
        for clause in (None, "第六条", "第七条")
    }
    assert len(keys) == 9
    assert reference(replace(OPINION, document_type="标准"), style="bibtex").startswith("@standard")


@given(st.text(st.sampled_from('\\{}$&#_%~^"@,=年a \n\0')))
def test_bibtex_values_balance_and_read_back(title: str) -> None:
    text = escaped(title)
    depth = 0
    for sign in text:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    names = {
        "textbackslash": "\\",
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciitilde": "~",
        "textasciicircum": "^",
    }
    read = re.sub(r"\\(?:(text[a-z]+)\{\}|(.))", lambda m: names[m[1]] if m[1] else m[2], text)
    assert read == title
    entry = reference(replace(OPINION, title=title), style="bibtex")
    assert entry.count("{") == entry.count("}")


def test_an_unknown_style_is_wrong_usage() -> None:
    with pytest.raises(InvalidInput, match="gbt7714, bibtex, plain"):
        reference(OPINION, style="mla")  # type: ignore[arg-type]
