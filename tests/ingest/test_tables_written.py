"""Tables written as Markdown and as HTML: every cell in its place, nothing let through."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from ingest import Table, table_html, table_markdown

CELLS = st.text(alphabet="甲乙12.5%|\\<>&\"'\n ", max_size=8)
TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=5)
)


def flat(cell: str) -> str:
    return " ".join(cell.split())


def test_markdown_has_one_row_of_headings() -> None:
    table = Table(
        (("地区", "2023年", "2023年"), ("地区", "出口", "进口"), ("上海", "1.2|x", "-3")), 2
    )
    assert table_markdown(table).split("\n") == [
        "| 地区 | 2023年 出口 | 2023年 进口 |",
        "| --- | --- | --- |",
        r"| 上海 | 1.2\|x | -3 |",
    ]


def test_a_table_that_goes_on_has_the_headings_of_the_page_before() -> None:
    table = Table((("煤炭", "7.0"),), 0, (("产品", "份额"),))
    assert table_markdown(table).split("\n")[0] == "| 产品 | 份额 |"
    assert "<thead><tr><th>产品</th><th>份额</th></tr></thead>" in table_html(table)


def test_headings_over_several_columns_are_one_cell() -> None:
    table = Table((("地区", "2023年", "2023年"), ("上海", "1", "2")), 1)
    assert '<th>地区</th><th colspan="2">2023年</th>' in table_html(table)


@given(TABLES)
def test_markdown_keeps_every_cell_in_its_row(rows: list[tuple[str, ...]]) -> None:
    lines = table_markdown(Table(tuple(rows), 1)).split("\n")
    assert len(lines) == len(rows) + 1
    for line, row in zip([lines[0], *lines[2:]], rows, strict=True):
        cells = line[2:-2].split(" | ")
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == len(row) + 1
        if not any(flat(cell).count("|") for cell in row):
            assert [c.strip().replace("\\\\", "\\") for c in cells] == [flat(c) for c in row]


@given(TABLES)
def test_html_has_every_cell_and_no_markup_of_the_documents(rows: list[tuple[str, ...]]) -> None:
    written = table_html(Table(tuple(rows), 0))
    cells = re.findall(r"<td>(.*?)</td>", written)
    assert [html.unescape(cell.replace("<br>", "\n")) for cell in cells] == [
        cell for row in rows for cell in row
    ]
    ours = {"table", "tbody", "tr", "td", "br"}
    assert set(re.findall(r"</?([^>]*)>", written)) <= ours
