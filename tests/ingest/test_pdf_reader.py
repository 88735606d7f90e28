"""Reading whole PDFs: every page here is set by the test itself with PyMuPDF."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.body import assemble, paragraphs
from ingest.errors import EncryptedFile, LimitExceeded, UnreadableFile
from ingest.model import Block, Page
from ingest.pdf import read_pdf

FILLER = (
    "为了规范数据处理活动保障数据安全促进数据开发利用保护个人和组织的合法权益维护国家主权"
    "安全和发展利益根据宪法和有关法律制定本办法并由主管部门负责解释和监督实施各级人民政府"
    "应当将相关工作纳入国民经济和社会发展规划加强组织领导完善政策措施统筹协调解决重大问题"
)

SECRET = "秘密1"  # noqa: S105


def read(document: pymupdf.Document, **options: object) -> list[Page]:
    """Read a document the test has made."""
    pages, _ = read_pdf(document.tobytes(), name="made.pdf", **options)  # type: ignore[arg-type]
    return pages


def write(page: pymupdf.Page, x: float, y: float, text: str, size: float = 10.5) -> None:
    """Set one line of Chinese with its baseline at y."""
    page.insert_text((x, y), text, fontname="china-s", fontsize=size)


def column(
    page: pymupdf.Page, x: float, y: float, lines: Iterable[str], size: float = 10.5
) -> float:
    """Set lines one under another; return the next baseline."""
    for line in lines:
        write(page, x, y, line, size)
        y += 1.6 * size
    return y


def cut(text: str, width: int) -> list[str]:
    """Cut text into lines of `width` characters, the first indented by two."""
    lines = ["\u3000\u3000" + text[: width - 2]]
    return lines + [text[i : i + width] for i in range(width - 2, len(text), width)]


def of_kind(page: Page, kind: str) -> list[str]:
    """Return the texts of a page's blocks of one kind."""
    return [block.text for block in page.blocks if block.kind == kind]


def test_a_paragraph_is_joined_without_spaces() -> None:
    document = pymupdf.open()
    page = document.new_page()
    text = FILLER[:80] + "。"
    column(page, 72, 100, cut(text, 30))
    assert read(document)[0].text == text


def test_latin_words_keep_their_spaces_across_lines() -> None:
    document = pymupdf.open()
    page = document.new_page()
    lines = (
        "The committee reviewed the annual report of the agency and",
        "found that the infor-",
        "mation was complete in every respect that mattered to the",
        "members.",
    )
    for i, line in enumerate(lines):
        page.insert_text((72, 100 + 17 * i), line, fontsize=11)
    text = read(document)[0].text
    assert "agency and found that the information was complete" in text
    assert text.endswith("to the members.")


def test_an_indent_and_a_short_line_begin_a_new_paragraph() -> None:
    document = pymupdf.open()
    page = document.new_page()
    first, second = FILLER[:50] + "。", FILLER[50:110] + "。"
    y = column(page, 72, 100, cut(first, 30))
    column(page, 72, y, cut(second, 30))
    assert read(document)[0].text.split("\n") == [first, second]


def test_an_article_begins_a_paragraph_but_a_reference_to_one_does_not() -> None:
    document = pymupdf.open()
    page = document.new_page()
    lines = [
        "第一条\u3000" + FILLER[:26],
        FILLER[26:52] + "依照本法",
        "第三十条规定的程序办理" + FILLER[52:60] + "。",
        "第二条\u3000" + FILLER[60:80] + "。",
    ]
    column(page, 72, 100, lines)
    paragraphs = read(document)[0].text.split("\n")
    assert len(paragraphs) == 2
    assert "依照本法第三十条规定的程序" in paragraphs[0]
    assert paragraphs[1].startswith("第二条")


def two_columns(page: pymupdf.Page, left: list[str], right: list[str], y: float = 160) -> None:
    column(page, 60, y, left)
    column(page, 310, y, right)


