"""Passages: along the structure, never inside a sentence, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.body import assemble
from ingest.clauses import read_clauses
from ingest.model import Block, BlockKind, Body, Metadata, Page, Passage, Table
from ingest.passages import LONGEST, closed_up, coverage, split_passages
from ingest.sentences import sentence_ends

META = Metadata("关于贸易的意见")


def passages_of_blocks(*blocks: Block) -> tuple[Body, list[Page], tuple[Passage, ...]]:
    pages = [Page(1, 0, 0, blocks)]
    body = assemble(pages)
    return body, pages, split_passages(body, pages, read_clauses(body, pages, META))


def passages_of_text(text: str) -> tuple[Passage, ...]:
    return passages_of_blocks(*(Block("paragraph", line, None) for line in text.split("\n")))[2]


SENTENCE = "坚持稳中求进工作总基调，推动贸易高质量发展，持续优化营商环境。"


def test_a_clause_is_one_passage_with_the_headings_above_it() -> None:
    passages = passages_of_text(
        "二、完善设施\n（一）建设平台。" + SENTENCE + "\n（二）提升效率。" + SENTENCE
    )
    assert [p.clause_number for p in passages] == ["（一）", "（二）"]
    assert passages[0].text.startswith("二、完善设施\n（一）")
    assert passages[0].heading_path == ("二、完善设施",)
    assert passages[0].clause_id and passages[0].clause_id != passages[1].clause_id


def test_a_long_clause_is_cut_between_sentences() -> None:
    passages = passages_of_text("第一条　" + SENTENCE * 40 + "\n第二条　" + SENTENCE)
    assert len(passages) > 3
    assert {p.clause_number for p in passages[:-1]} == {"第一条"}
    assert all(p.text.endswith("。") for p in passages)
    assert all(len(p.text) <= LONGEST for p in passages)


def test_short_paragraphs_under_one_heading_are_put_together() -> None:
    passages = passages_of_text("\n".join([SENTENCE] * 9))
    assert len(passages) == 1
    passages = passages_of_text("\n".join([SENTENCE] * 30))
    assert len(passages) > 1
    assert all(200 < len(p.text) <= 450 for p in passages)


def test_a_tail_in_brackets_stays_with_its_sentence() -> None:
    text = "规范秩序。（商务部牵头）另行通知。他说：“好。”然后离开。"
    ends = list(sentence_ends(text, 0, len(text)))
    assert [text[a:b] for a, b in zip([0, *ends], ends, strict=False)] == [
        "规范秩序。（商务部牵头）",
        "另行通知。",
        "他说：“好。”",
        "然后离开。",
    ]


def test_a_sentence_longer_than_a_passage_is_cut_at_its_weaker_marks() -> None:
    passages = passages_of_text("推进甲项工作，" * 300)
    assert all(len(p.text) <= LONGEST for p in passages)
    assert all(p.text.endswith("，") for p in passages)


def test_contents_are_not_indexed_and_part_what_stands_around_them() -> None:
    body, pages, passages = passages_of_blocks(
        Block("title", "贸易办法", None),
        Block("toc", "第一章　总则……1", None),
        Block("paragraph", "第一章　总则", None),
        Block("paragraph", "第一条　" + SENTENCE, None),
        Block("paragraph", "第二条　" + SENTENCE, None),
    )
    assert not any("……1" in p.text for p in passages)
    assert coverage(body, passages, pages).share == 1.0
    assert coverage(body, passages).share < 1.0


def table_block(rows: int) -> Block:
    cells = (
        ("产品", "出口额（亿元）", "增速（%）"),
        *((f"产品{row}", f"{row}.5", f"-{row}.0") for row in range(rows)),
    )
    text = "\n".join("\t".join(row) for row in cells)
    return Block("table", text, None, table=Table(cells))


def test_a_tables_rows_are_indexed_with_caption_and_column_headings() -> None:
    body, pages, passages = passages_of_blocks(
        Block("paragraph", SENTENCE, None),
        Block("caption", "表1：2023年4月主要商品出口", None),
        table_block(4),
        Block("paragraph", "资料来源：海关总署", None),
        Block("paragraph", SENTENCE, None),
    )
    (table,) = [p for p in passages if "产品1" in p.text]
    assert table.text.startswith("表1")
    assert table.text.endswith("海关总署")
    assert "表1：2023年4月主要商品出口" in table.search_text
    assert "产品1 出口额（亿元） 1.5 增速（%） -1.0" in table.search_text
    assert coverage(body, passages, pages).share == 1.0


def test_a_table_inside_a_clause_keeps_caption_and_clause() -> None:
    _, _, passages = passages_of_blocks(
        Block("paragraph", "一、出口情况。" + SENTENCE, None),
        Block("caption", "表1：主要商品出口", None),
        table_block(2),
        Block("paragraph", "二、进口情况。" + SENTENCE, None),
    )
    assert [p.clause_number for p in passages] == ["一、", "一、", "二、"]
    assert passages[1].search_text.startswith("表1：主要商品出口 产品0")


def test_a_long_table_is_cut_between_rows() -> None:
    body, pages, passages = passages_of_blocks(
        Block("caption", "表2 商品出口", None), table_block(120)
    )
    assert len(passages) > 2
    for passage in passages:
        assert passage.text.count("\t") % 2 == 0
        assert passage.search_text.startswith("表2 商品出口")
        assert "增速（%）" in passage.search_text
    assert coverage(body, passages, pages).share == 1.0


def test_a_signature_is_under_no_heading() -> None:
    passages = passages_of_text(
        "一、甲事。" + SENTENCE + "\n二、乙事。" + SENTENCE + "\n商务部\n2023年12月7日"
    )
    assert passages[-1].text == "商务部\n2023年12月7日"
    assert passages[-1].heading_path == ()
    assert passages[-1].clause_id is None


def test_spaces_inside_numbers_and_spread_words_are_closed_up() -> None:
    assert closed_up("出口 5. 94 万亿") == "出口 5.94 万亿"
    assert closed_up("总　则") == "总则"
    assert closed_up("第一条 为了") == "第一条 为了"
    (passage,) = passages_of_text("进出口总值 5. 94 万亿美元，同比下降。")
    assert "5. 94" in passage.text
    assert "5.94" in passage.search_text


LINES = st.text(
    st.sampled_from("第一二三条章、（）。；：，.1 2贸易\t政策“”负责商务部2023年12月7日"),
    max_size=50,
)
KINDS: st.SearchStrategy[BlockKind] = st.sampled_from(
    ["paragraph", "paragraph", "paragraph", "heading", "title", "caption", "toc", "list", "header"]
)


@st.composite
def pages_of_anything(draw: st.DrawFn) -> list[Page]:
    pages = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        blocks = []
        for _ in range(draw(st.integers(0, 10))):
            if draw(st.integers(0, 9)) == 0:
                blocks.append(table_block(draw(st.integers(0, 30))))
                continue
            text = draw(LINES) * draw(st.sampled_from([1, 1, 1, 40]))
            kind = draw(KINDS)
            blocks.append(Block(kind, text, None, continues=draw(st.booleans())))
        pages.append(Page(number, 0, 0, tuple(blocks)))
    return pages


@settings(max_examples=150, deadline=None)
@given(pages_of_anything())
def test_everything_but_contents_is_in_exactly_one_passage(pages: list[Page]) -> None:
    body = assemble(pages)
    passages = split_passages(body, pages, read_clauses(body, pages, META))
    end = 0
    for passage in passages:
        assert passage.start >= end
        assert body.text[passage.start : passage.end] == passage.text == passage.text.strip()
        assert passage.text
        end = passage.end
    covered = coverage(body, passages, pages)
    assert covered.indexed == covered.total


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40))
def test_sentences_are_never_cut(lengths: list[int]) -> None:
    text = "".join("政" * length + "。" for length in lengths)
    passages = passages_of_text(text)
    assert "".join(p.text for p in passages) == text
    assert all(p.text.endswith("。") and len(p.text) <= LONGEST for p in passages)


@pytest.mark.slow
def test_structure_of_a_thousand_paragraphs_takes_linear_time() -> None:
    from time import thread_time

    def seconds(articles: int) -> float:
        lines = (f"第{number}条　" + SENTENCE * 3 for number in range(1, articles + 1))
        blocks = tuple(Block("paragraph", line, None) for line in lines)
        began = thread_time()
        passages_of_blocks(*blocks)
        return thread_time() - began

    def best(articles: int) -> float:
        # The least of a few: what else the machine does only ever adds.
        return min(seconds(articles) for _ in range(4))

    # Four times the text: 4 times as long where time is linear, 16 times where it is quadratic.
    assert best(4000) < 10 * best(1000)


def test_a_table_over_two_pages_takes_its_headings_along() -> None:
    def table(page: int, rows: list[tuple[str, ...]], headings: int, goes_on: bool) -> Page:
        text = "\n".join("\t".join(row) for row in rows)
        block = Block("table", text, None, table=Table(tuple(rows), headings), continues=goes_on)
        return Page(page, 595, 842, (block,))

    pages = [
        table(1, [("品种", "出口增速"), ("原油", "3.1%")], 1, True),
        table(2, [("煤炭", "7.0%"), ("焦炭", "1.2%")], 0, True),
        table(3, [("钢材", "4.4%")], 0, False),
        table(4, [("稀土", "9.9%")], 0, False),
    ]
    found = {
        passage.text.split("\t")[0]: passage
        for passage in split_passages(assemble(pages), pages, ())
    }
    assert "煤炭 出口增速 7.0%" in found["煤炭"].search_text
    assert "钢材 出口增速 4.4%" in found["钢材"].search_text
    assert "出口增速" not in found["稀土"].search_text
