"""Markdown: its marks go, what a reader sees stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.markdown import read_markdown
from ingest.model import Block


def blocks(text: str) -> list[Block]:
    return list(read_markdown(text.encode())[0][0].blocks)


def kinds_and_texts(text: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(text)]


def test_headings_and_emphasis_lose_their_marks() -> None:
    source = (
        "# 关于**测试**的意见\n\n## 一、总体*要求*\n\n"
        "**（一）目标：**到2025年，`出口`增长~~很快~~。\n"
    )
    assert kinds_and_texts(source) == [
        ("title", "关于测试的意见"),
        ("heading", "一、总体要求"),
        ("paragraph", "（一）目标：到2025年，出口增长很快。"),
    ]
    assert [block.level for block in blocks(source)] == [None, 2, None]


def test_an_underlined_heading_and_an_escaped_star() -> None:
    assert kinds_and_texts("标题\n====\n\n2\\*3 与 a_b_c\n") == [
        ("title", "标题"),
        ("paragraph", "2*3 与 a_b_c"),
    ]


def test_ordered_lists_keep_the_numbers_a_reader_sees() -> None:
    assert kinds_and_texts("3. 甲\n3. 乙\n   - 子项\n1. 丙\n") == [
        ("list", "3. 甲"),
        ("list", "4. 乙"),
        ("list", "子项"),
        ("list", "5. 丙"),
    ]


def test_a_table_is_rows_of_cells() -> None:
    table = blocks("| 年份 | **出口** |\n|--|--|\n| 2023 | 1.2 |\n| 2024 | |\n")[0]
    assert table.kind == "table"
    assert table.table is not None
    assert table.table.rows == (("年份", "出口"), ("2023", "1.2"), ("2024", ""))
    assert [table.text[line.start : line.end] for line in table.lines] == [
        "年份\t出口",
        "2023\t1.2",
        "2024",
    ]


def test_a_table_written_in_html_is_read_too() -> None:
    source = (
        "前文。\n\n<table><tr><td>年</td><td>额</td></tr><tr><td>2023</td><td>5</td></tr></table>\n"
    )
    assert [block.kind for block in blocks(source)] == ["paragraph", "table"]


def test_lines_of_one_paragraph_are_lines_of_chinese_text() -> None:
    source = "商务部\n财政部\n\n第一条 甲。\n第二条 乙。\n"
    assert [text for _, text in kinds_and_texts(source)] == [
        "商务部",
        "财政部",
        "第一条 甲。",
        "第二条 乙。",
    ]


def test_text_broken_at_a_width_is_put_together() -> None:
    sentence = "为了促进新能源汽车贸易合作健康发展规范市场秩序根据有关法律和行政法规制定本办法" * 5
    broken = "\n".join(sentence[at : at + 30] for at in range(0, len(sentence), 30))
    assert [text for _, text in kinds_and_texts(broken + "。\n")] == [sentence + "。"]


def test_footnotes_are_kept_and_pictures_counted() -> None:
    pages, warnings = read_markdown(
        "正文[^1]结束。![图](x.png)\n\n[^1]: 注释一。\n[^b]: 注释二。\n".encode()
    )
    assert [(block.kind, block.text) for block in pages[0].blocks] == [
        ("paragraph", "正文结束。"),
        ("footnote", "1 注释一。"),
        ("footnote", "b 注释二。"),
    ]
    assert warnings == ["1 pictures were left out"]


def test_front_matter_becomes_a_table() -> None:
    found = blocks("---\ntitle: 测试\n文号: 国发〔2023〕1号\n---\n# 标题\n")
    assert [block.kind for block in found] == ["table", "title"]
    assert found[0].table is not None
    assert found[0].table.rows[1] == ("文号", "国发〔2023〕1号")


def test_an_indent_is_a_paragraph_and_a_fence_keeps_its_lines() -> None:
    assert kinds_and_texts("    为了测试。\n\n```\na = 1\nb = 2\n```\n") == [
        ("paragraph", "为了测试。"),
        ("paragraph", "a = 1\nb = 2"),
    ]


def test_nested_quotes_do_not_exhaust_the_stack() -> None:
    assert [block.text for block in blocks(">" * 20_000 + " 底\n\n后文。")][-1] == "后文。"


@given(st.lists(st.text(alphabet="甲乙丙丁，。：abc 12", min_size=1, max_size=40), max_size=12))
def test_no_letter_is_lost(lines: list[str]) -> None:
    source = "\n".join(lines)
    seen = "".join(block.text for block in blocks(source))
    assert "".join(seen.split()) == "".join(source.split())
