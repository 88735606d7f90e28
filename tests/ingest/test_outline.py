"""The tree of headings: what parts a text, what only stands on its title page."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.body import assemble, paragraphs
from ingest.clauses import read_clauses
from ingest.headings import Heading
from ingest.model import Block, BlockKind, Box, Line, Metadata, Page
from ingest.outline import read_outline
from ingest.passages import split_passages

Row = tuple[str, BlockKind, int | None, float]


def page(*rows: Row) -> list[Page]:
    """Make a page of rows: text, kind, level and type size, 0 where the format has none."""
    blocks = []
    for index, (text, kind, level, size) in enumerate(rows):
        box = Box(1, 0, 40.0 * index, 10.0 * len(text), 40.0 * index + size) if size else None
        lines = (Line(0, len(text), box),) if box else ()
        blocks.append(Block(kind, text, box, lines, level))
    return [Page(1, 595, 842, tuple(blocks))]


def plain(text: str) -> list[Page]:
    return page(*((line, "paragraph", None, 0.0) for line in text.split("\n")))


def headings(pages: Sequence[Page]) -> tuple[Heading, ...]:
    return read_outline(paragraphs(pages)).headings


def paths(pages: Sequence[Page]) -> list[str]:
    return [" > ".join((*heading.path, heading.label)) for heading in headings(pages)]


def test_the_title_and_what_stands_above_it_part_nothing() -> None:
    pages = page(
        ("商务部文件", "heading", 1, 30),
        ("商务部关于促进数字贸易发展的意", "title", None, 18),
        ("见", "heading", 1, 18),
        ("2023年12月7日", "heading", 2, 15),
        ("各省、自治区、直辖市人民政府：", "paragraph", None, 15),
        ("一、总体要求", "heading", 2, 15),
        ("坚持改革。", "paragraph", None, 15),
    )
    assert paths(pages) == ["一、总体要求"]


def test_the_title_printed_again_over_the_text_parts_nothing() -> None:
    pages = page(
        ("数据质量评价", "title", None, 26),
        ("前言", "heading", 1, 16),
        ("本文件规定了方法。", "paragraph", None, 11),
        ("数据质量评价", "heading", 1, 16),
        ("一、范围", "heading", 2, 12),
        ("适用于贸易数据。", "paragraph", None, 11),
    )
    assert paths(pages) == ["前言", "一、范围"]


def test_a_heading_of_the_formats_lower_level_stands_inside_the_section() -> None:
    pages = page(
        ("数字贸易问答", "title", None, 0),
        ("一、概况", "heading", 1, 0),
        ("谁可以申请？", "heading", 2, 0),
        ("各类企业都可以申请。", "paragraph", None, 0),
        ("二、清单", "heading", 1, 0),
        ("按下列各项核对。", "paragraph", None, 0),
    )
    assert paths(pages) == ["一、概况", "一、概况 > 谁可以申请？", "二、清单"]


def test_a_numbered_heading_as_large_as_an_unnumbered_one_is_beside_it() -> None:
    pages = page(
        ("某公司季度报告", "title", None, 16),
        ("重要提示", "heading", 2, 12),
        ("本公司保证内容真实。", "paragraph", None, 9),
        ("一、主要数据", "heading", 2, 12),
        ("收入增长。", "paragraph", None, 9),
    )
    assert paths(pages) == ["重要提示", "一、主要数据"]
    larger = [("上篇", "heading", 2, 20.0) if r[0] == "重要提示" else r for r in _rows(pages)]
    assert paths(page(*larger))[1] == "上篇 > 一、主要数据"


def _rows(pages: Sequence[Page]) -> list[Row]:
    return [
        (b.text, b.kind, b.level, b.lines[0].box.y1 - b.lines[0].box.y0)
        for b in pages[0].blocks
        if b.lines[0].box
    ]


def test_a_measure_printed_behind_the_signature_goes_on_in_its_section() -> None:
    text = (
        "一、甲\n（一）甲事。做好甲事。\n二、乙\n（二）乙事。做好乙事。\n商务部\n财政部\n"
        "2023年12月7日\n（三）丙事。做好丙事。（商务部牵头）"
    )
    last = headings(plain(text))[-1]
    assert (last.label, last.path) == ("（三）丙事", ("二、乙",))
    pages = plain(text)
    clauses = read_clauses(assemble(pages), pages, Metadata("关于贸易的意见", document_type="意见"))
    assert [c.clause_id.split("-")[1] for c in clauses] == ["o1.p1", "o2.p2", "o2.p3"]
    assert clauses[1].text == "（二）乙事。做好乙事。"


def test_a_new_series_behind_a_signature_does_not_go_on() -> None:
    text = "一、甲。做好。\n二、乙。做好。\n商务部\n2023年12月7日\n（一）丙事。做好丙事。"
    assert headings(plain(text))[-1].path == ()


def test_items_of_a_dotted_section_do_not_end_it() -> None:
    text = (
        "1 范围\n本文件规定了方法。\n2 方法\n2.1 步骤\n1、取样。先取样。\n2、称量。后称量。\n"
        "2.2 结果\n记录结果。\n3 报告\n写明结果。"
    )
    found = paths(plain(text))
    assert found[3:5] == ["2 方法 > 2.1 步骤 > 1、取样", "2 方法 > 2.1 步骤 > 2、称量"]
    assert found[5:] == ["2 方法 > 2.2 结果", "3 报告"]


def test_items_of_a_papers_section_are_part_of_it() -> None:
    text = "一、特征\n1. 要素新。数据成为要素。\n2. 动力新。技术成为动力。\n二、对策\n各方努力。"
    pages = plain(text)
    paper = read_clauses(assemble(pages), pages, Metadata("新质生产力"))
    assert [c.number for c in paper] == ["一、", "二、"]
    assert paper[0].text.endswith("技术成为动力。")
    notice = Metadata("关于贸易的通知", document_type="通知")
    assert [c.number for c in read_clauses(assemble(pages), pages, notice)] == ["1.", "2.", "二、"]


def test_a_list_under_an_unnumbered_heading_of_a_paper_makes_no_clauses() -> None:
    pages = page(
        ("企业问答", "title", None, 0),
        ("出口前查什么？", "heading", 2, 0),
        ("请核对：", "paragraph", None, 0),
        ("1. 市场准入；", "list", None, 0),
        ("2. 数据保护；", "list", None, 0),
        ("3. 知识产权。", "list", None, 0),
    )
    assert read_clauses(assemble(pages), pages, Metadata("企业问答")) == ()


def test_headings_inside_a_clause_part_its_passages() -> None:
    pages = page(
        ("数字贸易问答", "title", None, 0),
        ("一、概况", "heading", 1, 0),
        ("谁可以申请？", "heading", 2, 0),
        ("各类企业都可以申请，手续从简。", "paragraph", None, 0),
        ("怎样申请？", "heading", 2, 0),
        ("请登录平台填写，五日内答复。", "paragraph", None, 0),
    )
    body = assemble(pages)
    clauses = read_clauses(body, pages, Metadata("数字贸易问答"))
    first, second = split_passages(body, pages, clauses)[-2:]
    assert first.heading_path == ("一、概况", "谁可以申请？")
    assert first.text.endswith("一、概况\n谁可以申请？\n各类企业都可以申请，手续从简。")
    assert second.heading_path == ("一、概况", "怎样申请？")
    assert first.clause_number == second.clause_number == "一、"


def test_the_rest_of_a_parted_figure_is_no_number() -> None:
    text = "一、甲。做好。\n出口额达到\n1. 06 万亿元人民币。\n二、乙。做好。"
    assert paths(plain(text)) == ["一、甲", "二、乙"]


def test_an_annexs_title_may_take_two_lines() -> None:
    text = "一、甲。做好。\n附件1\n关于某县某镇地质灾害\n险情的报告\n一、基本情况\n已经查明。"
    assert paths(plain(text))[1:] == [
        "附件1 关于某县某镇地质灾害险情的报告",
        "附件1 关于某县某镇地质灾害险情的报告 > 一、基本情况",
    ]