def test_two_columns_are_read_one_after_the_other_whatever_the_stream_says() -> None:
    document = pymupdf.open()
    page = document.new_page()
    left, right = FILLER[:58], FILLER[58:]
    rights = [right[i : i + 20] for i in range(0, 60, 20)]
    for i, (a, b) in enumerate(zip(cut(left, 20), rights, strict=True)):
        write(page, 310, 160 + 17 * i, b)
        write(page, 60, 160 + 17 * i, a)
    first, second = read(document)[0].blocks
    assert first.continues
    assert first.text + second.text == FILLER[:118]


def test_a_title_that_comes_last_in_the_stream_comes_first() -> None:
    document = pymupdf.open()
    page = document.new_page()
    two_columns(page, cut(FILLER[:76], 20), cut(FILLER[40:116], 20))
    write(page, 120, 100, "数据安全治理的若干问题与对策研究", 20)
    first = read(document)[0].blocks[0]
    assert (first.kind, first.text) == ("title", "数据安全治理的若干问题与对策研究")


def test_three_columns_under_a_title_of_two_lines() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 70, 90, "新时代数据要素市场化配置改革的理论逻", 22)
    write(page, 224, 120, "辑与路径", 22)
    texts = [FILLER[:90], FILLER[20:110], FILLER[30:120]]
    for i, text in enumerate(texts):
        column(page, 60 + 165 * i, 160 + 3 * i, cut(text, 14))
    blocks = read(document)[0].blocks
    assert blocks[0].text == "新时代数据要素市场化配置改革的理论逻辑与路径"
    assert [block.text for block in blocks[1:]] == texts


def test_a_spanning_heading_parts_the_columns() -> None:
    document = pymupdf.open()
    page = document.new_page()
    two_columns(page, cut(FILLER[:60], 20), cut(FILLER[60:116], 20), 100)
    write(page, 60, 200, "二、进一步完善数据安全治理体系的对策建议与保障措施研究展望与讨论", 14)
    two_columns(page, cut(FILLER[10:70], 20), cut(FILLER[70:120], 20), 240)
    text = read(document)[0].text
    places = [text.index(s) for s in (FILLER[40:58], FILLER[100:115], "二、进一步")]
    assert places == sorted(places)
    assert text.rindex(FILLER[100:115]) > places[2]


def with_furniture(pages: int = 6) -> pymupdf.Document:
    document = pymupdf.open()
    for number in range(1, pages + 1):
        page = document.new_page()
        odd = number % 2
        write(page, 72 if odd else 380, 40, "国际贸易研究" if odd else "2024年第2期", 8)
        column(page, 72, 100, cut(FILLER[number * 3 :], 30))
        write(page, 280, 810, f"— {number} —", 9)
    return document


def test_headers_of_odd_and_even_pages_and_page_numbers_are_not_body() -> None:
    for number, page in enumerate(read(with_furniture()), 1):
        assert of_kind(page, "header") == ["国际贸易研究" if number % 2 else "2024年第2期"]
        assert len(of_kind(page, "page_number")) == 1
        assert "国际贸易" not in page.text
        assert "—" not in page.text


@pytest.mark.parametrize(
    "form", ["第{n}页 共9页", "{n} / 9", "Page {n}", "- {n} -", "·{n}·", "{n}"]
)
def test_page_numbers_in_many_forms(form: str) -> None:
    document = pymupdf.open()
    for number in range(1, 5):
        page = document.new_page()
        column(page, 72, 100, cut(FILLER, 30))
        write(page, 270, 800, form.format(n=number), 9)
    for page in read(document):
        assert len(of_kind(page, "page_number")) == 1


def test_body_that_repeats_in_the_middle_of_pages_stays() -> None:
    document = pymupdf.open()
    for _ in range(4):
        page = document.new_page()
        column(page, 72, 100, cut(FILLER, 30))
        write(page, 72, 400, "本条款由各地区贯彻执行。")
    assert all("本条款由各地区贯彻执行" in page.text for page in read(document))


