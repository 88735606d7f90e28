"""Word documents: styles, automatic numbers, tables, notes; and files made to do harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from ingest.errors import EncryptedFile, LimitExceeded, UnreadableFile
from ingest.formats.numbers import chinese, counter_text
from ingest.formats.word import read_word
from ingest.model import Block

W = nsdecls("w")


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read(document: Any) -> list[Block]:
    return list(read_word(saved(document))[0][0].blocks)


def repacked(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()


def numbered(document: Any, levels: str, abstract: int = 90, number: int = 90) -> None:
    """Add a list definition to a document's numbering part."""
    part = document.part.numbering_part.element
    part.insert(
        0,
        parse_xml(f'<w:abstractNum {W} w:abstractNumId="{abstract}">{levels}</w:abstractNum>'),
    )
    instance(document, abstract, number)


def instance(document: Any, abstract: int, number: int, inside: str = "") -> None:
    document.part.numbering_part.element.append(
        parse_xml(
            f'<w:num {W} w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>{inside}</w:num>'
        )
    )


def level(depth: int, style: str, text: str, extra: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def item(document: Any, text: str, depth: int = 0, number: int = 90) -> None:
    paragraph = document.add_paragraph(text)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {W}><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')
    )


OFFICIAL = (
    level(0, "chineseCountingThousand", "%1、")
    + level(1, "chineseCounting", "（%2）")
    + level(2, "decimal", "%3.")
    + level(3, "decimal", "%1.%4", "<w:isLgl/>")
)


def test_automatic_numbers_are_written_out() -> None:
    document = docx.Document()
    numbered(document, OFFICIAL)
    for text, depth in [
        ("总体要求", 0),
        ("鼓励研发。支持企业。", 1),
        ("优化信贷。加强支持。", 1),
        ("具体措施", 2),
        ("金融支持", 0),
        ("重新开始。从一数起。", 1),
        ("编号", 3),
    ]:
        item(document, text, depth)
    assert [block.text for block in read(document)] == [
        "一、总体要求",
        "（一）鼓励研发。支持企业。",
        "（二）优化信贷。加强支持。",
        "1. 具体措施",
        "二、金融支持",
        "（一）重新开始。从一数起。",
        "2.1 编号",
    ]


def test_articles_count_on_across_chapters_when_told_to() -> None:
    document = docx.Document()
    numbered(
        document,
        level(0, "chineseCounting", "第%1章")
        + level(1, "chineseCounting", "第%2条", '<w:lvlRestart w:val="0"/>'),
    )
    for text, depth in [("总则", 0), ("甲。", 1), ("乙。", 1), ("分则", 0), ("丙。", 1)]:
        item(document, text, depth)
    assert [block.text for block in read(document)] == [
        "第一章 总则",
        "第一条 甲。",
        "第二条 乙。",
        "第二章 分则",
        "第三条 丙。",
    ]


def test_two_lists_of_one_definition_count_on_unless_restarted() -> None:
    document = docx.Document()
    numbered(document, level(0, "decimal", "%1、"))
    instance(document, 90, 91)
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    instance(document, 90, 92, restart)
    for number in (90, 91, 92, 92):
        item(document, "项。", number=number)
    assert [block.text for block in read(document)] == ["1、项。", "2、项。", "1、项。", "2、项。"]


def test_a_numbered_style_numbers_its_paragraphs() -> None:
    document = docx.Document()
    numbered(document, OFFICIAL)
    properties = document.styles["Heading 1"].element.get_or_add_pPr()
    properties.append(parse_xml(f'<w:numPr {W}><w:numId w:val="90"/></w:numPr>'))
    document.add_heading("总体要求", 1)
    document.add_heading("保障措施", 1)
    found = read(document)
    assert [(block.kind, block.level, block.text) for block in found] == [
        ("heading", 1, "一、总体要求"),
        ("heading", 1, "二、保障措施"),
    ]


@pytest.mark.parametrize(
    ("style", "number", "written"),
    [
        ("chineseCounting", 10, "十"),
        ("chineseCountingThousand", 21, "二十一"),
        ("chineseLegalSimplified", 12, "壹拾贰"),
        ("ideographTraditional", 3, "丙"),
        ("ideographDigital", 20, "二〇"),
        ("decimalEnclosedCircle", 21, "㉑"),
        ("decimalEnclosedParen", 2, "⑵"),
        ("decimalFullWidth", 12, "１２"),
        ("decimalZero", 7, "07"),
        ("upperRoman", 14, "XIV"),
        ("lowerLetter", 28, "bb"),
        ("somethingNew", 5, "5"),
        ("bullet", 5, ""),
    ],
)
def test_number_formats(style: str, number: int, written: str) -> None:
    assert counter_text(style, number) == written


def test_chinese_numerals_have_their_zeros() -> None:
    assert [chinese(n) for n in (11, 20, 101, 110, 1001, 1010, 9999)] == [
        "十一",
        "二十",
        "一百零一",
        "一百一十",
        "一千零一",
        "一千零一十",
        "九千九百九十九",
    ]


