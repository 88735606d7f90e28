"""The running text of a document, and the way back from it to the printed lines."""

from __future__ import annotations

from dataclasses import astuple, replace

from hypothesis import given
from hypothesis import strategies as st

from ingest.body import assemble, boxes, find, page_at, pages_of, paragraphs
from ingest.model import Block, BlockKind, Box, Line, Page, Table

CHARACTERS = st.sampled_from("政策知识库的条款，。（）abcXYZ 0123-５Ａ")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=60)


def printed(text: str, page: int, top: float, per_line: int = 10) -> Block:
    """Set a text in lines of `per_line` characters, 10 points each, from x = 50."""
    lines = []
    for row, start in enumerate(range(0, len(text), per_line)):
        end = min(start + per_line, len(text))
        y = top + row * 20
        box = Box(page, 50, y, 50 + 10 * (end - start), y + 12)
        lines.append(Line(start, end, box))
    return Block("paragraph", text, Box(page, 50, top, 150, top + 20 * len(lines)), tuple(lines))


@st.composite
def documents(draw: st.DrawFn) -> tuple[Page, ...]:
    pages = []
    for number in range(1, draw(st.integers(1, 4)) + 1):
        blocks = []
        for index, text in enumerate(draw(st.lists(TEXTS, max_size=4))):
            block = printed(text, number, 50 + 100 * index)
            if draw(st.booleans()):
                block = Block(block.kind, text, block.box, block.lines, continues=True)
            blocks.append(block)
        pages.append(Page(number, 595, 842, tuple(blocks)))
    return tuple(pages)


def test_blocks_are_joined_by_a_newline_and_furniture_left_out() -> None:
    page = Page(
        1,
        595,
        842,
        (
            Block("header", "页眉", None),
            Block("title", "标题", None),
            Block("paragraph", "正文", None),
        ),
    )
    assert assemble([page]).text == "标题\n正文"


def test_a_sentence_that_runs_over_a_page_is_joined_without_a_break() -> None:
    first = Block("paragraph", "坚持目标导", None, continues=True)
    second = Block("paragraph", "向和问题导向。", None)
    body = assemble([Page(1, 0, 0, (first,)), Page(2, 0, 0, (second,))])
    assert body.text == "坚持目标导向和问题导向。"
    assert body.page_starts == (0, 5)
    assert pages_of(body, 0, len(body.text)) == (1, 2)
    assert page_at(body, 4) == 1
    assert page_at(body, 5) == 2


def test_latin_words_keep_a_space_over_a_page() -> None:
    first = Block("paragraph", "of the trade", None, continues=True)
    body = assemble([Page(1, 0, 0, (first, Block("paragraph", "barriers", None)))])
    assert body.text == "of the trade barriers"


def test_empty_pages_hold_no_characters() -> None:
    pages = [Page(1, 0, 0, ()), Page(2, 0, 0, (printed("甲乙", 2, 50),)), Page(3, 0, 0, ())]
    body = assemble(pages)
    assert body.page_starts == (0, 0, 2)
    assert page_at(body, 0) == 2
    assert pages_of(body, 0, 2) == (2,)
    assert page_at(assemble([]), 0) == 1


def halves(*between: tuple[int, str]) -> list[Page]:
    """Set a sentence over two pages with blocks of the given pages and kinds between."""
    blocks: dict[int, list[Block]] = {1: [], 2: []}
    blocks[1].append(Block("paragraph", "数据的所有者应", None, continues=True))
    for page, kind in between:
        table = Table((("甲", "乙"),)) if kind == "table" else None
        blocks[page].append(Block(kind, f"{page}{kind}", None, table=table))  # type: ignore[arg-type]
    blocks[2].append(Block("paragraph", "当备案。", None))
    return [Page(number, 0, 0, tuple(found)) for number, found in blocks.items()]


def test_a_paragraph_is_whole_though_notes_and_tables_stand_between() -> None:
    body = assemble(halves((1, "footnote"), (2, "table"), (2, "caption")))
    assert body.text == "1footnote\n数据的所有者应当备案。\n2table\n2caption"
    assert body.page_starts == (0, body.text.index("当备案"))


def test_a_heading_between_ends_the_paragraph() -> None:
    body = assemble(halves((1, "footnote"), (2, "heading")))
    assert body.text == "数据的所有者应\n1footnote\n2heading\n当备案。"


KINDS = st.sampled_from(["paragraph", "list", "footnote", "caption", "table", "heading", "header"])