def test_footnotes_follow_the_columns_and_captions_are_told() -> None:
    document = pymupdf.open()
    page = document.new_page()
    two_columns(page, cut(FILLER[:100], 20), cut(FILLER[10:110], 20))
    write(page, 60, 700, "① 数据来源于国家统计局公报，作者整理。", 8)
    write(page, 230, 600, "图1\u3000数据安全治理框架", 9)
    pages = read(document)
    assert pages[0].blocks[-1].kind == "footnote"
    assert of_kind(pages[0], "caption") == ["图1 数据安全治理框架"]


def test_a_sentence_runs_on_to_the_next_page() -> None:
    document = pymupdf.open()
    text = FILLER + "。"
    column(document.new_page(), 72, 700, cut(text, 30)[:3])
    column(document.new_page(), 72, 100, cut(text, 30)[3:])
    first, second = read(document)
    assert first.blocks[-1].continues
    assert first.blocks[-1].text + second.blocks[0].text == text


def test_a_finished_paragraph_does_not_run_on() -> None:
    document = pymupdf.open()
    column(document.new_page(), 72, 700, cut(FILLER[:50] + "。", 30))
    column(document.new_page(), 72, 100, cut(FILLER[50:] + "。", 30))
    assert not any(block.continues for page in read(document) for block in page.blocks)


def ruled(page: pymupdf.Page, rows: list[list[str]], top: float = 200) -> None:
    for r in range(len(rows) + 1):
        page.draw_line((72, top + 24 * r), (72 + 130 * len(rows[0]), top + 24 * r))
    for c in range(len(rows[0]) + 1):
        page.draw_line((72 + 130 * c, top), (72 + 130 * c, top + 24 * len(rows)))
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            write(page, 78 + 130 * c, top + 16 + 24 * r, cell, 9)


ROWS = [
    ["产品", "份额（%）", "同比增速（%）"],
    ["精炼油", "10.2", "30.1"],
    ["原油", "1.5", "-45.7"],
]


def test_a_ruled_table_keeps_its_rows_and_cells() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 72, 100, cut(FILLER[:60] + "。", 30))
    ruled(page, ROWS)
    column(page, 72, 320, cut(FILLER[60:] + "。", 30))
    blocks = read(document)[0].blocks
    assert [block.kind for block in blocks] == ["paragraph", "table", "paragraph"]
    table = blocks[1].table
    assert table is not None
    assert [list(row) for row in table.rows] == ROWS
    assert blocks[1].text == "\n".join("\t".join(row) for row in ROWS)


def test_a_three_line_table_without_upright_rules() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 72, 100, cut(FILLER[:60] + "。", 30))
    for y in (200, 224, 290):
        page.draw_line((72, y), (480, y))
    for r, row in enumerate(ROWS):
        for c, cell in enumerate(row):
            write(page, 78 + 150 * c, 216 + 26 * r, cell, 9)
    tables = [block.table for block in read(document)[0].blocks if block.table]
    assert len(tables) == 1
    assert [list(row) for row in tables[0].rows] == ROWS


def test_figure_labels_are_kept_out_of_the_text() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 72, 100, cut(FILLER[:60] + "。", 30))
    for i, label in enumerate(("买方", "卖方", "银行网络")):
        box = pymupdf.Rect(100 + 120 * i, 200, 190 + 120 * i, 260)
        page.draw_rect(box, fill=(0.8, 0.9, 1))
        page.draw_oval(pymupdf.Rect(box.x0 + 10, box.y0 + 10, box.x1 - 10, box.y1 - 10))
        write(page, box.x0 + 20, 232, label, 8)
    write(page, 200, 290, "图1 交易过程", 9)
    column(page, 72, 330, cut(FILLER[60:] + "。", 30))
    result = read(document)[0]
    assert "买方" not in result.text
    assert any("买方" in text for text in of_kind(result, "figure_text"))
    assert of_kind(result, "caption") == ["图1 交易过程"]


