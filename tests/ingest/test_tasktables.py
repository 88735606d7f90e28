"""Tables and lists that share out tasks: each row and item a clause with its bodies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from ingest.body import assemble
from ingest.clauses import read_clauses
from ingest.model import Block, Clause, Metadata, Page, Table
from ingest.passages import split_passages

META = Metadata("数字贸易重点任务分工方案", document_type="方案")
HEAD = ("序号", "重点任务", "牵头单位", "责任单位", "完成时限")
ROWS = (
    ("1", "建设公共平台", "商务部", "海关总署、税务总局", "2025年底前"),
    ("2", "制定数据标准", "市场监管总局", "商务部", "持续推进"),
)


def table(rows: Sequence[Sequence[str]]) -> Block:
    text = "\n".join("\t".join(row) for row in rows)
    return Block("table", text, None, table=Table(tuple(map(tuple, rows))))


def pages(*blocks: Block | str) -> list[Page]:
    made = (Block("paragraph", b, None) if isinstance(b, str) else b for b in blocks)
    return [Page(1, 0, 0, tuple(made))]


def clauses(*blocks: Block | str, meta: Metadata = META) -> tuple[Clause, ...]:
    made = pages(*blocks)
    return read_clauses(assemble(made), made, meta)


def roles(clause: Clause) -> str:
    letter = {"lead": "L", "participant": "P", "joint": "J"}
    return " ".join(letter[r.role] + r.as_written for r in clause.responsibility)


def test_each_row_is_a_clause() -> None:
    first, second = clauses("附件1 重点任务分工表", table([HEAD, *ROWS]))
    assert (first.number, first.heading_path) == ("1", ("附件1 重点任务分工表",))
    assert first.text == "\t".join(ROWS[0])
    assert roles(first) == "L商务部 P海关总署 P税务总局"
    assert roles(second) == "L市场监管总局 P商务部"
    assert [c.clause_id.split("-")[1] for c in (first, second)] == ["t1.r1", "t1.r2"]


@pytest.mark.parametrize(
    ("headings", "cells", "expected"),
    [
        (("任务", "责任单位"), ("甲", "商务部、财政部"), "J商务部 J财政部"),
        (("任务", "责任部门"), ("甲", "商务部"), "L商务部"),
        (("任务", "牵头部门", "配合部门"), ("甲", "商务部", "财政部"), "L商务部 P财政部"),
        (("任务", "主办单位", "协办单位"), ("甲", "商务部", "财政部"), "L商务部 P财政部"),
        (("任务", "责任单位"), ("甲", "商务部牵头，财政部配合"), "L商务部 P财政部"),
        (("任务", "责任单位"), ("甲", "商务部\n财政部"), "J商务部 J财政部"),
        (("任务", "责任单位"), ("甲", "国家发展改\n革委、财政部"), "J国家发展改革委 J财政部"),
        (("任务", "责任单位"), ("甲", "综合协调处"), "L综合协调处"),
        (("任务", "牵头单位及责任单位"), ("甲", "商务部、财政部"), "J商务部 J财政部"),
        (("任务", "牵头单位", "责任单位"), ("甲", "无", "商务部、财政部"), "J商务部 J财政部"),
    ],
)
def test_roles_come_from_the_columns(
    headings: Sequence[str], cells: Sequence[str], expected: str
) -> None:
    (clause,) = clauses(table([headings, cells]))
    assert roles(clause) == expected


def test_a_table_over_two_pages_goes_on() -> None:
    again = table([HEAD, ("3", "举办展会", "商务部", "贸促会", "每年")])
    bare = table([("4", "培训人才", "教育部", "商务部", "每年")])
    found = clauses(table([HEAD, *ROWS]), again, bare)
    assert [c.number for c in found] == ["1", "2", "3", "4"]
    assert found[3].clause_id.endswith("-t1.r4")
    assert roles(found[3]) == "L教育部 P商务部"


def test_merged_cells_and_sections() -> None:
    rows = [
        HEAD,
        ("一、设施", "一、设施", "一、设施", "一、设施", "一、设施"),
        ("1", "建设平台", "商务部", "", "2025年"),
        ("2", "建设仓库", "", "", "2026年"),
        ("二、标准", "", "", "", ""),
        ("3", "制定标准", "市场监管总局", "", "2026年"),
    ]
    found = clauses(table(rows))
    assert [(c.number, roles(c)) for c in found] == [
        ("1", "L商务部"),
        ("2", "L商务部"),
        ("3", "L市场监管总局"),
    ]
    assert [c.heading_path for c in found] == [("一、设施",), ("一、设施",), ("二、标准",)]


def test_a_section_ends_where_its_task_table_starts() -> None:
    found = clauses(
        "一、分工",
        "各项任务分工如下。",
        "表1 分工表",
        table([HEAD, *ROWS]),
        "二、要求",
        "抓好落实。",
    )
    assert [c.number for c in found] == ["一、", "1", "2", "二、"]
    assert found[0].text == "一、分工\n各项任务分工如下。"
    spans = [(c.start, c.end) for c in found]
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


def test_tables_of_figures_and_papers_make_no_clauses() -> None:
    assert clauses(table([("年份", "出口额"), ("2023", "1.5")])) == ()
    assert clauses(table([HEAD, *ROWS]), meta=Metadata("贸易研究", document_type="论文")) == ()


def test_a_row_is_a_passage_of_its_own() -> None:
    made = pages("分工表", table([HEAD, *ROWS]), "注：时限以年底计。")
    body = assemble(made)
    found = split_passages(body, made, read_clauses(body, made, META))
    assert [p.clause_number for p in found] == ["1", "2"]
    assert "牵头单位 市场监管总局" in found[1].search_text
    assert found[1].text.endswith("注：时限以年底计。")


@pytest.mark.parametrize("joint", ["　", "（", "——", "。"])
def test_a_list_with_a_body_at_each_items_end(joint: str) -> None:
    close = "）" if joint == "（" else ""
    tasks = [("完善统计监测制度", "海关总署"), ("推进标准互认工作", "市场监管总局、商务部")]
    lines = [f"{n}.{task}{joint}{body}{close}" for n, (task, body) in enumerate(tasks, 1)]
    found = clauses("一、重点任务", *lines, "二、要求", "抓好落实，务求实效。")
    assert [c.number for c in found] == ["1.", "2.", "二、"]
    assert [roles(c) for c in found[:2]] == ["L海关总署", "J市场监管总局 J商务部"]


def test_an_item_of_one_line_with_its_tail_is_a_clause() -> None:
    found = clauses("（1）升级系统（牵头单位：国家数据局）", "（2）开放接口（海关总署负责）")
    assert [roles(c) for c in found] == ["L国家数据局", "L海关总署"]


def test_one_line_that_ends_in_a_body_puts_nobody_in_charge() -> None:
    found = clauses("一、完善制度并报送　海关总署", "做好统计。", "二、加强宣传工作", "做好宣传。")
    assert [roles(c) for c in found] == ["", ""]
