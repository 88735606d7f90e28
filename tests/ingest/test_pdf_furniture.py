"""What little repetition proves: files of one or two pages, and copies of one form."""

from __future__ import annotations

import pymupdf
import pytest

from ingest.model import Page
from ingest.pdf import read_pdf

FILLER = (
    "为了规范数据处理活动保障数据安全促进数据开发利用保护个人和组织的合法权益维护国家主权"
    "安全和发展利益根据宪法和有关法律制定本办法并由主管部门负责解释和监督实施各级人民政府"
)
FORM = [
    "项目申报表",
    "申请单位：",
    "联系人：",
    "项目名称：",
    "项目负责人：",
    "单位意见：",
    "日期：",
]


def read(document: pymupdf.Document) -> list[Page]:
    """Read a document the test has made."""
    return read_pdf(document.tobytes(), name="made.pdf")[0]


def write(page: pymupdf.Page, x: float, y: float, text: str, size: float = 10.5) -> None:
    """Set one line of Chinese with its baseline at y."""
    page.insert_text((x, y), text, fontname="china-s", fontsize=size)


def paragraph(page: pymupdf.Page, text: str, y: float = 100) -> None:
    """Set a paragraph in lines of thirty characters."""
    for start in range(0, len(text), 30):
        write(page, 72, y, text[start : start + 30])
        y += 17


def furniture(page: Page) -> list[str]:
    """Return what of a page is not of its text."""
    return [block.text for block in page.blocks if not block.is_body]


@pytest.mark.parametrize("copies", [2, 3, 8])
@pytest.mark.parametrize(("top", "step"), [(60, 18), (60, 110), (720, 17)])
def test_copies_of_a_form_keep_their_lines(copies: int, top: float, step: float) -> None:
    document = pymupdf.open()
    for _ in range(copies):
        page = document.new_page()
        for i, line in enumerate(FORM):
            write(page, 72, top + step * i, line)
    for page in read(document):
        assert furniture(page) == []
        assert page.text.replace("\n", "") == "".join(FORM)


def test_forms_filled_in_differently_keep_their_lines() -> None:
    document = pymupdf.open()
    for n in range(4):
        page = document.new_page()
        for i, line in enumerate(FORM):
            write(page, 72, 60 + 40 * i, line)
            write(page, 200, 60 + 40 * i, FILLER[4 * n + 3 * i : 4 * n + 3 * i + 9])
    for n, page in enumerate(read(document)):
        assert furniture(page) == []
        places = [page.text.index(line) for line in FORM]
        assert places == sorted(places)
        assert page.text.index(FILLER[4 * n : 4 * n + 9]) < places[1]


@pytest.mark.parametrize("size", [8, 10.5])
def test_a_header_on_two_pages_is_told_by_its_type_or_the_white_below(size: float) -> None:
    document = pymupdf.open()
    for start in (0, 7):
        page = document.new_page()
        write(page, 72, 40, "国际贸易研究", size)
        paragraph(page, FILLER[start:], 100)
        write(page, 72, 800, "内部资料注意保存", size)
    for page in read(document):
        assert furniture(page) == ["国际贸易研究", "内部资料注意保存"]


def test_a_first_line_that_two_pages_share_is_text() -> None:
    document = pymupdf.open()
    for start in (30, 42):
        page = document.new_page()
        write(page, 72, 83, FILLER[:30])
        paragraph(page, FILLER[start:], 100)
    for page in read(document):
        assert furniture(page) == []
        assert page.text.startswith(FILLER[:30])


@pytest.mark.parametrize("pages", [1, 2])
def test_a_rule_parts_a_small_header_off_a_single_page(pages: int) -> None:
    document = pymupdf.open()
    for n in range(pages):
        page = document.new_page()
        write(page, 72, 50, f"国际贸易研究{'甲乙'[n]}", 8)
        page.draw_line((72, 56), (520, 56))
        paragraph(page, FILLER, 100)
        page.draw_line((72, 785), (520, 785))
        write(page, 72, 800, f"编辑部地址：北京市{'东西'[n]}城区", 8)
    for n, page in enumerate(read(document)):
        assert furniture(page) == [f"国际贸易研究{'甲乙'[n]}", f"编辑部地址：北京市{'东西'[n]}城区"]


def test_a_table_or_a_note_at_the_edge_of_a_single_page_stays() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 50, "表1 出口额", 8)
    for y in (56, 76, 96):
        page.draw_line((72, y), (520, y))
    for row, y in (("产品", 70), ("原油", 90)):
        write(page, 80, y, row, 8)
        write(page, 300, y, "12.5", 8)
    paragraph(page, FILLER, 200)
    page.draw_line((72, 785), (520, 785))
    write(page, 72, 800, "①作者根据公开资料整理", 8)
    result = read(document)[0]
    assert furniture(result) == []
    assert "表1 出口额" in result.text
    assert result.text.endswith("①作者根据公开资料整理")


def test_a_large_heading_over_a_rule_is_no_header() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 90, "某某部等9单位文件", 26)
    page.draw_line((72, 100), (520, 100), color=(1, 0, 0))
    paragraph(page, FILLER, 160)
    assert furniture(read(document)[0]) == []


@pytest.mark.parametrize("angle", [0, 35, 60])
def test_a_watermark_over_the_text_is_kept_apart(angle: float) -> None:
    document = pymupdf.open()
    page = document.new_page()
    paragraph(page, FILLER * 8)
    point = pymupdf.Point(200, 300)
    page.insert_text(
        point, "内部资料请勿外传", fontname="china-s", fontsize=40, color=(0.8, 0.8, 0.8),
        morph=(point, pymupdf.Matrix(angle)),
    )  # fmt: skip
    result = read(document)[0]
    assert furniture(result) == ["内部资料请勿外传"]
    assert result.text == FILLER * 8


def test_a_page_that_is_all_slanted_is_read() -> None:
    document = pymupdf.open()
    page = document.new_page()
    point = pymupdf.Point(300, 400)
    page.insert_text(point, FILLER[:20], fontname="china-s", morph=(point, pymupdf.Matrix(20)))
    assert read(document)[0].text == FILLER[:20]