def test_contents_are_told_from_headings() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 260, 100, "目录", 16)
    for i, name in enumerate(("第一章 总则", "第二章 监督管理", "第三章 法律责任")):
        write(page, 72, 140 + 20 * i, name + "." * 25 + str(i + 1))
    page = document.new_page()
    write(page, 240, 100, "第一章 总则", 14)
    column(page, 72, 140, cut(FILLER + "。", 30))
    first, second = read(document)
    assert len(of_kind(first, "toc")) == 3
    assert (second.blocks[0].kind, second.blocks[0].text) == ("title", "第一章 总则")


def test_headings_have_levels_from_their_numbering() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 100, "一、总体要求", 14)
    y = column(page, 72, 130, cut(FILLER[:60] + "。", 30))
    write(page, 72, y + 10, "（一）基本原则", 12)
    column(page, 72, y + 40, cut(FILLER[60:] + "。", 30))
    headings = [b for b in read(document)[0].blocks if b.kind in ("heading", "title")]
    assert [h.text for h in headings] == ["一、总体要求", "（一）基本原则"]
    assert headings[1].level == 3


def test_turned_pages_are_read_and_their_boxes_lie_on_the_page() -> None:
    document = pymupdf.open()
    page = document.new_page(width=595, height=842)
    for i, line in enumerate(cut(FILLER + "。", 30)):
        page.insert_text((120 + 18 * i, 700), line, fontname="china-s", fontsize=10.5, rotate=90)
    result = read(document)[0]
    assert result.text == FILLER + "。"
    for block in result.blocks:
        for line in block.lines:
            assert line.box is not None
            assert line.box.y1 - line.box.y0 > line.box.x1 - line.box.x0


def boxes_cover(block: Block, page: Page) -> None:
    at = 0
    for line in block.lines:
        assert line.start == at
        at = line.end
        assert line.box is not None
        assert line.box.page == page.number
        offsets = [offset for offset, _ in line.stops]
        places = [x for _, x in line.stops]
        assert offsets == sorted(set(offsets))
        assert (offsets[0], offsets[-1]) == (line.start, line.end)
        assert places == sorted(places)
        assert line.box.x0 - 1 <= places[0]
        assert places[-1] <= line.box.x1 + 1
    assert at == len(block.text)


def test_lines_tile_every_block_and_stops_lie_in_their_boxes() -> None:
    document = with_furniture()
    page = document.new_page()
    ruled(page, [*ROWS, ["", "", "12"]])
    write(page, 72, 400, "2023 年出口额达 1 773 204 万元，增长 24. 3%。")
    for result in read(document):
        for block in result.blocks:
            boxes_cover(block, result)


def test_broken_numbers_are_made_whole() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 100, "出口额达1 773 204万元，增长24. 3%，钢材3636. 9万吨。")
    assert read(document)[0].text == "出口额达1773204万元，增长24.3%，钢材3636.9万吨。"


def test_text_printed_twice_to_look_bold_is_read_once() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 100, "关于加强数据安全的意见", 14)
    write(page, 72.3, 100, "关于加强数据安全的意见", 14)
    column(page, 72, 140, cut(FILLER, 30))
    assert read(document)[0].text.count("关于加强数据安全的意见") == 1


def test_an_empty_page_is_kept_without_a_warning() -> None:
    document = pymupdf.open()
    document.new_page()
    column(document.new_page(), 72, 100, cut(FILLER, 30))
    pages, warnings = read_pdf(document.tobytes(), name="made.pdf")
    assert [bool(page.blocks) for page in pages] == [False, True]
    assert warnings == []


def test_a_page_that_is_a_picture_is_named_in_a_warning() -> None:
    document = pymupdf.open()
    column(document.new_page(), 72, 100, cut(FILLER, 30))
    page = document.new_page()
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 200, 280))
    pixmap.clear_with(200)
    page.insert_image(page.rect, pixmap=pixmap)
    pages, warnings = read_pdf(document.tobytes(), name="scan.pdf")
    assert pages[1].blocks == ()
    assert len(warnings) == 1
    assert warnings[0].startswith("page 2: no usable text; ")
    assert "--ocr" in warnings[0]


