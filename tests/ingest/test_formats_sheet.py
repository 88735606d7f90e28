"""Workbooks: a page for each sheet, tables with their headings, limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment

from ingest import parse_bytes
from ingest.errors import DocumentError, LimitExceeded, UnreadableFile
from ingest.formats import read_unpaged
from ingest.formats.sheet import read_workbook
from ingest.model import Block, Table


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def book_of(*rows: Sequence[object], name: str = "Sheet") -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    return book


def blocks_of(book: Workbook) -> tuple[Block, ...]:
    pages, _ = read_workbook(saved(book))
    return pages[0].blocks


def table_of(book: Workbook) -> Table:
    [table] = [block.table for block in blocks_of(book) if block.table is not None]
    return table


STEEL = (
    ["2025年各省钢材出口情况"],
    ["单位：万吨"],
    ["省份", "一季度", "二季度"],
    ["河北", 210.5, 231.25],
    ["江苏", 198, 205],
    ["注：不含来料加工。"],
)


def test_lines_around_a_table_are_its_title_and_notes() -> None:
    blocks = blocks_of(book_of(*STEEL))
    assert [(block.kind, block.text) for block in blocks if block.table is None] == [
        ("title", "2025年各省钢材出口情况"),
        ("paragraph", "单位：万吨"),
        ("paragraph", "注：不含来料加工。"),
    ]
    assert table_of(book_of(*STEEL)) == Table(
        (("省份", "一季度", "二季度"), ("河北", "210.5", "231.25"), ("江苏", "198", "205")), 1
    )


def test_a_row_is_found_with_its_column_headings() -> None:
    document = parse_bytes("钢材.xlsx", saved(book_of(*STEEL)))
    assert document.metadata.title == "2025年各省钢材出口情况"
    [found] = [p for p in document.passages if "河北" in (p.search_text or p.text)]
    assert "二季度 231.25" in (found.search_text or found.text)


def test_merged_headings_reach_over_their_columns() -> None:
    book = book_of(
        ["地区", "出口", None, "备注"], [None, "数量", "金额", None], ["津", 1, 2, "甲"],
        ["沪", 3, 4, "乙"],
    )  # fmt: skip
    for area in ("A1:A2", "B1:C1", "D1:D2"):
        book.active.merge_cells(area)
    table = table_of(book)
    assert table.header_rows == 2
    assert table.rows[0] == ("地区", "出口", "出口", "备注")
    assert table.rows[1] == ("地区", "数量", "金额", "备注")
    assert table.rows[3] == ("沪", "3", "4", "乙")


def test_each_sheet_is_a_page_headed_by_its_name() -> None:
    book = book_of(["甲", "乙"], [1, 2], name="进口")
    book.create_sheet("出口").append(["丙", "丁"])
    book.create_sheet("底稿").sheet_state = "hidden"
    pages, warnings = read_workbook(saved(book))
    assert [(page.number, page.blocks[0].text) for page in pages] == [(1, "进口"), (2, "出口")]
    assert warnings == ["1 hidden sheets were left out"]


def test_empty_rows_part_tables() -> None:
    blocks = blocks_of(book_of(["甲", "乙"], [1, 2], [], [], ["丙", "丁"], [3, 4]))
    assert [block.text for block in blocks] == ["甲\t乙\n1\t2", "丙\t丁\n3\t4"]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (0.1234, "0.0%", "12.3%"),
        (1773204, "#,##0", "1,773,204"),
        (2.5, "#,##0.00", "2.50"),
        (0.1 + 0.2, "General", "0.3"),
        (3.0, "General", "3"),
        (7, '0"个"', "7"),
        (True, "General", "TRUE"),
        (date(2025, 3, 1), "yyyy-mm-dd", "2025-03-01"),
        (datetime(2025, 3, 1, 8, 30), "yyyy-mm-dd hh:mm", "2025-03-01 08:30"),
        ("第一行\n第二行", "General", "第一行 第二行"),
    ],
)
def test_values_are_written_as_their_format_shows_them(
    value: object, number_format: str, text: str
) -> None:
    book = book_of(["名", "值"], ["甲", value])
    book.active["B2"].number_format = number_format
    assert table_of(book).rows[1] == ("甲", text)


def test_formulas_without_a_stored_value_are_told() -> None:
    book = book_of(["甲", "合计"], [1, "=A2*2"])
    book.active["A1"].comment = Comment("看", "某人")
    _, warnings = read_workbook(saved(book))
    assert warnings[0].startswith("1 formulas have no stored value")
    assert warnings[1] == "the comments were left out"


def test_formulas_appear_as_their_stored_values() -> None:
    data = patched(saved(book_of(["甲", "合计"], [1, "=A2*2"])), "<v></v>", "<v>2</v>")
    data = patched(data, "<v />", "<v>2</v>")
    pages, warnings = read_workbook(data)
    assert pages[0].text == "甲\t合计\n1\t2"
    assert warnings == []


def patched(data: bytes, old: str, new: str, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return buffer.getvalue()


def test_a_far_cell_does_not_make_a_large_table() -> None:
    book = book_of(["甲", "乙"], [1, 2])
    book.active["Z5000"] = "远"
    blocks = blocks_of(book)
    assert [block.text for block in blocks] == ["甲\t乙\n1\t2", "远"]


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.formats.sheet.MAX_CELLS", 20)
    with pytest.raises(LimitExceeded, match=r"a\.xlsx: the workbook has more than 20 cells"):
        read_unpaged("xlsx", saved(book_of(*[[1, 2, 3]] * 9)), "a.xlsx")


def test_entities_are_refused() -> None:
    bomb = patched(saved(book_of(["甲"])), "<worksheet", '<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    with pytest.raises(UnreadableFile, match="document type"):
        read_workbook(bomb)


def test_a_workbook_of_hidden_sheets_says_so() -> None:
    book = book_of(["甲"])
    data = patched(saved(book), 'state="visible"', 'state="hidden"', "xl/workbook.xml")
    with pytest.raises(UnreadableFile, match="unhide"):
        read_workbook(data)


WHOLE = saved(book_of(*STEEL))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"]),
    st.integers(min_value=0, max_value=4000),
    st.binary(max_size=8) | st.sampled_from([b"<", b">", b'"', b"<c", b"t=", b"9" * 30]),
)
def test_damage_gives_pages_or_an_error_of_ours(part: str, at: int, patch: bytes) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                content = content[:at] + patch + content[at + len(patch) // 2 :]
            target.writestr(name, content)
    try:
        pages, _ = read_workbook(buffer.getvalue())
    except DocumentError:
        return
    assert pages