@given(
    st.lists(
        st.lists(st.tuples(KINDS, TEXTS.filter(str.strip), st.booleans()), max_size=6),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_runs_on_every_line_keeps_its_characters_and_its_page(
    drawn: list[list[tuple[BlockKind, str, bool]]],
) -> None:
    pages = []
    for number, specs in enumerate(drawn, 1):
        blocks = [
            replace(printed(text, number, 50 + 100 * i), kind=kind, continues=continues)
            for i, (kind, text, continues) in enumerate(specs)
        ]
        pages.append(Page(number, 595, 842, tuple(blocks)))
    body = assemble(pages)
    assert list(body.page_starts) == sorted(body.page_starts)
    wanted = sorted(
        (astuple(line.box), block.text[line.start : line.end])
        for page in pages for block in page.blocks if block.is_body
        for line in block.lines if line.box
    )  # fmt: skip
    assert (
        sorted((astuple(n.box), body.text[n.start : n.end]) for n in body.lines if n.box) == wanted
    )
    for line in body.lines:
        assert line.box is not None
        assert page_at(body, line.start) == line.box.page
    for page, start, end in zip(
        pages, body.page_starts, (*body.page_starts[1:], len(body.text)), strict=True
    ):
        assert sorted("".join(page.text.split())) == sorted("".join(body.text[start:end].split()))
    assert "\n".join(p.text for p in paragraphs(pages)) == body.text


def test_part_of_a_line_is_boxed_by_the_widths_of_its_characters() -> None:
    line = Line(0, 6, Box(1, 0, 0, 90, 10))
    body = assemble([Page(1, 100, 100, (Block("paragraph", "政策ab条款", None, (line,)),))])
    assert boxes(body, 0, 2) == (Box(1, 0, 0, 36, 10),)
    assert boxes(body, 2, 4) == (Box(1, 36, 0, 54, 10),)


def test_stops_hold_over_widths() -> None:
    line = Line(0, 4, Box(1, 0, 0, 100, 10), ((2, 80.0),))
    body = assemble([Page(1, 100, 100, (Block("paragraph", "目　录页", None, (line,)),))])
    assert boxes(body, 0, 2) == (Box(1, 0, 0, 80, 10),)
    assert boxes(body, 3, 4) == (Box(1, 90, 0, 100, 10),)


@given(documents(), st.data())
def test_boxes_lie_within_the_lines_they_mark(pages: tuple[Page, ...], data: st.DataObject) -> None:
    body = assemble(pages)
    start = data.draw(st.integers(0, len(body.text)))
    end = data.draw(st.integers(start, len(body.text)))
    marked = boxes(body, start, end)
    touched = [line for line in body.lines if line.start < end and line.end > start]
    touched = [
        line for line in touched if body.text[max(start, line.start) : min(end, line.end)].strip()
    ]
    assert len(marked) == len(touched)
    for box, line in zip(marked, touched, strict=True):
        assert line.box is not None
        assert box.page == line.box.page == page_at(body, max(start, line.start))
        assert line.box.x0 <= box.x0 <= box.x1 <= line.box.x1
        assert (box.y0, box.y1) == (line.box.y0, line.box.y1)


@given(documents())
def test_whole_lines_are_boxed_exactly(pages: tuple[Page, ...]) -> None:
    body = assemble(pages)
    visible = [line.box for line in body.lines if body.text[line.start : line.end].strip()]
    assert list(boxes(body, 0, len(body.text))) == visible


@given(documents())
def test_paragraphs_are_the_lines_of_the_text(pages: tuple[Page, ...]) -> None:
    body = assemble(pages)
    cut = paragraphs(pages)
    assert "\n".join(paragraph.text for paragraph in cut) == body.text
    assert all(body.text[p.start : p.end] == p.text for p in cut)


def test_a_table_is_one_paragraph() -> None:
    table = Block(
        "table", "产品\t份额\n原油\t1.5", None, table=Table((("产品", "份额"), ("原油", "1.5")))
    )
    cut = paragraphs([Page(1, 0, 0, (table, Block("paragraph", "下文", None)))])
    assert [p.text for p in cut] == ["产品\t份额\n原油\t1.5", "下文"]


@given(documents(), st.data())
def test_any_stretch_of_text_is_found_again(pages: tuple[Page, ...], data: st.DataObject) -> None:
    body = assemble(pages)
    start = data.draw(st.integers(0, len(body.text)))
    end = data.draw(st.integers(start, len(body.text)))
    quote = body.text[start:end]
    found = find(body, quote)
    if not quote.strip():
        assert found is None
    else:
        assert found is not None
        assert "".join(body.text[slice(*found)].split()) == "".join(quote.split())


def test_a_quote_is_found_across_breaks_and_widths() -> None:
    text = "2023 年，外贸“新\n三样”出口１.06万亿元（同比）。"
    assert find(text, "2023年,外贸") == (0, 9)
    span = find(text, "新三样”出口1.06万亿元(同比)")
    assert span is not None
    assert text[slice(*span)] == "新\n三样”出口１.06万亿元（同比）"
    assert find(text, "没有这句") is None
    assert find(text, "2023", start=1) is None
    assert find("⑴项和1)项", "1)") == (3, 5)