def locked() -> bytes:
    document = pymupdf.open()
    column(document.new_page(), 72, 100, cut(FILLER, 30))
    return bytes(
        document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=SECRET, owner_pw="owner")
    )


def test_an_encrypted_file_asks_for_its_password() -> None:
    with pytest.raises(EncryptedFile, match="--password"):
        read_pdf(locked(), name="locked.pdf")
    with pytest.raises(EncryptedFile, match="wrong"):
        read_pdf(locked(), name="locked.pdf", password=SECRET[::-1])
    pages, _ = read_pdf(locked(), name="locked.pdf", password=SECRET)
    assert pages[0].text == FILLER


@pytest.mark.parametrize("data", [b"", b"no pdf at all", b"%PDF-1.7\n%%EOF"])
def test_a_damaged_file_is_an_error_with_its_name(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"bad\.pdf"):
        read_pdf(data, name="bad.pdf")


def test_a_truncated_file_gives_what_can_be_read() -> None:
    data = with_furniture().tobytes()
    try:
        pages, _ = read_pdf(data[: len(data) * 2 // 3], name="cut.pdf")
    except UnreadableFile as error:
        assert "cut.pdf" in str(error)
    else:
        assert pages


def test_too_many_pages_is_an_error_that_says_so() -> None:
    with pytest.raises(LimitExceeded, match="6 pages"):
        read_pdf(with_furniture().tobytes(), name="long.pdf", max_pages=5)


def test_a_path_reads_as_bytes_do_and_progress_is_told(tmp_path: Path) -> None:
    file = tmp_path / "made.pdf"
    file.write_bytes(with_furniture().tobytes())
    seen: list[tuple[int, int]] = []
    pages, _ = read_pdf(file, name="made.pdf", on_page=lambda n, of: seen.append((n, of)))
    assert seen == [(n, 6) for n in range(7)]
    assert [page.text for page in pages] == [page.text for page in read(with_furniture())]


def test_a_box_of_text_keeps_together_beside_a_column() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 60, 100, cut(FILLER[:100], 25))
    page.draw_rect((350, 80, 530, 240), fill=(0.9, 0.9, 0.9))
    column(page, 360, 100, [FILLER[20:36], FILLER[36:52], FILLER[52:60] + "。"])
    texts = [block.text for block in read(document)[0].blocks]
    assert texts == [FILLER[:100], FILLER[20:60] + "。"]


def test_a_header_rule_that_touches_a_table_is_no_part_of_it() -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.draw_line((50, 100), (545, 100))
    column(page, 60, 130, [FILLER[i : i + 20] for i in range(0, 120, 20)])
    for r in range(3):
        for c in range(3):
            page.draw_rect((320 + 70 * c, 100 + 24 * r, 390 + 70 * c, 124 + 24 * r))
            write(page, 324 + 70 * c, 116 + 24 * r, f"第{r}{c}", 9)
    blocks = read(document)[0].blocks
    assert {block.kind for block in blocks} == {"paragraph", "table"}
    assert blocks[0].text == FILLER[:120]


def test_a_table_goes_on_over_the_page() -> None:
    document = pymupdf.open()
    ruled(document.new_page(), ROWS, 700)
    ruled(document.new_page(), [["煤炭", "7.0", "12.5"], ["钢材", "3.3", "0.8"]], 80)
    first, second = (page.blocks[0] for page in read(document))
    assert first.continues
    assert second.table is not None
    assert second.table.header_rows == 0


@pytest.mark.parametrize("caption", ["续表 2", "表 2（续） 进出口商品", "续表2 进出口商品"])
def test_a_table_goes_on_under_a_caption_that_says_so(caption: str) -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 690, "表 2 进出口商品", 9)
    ruled(page, ROWS, 700)
    page = document.new_page()
    write(page, 220, 80, caption, 9)
    write(page, 400, 98, "单位：亿元", 9)
    ruled(page, [["煤炭", "7.0", "12.5"], ["钢材", "3.3", "0.8"]], 110)
    pages = read(document)
    first, second = (next(b for b in page.blocks if b.table) for page in pages)
    assert first.continues
    assert second.table is not None
    assert second.table.header_rows == 0
    tables = [p.table for p in paragraphs(pages) if p.table]
    assert tables[1].headings == (tuple(ROWS[0]),)


