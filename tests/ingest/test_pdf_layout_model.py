"""Doubtful pages are shown to the layout model, which decides blocks and never characters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import Page, ParseOptions, parse_bytes
from ingest.pdf import doubt, read_pdf
from ingest.pdf.columns import Region
from ingest.pdf.geometry import Piece, Rect
from ingest.pdf.model import Area, ModelFailed, PymupdfLayout
from ingest.pdf.order import breaks, in_order

TEXT = "为了规范数据处理活动保障数据安全促进数据开发利用保护个人和组织的合法权益维护国家主权安全"
CELLS = [
    ("任务名称", "责任部门单位", "工作要求和完成的时限"),
    ("平台建设", "工业和信息化部", "年底前完成平台的一期建设"),
    ("标准制定", "市场监管总局", "明年六月前发布两项标准"),
    ("人才培养", "教育部门和学校", "每年培养一千名专业人才"),
    ("资金保障", "财政部门", "列入年度预算并按时拨付"),
]


def write(page: pymupdf.Page, x: float, y: float, text: str, size: float = 10.5) -> None:
    page.insert_text((x, y), text, fontname="china-s", fontsize=size)


def word_table() -> bytes:
    """A page with a table of words that no rule or figure gives away."""
    document = pymupdf.open()
    page = document.new_page()
    for i in range(4):
        write(page, 60, 80 + 17 * i, TEXT)
        write(page, 60, 400 + 17 * i, TEXT)
    for r, row in enumerate(CELLS):
        for x, cell in zip((60, 180, 330), row, strict=True):
            write(page, x, 200 + 24 * r, cell)
    return bytes(document.tobytes())


def letters(page: Page) -> list[str]:
    return sorted("".join("".join(block.text.split()) for block in page.blocks))


class Grid:
    """A model that sees the table where the test has set it."""

    def __init__(self) -> None:
        self.asked = 0

    def areas(self, _page: Any) -> list[Area]:
        self.asked += 1
        rows = tuple(184 + 24.0 * i for i in range(6))
        return [
            Area("text", Rect(60, 66, 560, 140)),
            Area("table", Rect(60, 184, 460, 304), rows, (60, 170, 320, 460)),
            Area("text", Rect(60, 386, 560, 460)),
        ]


class Broken:
    """A model that is not there."""

    def areas(self, _page: Any) -> list[Area]:
        raise ModelFailed("the layout model is not installed")


def test_a_table_of_words_is_doubtful_and_the_model_decides() -> None:
    model = Grid()
    [alone], _ = read_pdf(word_table(), name="a.pdf")
    [guided], warnings = read_pdf(word_table(), name="a.pdf", model=model)
    assert (alone.source, guided.source, model.asked, warnings) == ("text", "layout", 1, [])
    assert not any(block.table for block in alone.blocks)
    [table] = [block.table for block in guided.blocks if block.table]
    assert list(table.rows) == CELLS
    assert letters(alone) == letters(guided)


def test_pymupdfs_own_model_finds_the_table() -> None:
    document = parse_bytes("a.pdf", word_table(), ParseOptions(ocr="never"))
    assert document.pages[0].source == "layout"
    [table] = [block.table for block in document.pages[0].blocks if block.table]
    assert list(table.rows) == CELLS


def test_never_leaves_the_page_to_geometry() -> None:
    document = parse_bytes("a.pdf", word_table(), ParseOptions(ocr="never", layout="never"))
    assert document.pages[0].source == "text"
    assert document.warnings == ()


def test_a_model_that_fails_costs_a_warning_and_nothing_else() -> None:
    alone, _ = read_pdf(word_table(), name="a.pdf")
    pages, [warning] = read_pdf(word_table(), name="a.pdf", model=Broken())
    assert pages == alone
    assert warning == (
        "page 1: layout doubtful, read by geometry alone: the layout model is not installed"
    )


def test_a_slow_model_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.pdf.model.PAGE_SECONDS", -1.0)
    document = pymupdf.open(stream=word_table(), filetype="pdf")
    for _ in range(2):
        document.fullcopy_page(0)
    model = Grid()
    pages, [warning] = read_pdf(document.tobytes(), name="a.pdf", model=model)
    assert model.asked == 1
    assert [page.source for page in pages] == ["layout", "text", "text"]
    assert "pages 2-3: " in warning
    assert "too long" in warning


def test_plain_pages_and_columns_are_not_doubted() -> None:
    class Unasked:
        def areas(self, _page: Any) -> list[Area]:
            raise AssertionError("asked about a plain page")

    document = pymupdf.open()
    page = document.new_page()
    write(page, 60, 80, "关于测试的意见", 18)
    for i in range(30):
        write(page, 60, 120 + 17 * i, TEXT[:20])
        write(page, 310, 120 + 17 * i, TEXT[20:40])
    document.new_page()
    write(document[1], 60, 80, TEXT)
    pages, warnings = read_pdf(document.tobytes(), name="a.pdf", model=Unasked())
    assert [page.source for page in pages] == ["text", "text"]
    assert warnings == []


def test_the_model_of_pymupdf_reads_an_empty_page() -> None:
    document = pymupdf.open()
    assert PymupdfLayout().areas(document.new_page()) == []


def box(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(x, y, x + width, y + height)


def test_columns_are_read_one_after_the_other_between_what_runs_across() -> None:
    title, left, right = box(50, 40, 500, 20), box(50, 80, 240, 300), box(310, 80, 240, 290)
    band, low, end = box(50, 400, 500, 20), box(50, 440, 240, 90), box(310, 440, 240, 200)
    boxes = [title, left, right, band, low, end]
    for order in ([5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3]):
        shuffled = [boxes[i] for i in order]
        assert [shuffled[i] for i in in_order(shuffled)] == boxes
    assert breaks(boxes) == 0
    assert breaks([title, right, left, band, low, end]) == 1


def test_a_centred_title_comes_before_a_heading_at_the_left() -> None:
    boxes = [box(50, 120, 60, 12), box(220, 60, 160, 20), box(50, 150, 500, 300)]
    assert in_order(boxes) == [1, 0, 2]


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[Rect], list[int]]:
    """Rows of columns under lines that run across, shuffled, with their order."""
    boxes: list[Rect] = []
    y = 0.0
    for _ in range(draw(st.integers(1, 4))):
        boxes.append(box(0, y, 600, 20))
        count = draw(st.integers(1, 4))
        heights = [draw(st.integers(20, 200)) for _ in range(count)]
        for c, height in enumerate(heights):
            boxes.append(box(600 / count * c, y + 30, 600 / count - 10, height))
        y += 40 + max(heights)
    order = draw(st.permutations(range(len(boxes))))
    return boxes, order


@given(grids())
def test_order_does_not_depend_on_the_order_in_the_file(
    found: tuple[list[Rect], list[int]],
) -> None:
    boxes, order = found
    shuffled = [boxes[i] for i in order]
    assert [shuffled[i] for i in in_order(shuffled)] == boxes


@given(st.lists(st.tuples(*[st.integers(0, 300)] * 4), max_size=12))
def test_any_boxes_are_put_in_some_order(sides: list[tuple[int, int, int, int]]) -> None:
    boxes = [box(x, y, width, height) for x, y, width, height in sides]
    assert sorted(in_order(boxes)) == list(range(len(boxes)))


def region(texts: Sequence[str], x: float, y: float) -> Region:
    lines = [
        Piece(text, x, y + 16 * i, x + 10 * len(text), y + 16 * i + 10, 10, order=i)
        for i, text in enumerate(texts)
    ]
    return Region(lines)


def test_confidence_falls_with_broken_order_and_with_rows_of_cells() -> None:
    full = ["满行文字满行文字满行文字满行文字"] * 6
    left, right = region(full, 40, 100), region(full, 240, 100)
    assert doubt.confidence([left, right]) == 1.0
    assert doubt.confidence([right, left]) < doubt.LEAST
    labels = region(["名称", "单位", "时限", "要求"], 40, 100)
    assert doubt.confidence([labels, region(["部门甲乙丙丁"] * 4, 140, 100)]) < doubt.LEAST
    assert doubt.confidence([]) == 1.0