def test_styles_give_title_headings_and_lists() -> None:
    document = docx.Document()
    document.add_heading("关于测试的意见", 0)
    document.add_heading("第一部分", 1)
    document.add_heading("小节", 2)
    document.add_paragraph("正文一句。")
    document.add_paragraph("要点", style="List Bullet")
    document.add_paragraph("图1 测试", style="Caption")
    assert [(block.kind, block.level, block.text) for block in read(document)] == [
        ("title", None, "关于测试的意见"),
        ("heading", 1, "第一部分"),
        ("heading", 2, "小节"),
        ("paragraph", None, "正文一句。"),
        ("list", None, "要点"),
        ("caption", None, "图1 测试"),
    ]


def test_a_title_set_by_hand_is_found_below_the_red_head() -> None:
    document = docx.Document()
    for text, size in [
        ("某某部文件", 30),
        ("某发〔2023〕1号", 16),
        ("某某部关于印发", 22),
        ("测试办法的通知", 22),
    ]:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run(text).font.size = Pt(size)
    document.add_paragraph("各单位：")
    assert [(block.kind, block.text) for block in read(document)] == [
        ("paragraph", "某某部文件"),
        ("paragraph", "某发〔2023〕1号"),
        ("title", "某某部关于印发测试办法的通知"),
        ("paragraph", "各单位："),
    ]


def test_merged_cells_reach_where_they_reach_and_show_once() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    table.cell(0, 0).text = "年份"
    table.cell(0, 1).merge(table.cell(0, 2)).text = "进出口"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "2023"
    for row, column, text in [(1, 1, "1"), (1, 2, "2"), (2, 1, "3"), (2, 2, "4")]:
        table.cell(row, column).text = text
    block = read(document)[0]
    assert block.table is not None
    assert block.table.rows == (
        ("年份", "进出口", "进出口"),
        ("2023", "1", "2"),
        ("2023", "3", "4"),
    )
    assert block.text == "年份\t进出口\n2023\t1\t2\n3\t4"


def test_a_box_drawn_as_a_one_cell_table_is_text() -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "专栏内容。"
    assert [(block.kind, block.text) for block in read(document)] == [("paragraph", "专栏内容。")]


BODY = """<w:p><w:r><w:t>甲</w:t></w:r>
<w:ins w:id="1" w:author="a"><w:r><w:t>插入</w:t></w:r></w:ins>
<w:del w:id="2" w:author="a"><w:r><w:delText>删去</w:delText></w:r></w:del>
<w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>
<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>
<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>3</w:t></w:r>
<w:hyperlink><w:r><w:t>链接</w:t></w:r></w:hyperlink><w:r><w:noBreakHyphen/><w:t>乙</w:t></w:r>
<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>
<w:p><w:r><w:t>框中文字</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"""


def test_runs_give_what_a_reader_sees() -> None:
    document = docx.Document()
    body = document.element.body
    for element in reversed(parse_xml(f"<w:body {W}>{BODY}</w:body>")):
        body.insert(0, element)
    assert [block.text for block in read(document)] == ["甲插入3链接-乙", "框中文字"]


def test_notes_follow_the_text_and_pictures_are_counted() -> None:
    document = docx.Document()
    document.add_paragraph("正文。").add_run()._r.append(
        parse_xml(f'<w:footnoteReference {W} w:id="2"/>')
    )
    document.paragraphs[0].add_run()._r.append(parse_xml(f"<w:object {W}/>"))
    note = (
        f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>脚注文字。</w:t></w:r></w:p>'
        "</w:footnote></w:footnotes>"
    )

    def add(name: str, content: bytes) -> bytes:
        if name != "word/_rels/document.xml.rels":
            return content
        relation = b'<Relationship Id="rId99" Type="http://x/footnotes" Target="footnotes.xml"/>'
        return content.replace(b"</Relationships>", relation + b"</Relationships>")

    data = io.BytesIO(repacked(saved(document), add))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("word/footnotes.xml", note)
    pages, warnings = read_word(data.getvalue())
    assert [(block.kind, block.text) for block in pages[0].blocks] == [
        ("paragraph", "正文。"),
        ("footnote", "1 脚注文字。"),
    ]
    assert warnings == ["1 embedded objects were left out"]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = repacked(
        saved(docx.Document()),
        lambda name, old: b" " * (64 << 20) if name == "word/styles.xml" else old,
    )
    assert len(data) < 1 << 20
    with pytest.raises(LimitExceeded, match="bomb"):
        read_word(data)


def test_a_part_that_unpacks_to_more_than_it_says_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ingest.formats.package.MAX_PART", 1000)
    with pytest.raises(LimitExceeded, match="unpacks to more"):
        read_word(saved(docx.Document()))


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.formats.package.MAX_ENTRIES", 3)
    with pytest.raises(LimitExceeded, match="parts"):
        read_word(saved(docx.Document()))


def test_entities_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

    def declare(name: str, content: bytes) -> bytes:
        if name != "word/document.xml":
            return content
        return content.replace(b"?>", b"?>" + bomb, 1)

    with pytest.raises(UnreadableFile, match="document type"):
        read_word(repacked(saved(docx.Document()), declare))


def test_a_damaged_part_is_named() -> None:
    data = repacked(
        saved(docx.Document()),
        lambda name, old: old[:100] if name == "word/document.xml" else old,
    )
    with pytest.raises(UnreadableFile, match=r"word/document\.xml is damaged"):
        read_word(data)


def test_an_encrypted_zip_asks_for_a_password() -> None:
    data = bytearray(saved(docx.Document()))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    with pytest.raises(EncryptedFile, match="password"):
        read_word(bytes(data))