def test_another_caption_parts_two_tables_of_the_same_columns() -> None:
    document = pymupdf.open()
    ruled(document.new_page(), ROWS, 700)
    page = document.new_page()
    write(page, 220, 80, "表 3 主要产品产量", 9)
    ruled(page, ROWS, 110)
    assert not any(block.continues for page in read(document) for block in page.blocks)


def test_text_of_annotations_and_forms_is_read_where_it_stands() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 100, "填表说明见下。")
    page.add_freetext_annot((72, 120, 400, 140), "Comment added later", fontsize=11)
    widget = pymupdf.Widget()
    widget.rect = pymupdf.Rect(72, 160, 400, 180)
    widget.field_type = pymupdf.PDF_WIDGET_TYPE_TEXT
    widget.field_name, widget.field_value = "name", "Filled in value"
    page.add_widget(widget)
    write(page, 72, 220, "填表人签字。")
    text = "".join(read(document)[0].text.split())
    assert text == "填表说明见下。CommentaddedlaterFilledinvalue填表人签字。"


def test_references_are_an_entry_each() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 72, 100, cut(FILLER + "。", 30))
    entries = [f"[{n}]张三.数据治理研究[J].管理世界，202{n}（{n}）：1-9" for n in range(1, 5)]
    column(page, 72, 300, entries, 9)
    assert read(document)[0].text.split("\n")[1:] == entries


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(alphabet=FILLER + "，。（）0123456789 ab-", max_size=60), max_size=12),
    st.sampled_from([9.0, 10.5, 14.0]),
)
def test_nothing_printed_is_lost(lines: list[str], size: float) -> None:
    document = pymupdf.open()
    column(document.new_page(width=1200), 72, 100, [line for line in lines if line.strip()], size)
    page = read(document)[0]
    printed = "".join("".join(lines).split())
    found = "".join("".join(block.text for block in page.blocks).split())
    assert sorted(found) == sorted(printed)
    for block in page.blocks:
        boxes_cover(block, page)


def test_a_drop_cap_begins_its_paragraph() -> None:
    document = pymupdf.open()
    page = document.new_page()
    text = FILLER[:110] + "。"
    write(page, 72, 124, text[0], 30)
    column(page, 106, 105, [text[1:28], text[28:55]])
    column(page, 72, 138.6, [text[55:85], text[85:]])
    assert read(document)[0].text == text


def test_headings_of_two_levels_that_fill_their_lines_are_parted() -> None:
    document = pymupdf.open()
    page = document.new_page()
    write(page, 72, 100, "一、2 0 2 3年全球贸易的空间格局", 12)
    write(page, 72, 120, "（一）国际供应链空间重构的特征", 12)
    column(page, 72, 150, cut(FILLER[:60] + "。", 17), 12)
    texts = [block.text for block in read(document)[0].blocks]
    assert texts[:2] == ["一、2023年全球贸易的空间格局", "（一）国际供应链空间重构的特征"]


def test_a_paragraph_runs_on_past_the_footnote_and_the_table_between() -> None:
    document = pymupdf.open()
    text = FILLER + "。"
    page = document.new_page()
    column(page, 72, 640, cut(text, 30)[:3])
    column(page, 72, 740, ["① 数据来源于国家统计局公报", "作者自行整理并计算。"], 8)
    page = document.new_page()
    ruled(page, ROWS, 80)
    column(page, 72, 200, cut(text, 30)[3:])
    pages = read(document)
    assert [block.kind for block in pages[0].blocks] == ["paragraph", "footnote", "footnote"]
    body = assemble(pages)
    assert text in body.text
    assert body.text.index("国家统计局") < body.text.index(text[:10])
    assert body.text.index("精炼油") > body.text.index(text[-10:])


def test_a_sentence_that_announces_the_table_below_it_ends_there() -> None:
    document = pymupdf.open()
    page = document.new_page()
    lines = cut(FILLER[:87] + "如下：", 30)
    column(page, 72, 100, lines)
    ruled(page, ROWS)
    column(page, 72, 320, [FILLER[:30], FILLER[30:50] + "。"])
    write(page, 345, 366, "单位：元")
    ruled(page, ROWS, 380)
    column(page, 72, 490, [FILLER[:30], FILLER[30:50] + "。"])
    assert not any(block.continues for block in read(document)[0].blocks)


@pytest.mark.parametrize("beside", [False, True])
def test_rows_of_figures_that_align_are_a_table_without_any_rules(beside: bool) -> None:
    document = pymupdf.open()
    page = document.new_page()
    y = column(page, 60, 100, cut(FILLER[:60] + "。", 22))
    for r, row in enumerate([*ROWS, ["煤炭", "7.0", "12.5"]]):
        for c, cell in enumerate(row):
            write(page, 62 + 80 * c, y + 10 + 16 * r, cell, 9)
    column(page, 60, y + 90, cut(FILLER[60:] + "。", 22))
    if beside:
        column(page, 320, 100, [FILLER[i : i + 20] for i in range(0, 120, 20)] * 2)
    blocks = read(document)[0].blocks
    kinds = [block.kind for block in blocks]
    assert kinds[:3] == ["paragraph", "table", "paragraph"]
    assert blocks[1].text.split("\n")[1] == "精炼油\t10.2\t30.1"
    boxes_cover(blocks[1], read(document)[0])


def test_entries_with_page_numbers_and_labelled_values_are_no_tables() -> None:
    document = pymupdf.open()
    page = document.new_page()
    rows = [("第一部分 总则", "1"), ("第二部分 监督", "12"), ("第三部分 责任", "34")]
    rows += [("联系人：", "张三"), ("电话：", "12345678"), ("地址：", "北京市某某路")]
    for r, row in enumerate(rows):
        write(page, 72, 100 + 18 * r, row[0])
        write(page, 300, 100 + 18 * r, row[1])
    assert not any(block.table for block in read(document)[0].blocks)


def test_a_caption_in_a_row_of_its_own_parts_two_tables() -> None:
    document = pymupdf.open()
    page = document.new_page()
    ruled(page, ROWS, 100)
    ruled(page, ROWS, 196)
    for x in (72, 462):
        page.draw_line((x, 172), (x, 196))
    write(page, 220, 188, "表2 分产品的进口额", 9)
    blocks = read(document)[0].blocks
    assert [block.kind for block in blocks] == ["table", "caption", "table"]
    assert [len(block.table.rows) for block in blocks if block.table] == [3, 3]


def test_a_bare_number_begins_a_paragraph_after_a_full_line() -> None:
    document = pymupdf.open()
    page = document.new_page()
    column(page, 72, 100, [FILLER[:29] + "。", "2.28", FILLER[30:60], FILLER[60:70] + "。"])
    texts = [block.text for block in read(document)[0].blocks]
    assert texts[:2] == [FILLER[:29] + "。", "2.28"]


def test_labels_that_are_all_of_a_page_are_its_text() -> None:
    document = pymupdf.open()
    page = document.new_page()
    for i in range(6):
        page.draw_oval(pymupdf.Rect(100 + 60 * i, 200, 150 + 60 * i, 260), fill=(0.8, 0.9, 1))
        write(page, 105 + 60 * i, 232, f"部门{i}", 8)
    text = read(document)[0].text
    assert all(f"部门{i}" in text for i in range(6))


def test_a_small_picture_on_an_empty_page_is_not_passed_over() -> None:
    document = pymupdf.open()
    page = document.new_page()
    pixmap = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 200, 100))
    pixmap.clear_with(120)
    page.insert_image(pymupdf.Rect(100, 100, 400, 250), pixmap=pixmap)
    _, warnings = read_pdf(document.tobytes(), name="made.pdf")
    assert warnings[0].startswith("page 1: no usable text; ")
