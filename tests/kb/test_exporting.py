"""Files of what was found, opened again: contents, links, footnotes, sources."""

from __future__ import annotations

import csv
import io
import os
import stat
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from lxml import etree
from markdown_it import MarkdownIt

from kb import (
    Answer,
    Citation,
    ClauseInfo,
    ClauseList,
    DocumentInfo,
    Hit,
    InvalidInput,
    KnowledgeBase,
    MinistryMatch,
    NotFound,
    ResponsibleBody,
    SearchResult,
    StorageProblem,
)
from kb.exporting import MEDIA_TYPES, exported, kind_of, local_links, permalinks, write_file
from kb.exporting.workbook import LONGEST_LINK

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SERVER = "https://kb.example.org/base/"


@pytest.fixture
def document(tmp_path: Path) -> DocumentInfo:
    path = tmp_path / "冷链 意见#1.pdf"
    path.write_bytes(b"%PDF-")
    return DocumentInfo(
        document_id="00112233aabbccdd",
        path=str(path),
        name=path.name,
        title="关于促进冷链物流高质量发展的若干意见",
        document_number="交运发〔2024〕12号",
        issuers=("交通运输部",),
        issued_on=date(2024, 3, 5),
        document_type="意见",
        validity="in-force",
        pages=6,
        passages=9,
        characters=900,
        characters_indexed=900,
        warnings=(),
        added_at="2025-01-01T00:00:00Z",
    )


def clause(document: DocumentInfo, number: str, text: str, page: int) -> ClauseInfo:
    bodies = (
        ResponsibleBody("国家发展和改革委员会", "国家发展改革委", "lead", False),
        ResponsibleBody("交通运输部", "交通运输部", "participant", False),
        ResponsibleBody("各有关部门", "各有关部门", "participant", True),
    )
    return ClauseInfo(
        clause_id=f"c-{page}",
        document_id=document.document_id,
        title=document.title,
        number=number,
        heading_path=("二、重点任务",),
        text=text,
        page=page,
        boxes=(),
        responsibility=bodies,
    )


@pytest.fixture
def found(document: DocumentInfo) -> ClauseList:
    first = clause(
        document, "（一）", "（一）完善骨干网络。\n新增库容300万立方米。（国家发展改革委牵头）", 2
    )
    second = clause(document, "（二）", '=HYPERLINK("http://x")<b>&*推广*\x0b\ud800绿色装备', 3)
    ministry = MinistryMatch("国家发展和改革委员会", ("发改委",))
    return ClauseList(ministry, (first, second))


@pytest.fixture
def export(document: DocumentInfo) -> Callable[..., bytes]:
    def made(found: Any, kind: Any, link: Any = None) -> bytes:
        return exported(found, kind, lambda _: document, link or local_links())

    return made


Export = Callable[..., bytes]


def rows(sheet: Any) -> list[dict[str, Any]]:
    header, *others = sheet.iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in others]


def test_a_workbook_of_clauses(export: Export, found: ClauseList, document: DocumentInfo) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(found, "xlsx")))
    sheet, sources = book["条款"], book["来源"]
    first, second = rows(sheet)
    assert first["原文"] == found.clauses[0].text
    assert (first["编号"], first["章节"], first["页"]) == ("（一）", "二、重点任务", 2)
    assert (first["牵头"], first["参与"]) == ("国家发展和改革委员会", "交通运输部、（各有关部门）")
    assert first["出处"].endswith("交运发〔2024〕12号[Z]. 2024-03-05: 2, （一）.")
    assert second["原文"] == '=HYPERLINK("http://x")<b>&*推广*绿色装备'
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    cell = next(cell for cell in sheet[3] if cell.value == second["原文"])
    assert (cell.data_type, cell.quotePrefix, cell.alignment.wrap_text) == ("s", True, True)
    page = next(cell for cell in sheet[2] if cell.value == 2)
    assert page.hyperlink.target == Path(document.path).as_uri() + "#page=2"
    [source] = rows(sources)
    assert (source["效力"], source["成文日期"].date()) == ("现行有效", date(2024, 3, 5))


def test_a_workbook_has_no_formula_at_all(export: Export, found: ClauseList) -> None:
    with zipfile.ZipFile(io.BytesIO(export(found, "xlsx"))) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
    assert sheets
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def footnotes(data: bytes) -> tuple[list[str], list[str]]:
    """Return the text of each footnote, by number, and the addresses they open."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        root = etree.fromstring(parts.read("word/footnotes.xml"))
        relations = etree.fromstring(parts.read("word/_rels/footnotes.xml.rels"))
        types = parts.read("[Content_Types].xml").decode()
    assert "wordprocessingml.footnotes+xml" in types
    notes = [note for note in root if note.get(f"{W}type") is None]
    assert [note.get(f"{W}id") for note in notes] == [str(at + 1) for at in range(len(notes))]
    targets = {each.get("Id"): each.get("Target") for each in relations}
    links = [targets[link.get(f"{R}id")] for link in root.iter(f"{W}hyperlink")]
    return ["".join(note.itertext()).strip() for note in notes], links


def references(document: Any) -> list[str]:
    """Return the numbers of the footnotes that the body refers to."""
    return [each.get(f"{W}id") for each in document.element.body.iter(f"{W}footnoteReference")]


def test_a_word_document_of_clauses(
    export: Export, found: ClauseList, document: DocumentInfo
) -> None:
    data = export(found, "docx")
    word = docx.Document(io.BytesIO(data))
    paragraphs = [(each.style.style_id, each.text) for each in word.paragraphs]
    assert paragraphs[0] == ("Title", "国家发展和改革委员会相关条款")
    assert paragraphs[1] == ("PolicyNote", "又作：发改委；2 条，出自 1 份文件")
    assert paragraphs[2:7] == [
        ("Heading1", document.title),
        ("Heading2", "二、重点任务 › （一）"),
        ("PolicyQuote", "（一）完善骨干网络。"),
        ("PolicyQuote", "新增库容300万立方米。（国家发展改革委牵头）"),
        ("PolicyNote", "牵头：国家发展和改革委员会；参与：交通运输部、（各有关部门）"),
    ]
    notes, links = footnotes(data)
    assert references(word) == ["1", "2"]
    assert notes[0].endswith("[Z]. 2024-03-05: 2, （一）.")
    assert links[1] == Path(document.path).as_uri() + "#page=3"
    settings = word.settings.element.find(f"{W}footnotePr")
    assert [each.get(f"{W}id") for each in settings] == ["-1", "0"]
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert not any("thumbnail" in name for name in parts.namelist())
        assert b'w:eastAsia="zh-CN"' in parts.read("word/styles.xml")
    for style in ("FootnoteText", "FootnoteReference", "Hyperlink"):
        assert any(each.style_id == style for each in word.styles)


def answer(document: DocumentInfo) -> Answer:
    def citation(marker: int, quote: str) -> Citation:
        return Citation(
            marker,
            "p",
            document.document_id,
            document.title,
            marker + 1,
            quote,
            (),
            clause="（一）",
        )

    text = "由交通运输部负责[1]，见[9]\n\n- 新增库容300万立方米[2]"
    quotes = (citation(1, "（交通运输部牵头）"), citation(2, "新增库容300万立方米"))
    return Answer("谁负责冷链？", True, text, quotes)


def test_markers_of_an_answer_are_footnotes(export: Export, document: DocumentInfo) -> None:
    data = export(answer(document), "docx")
    word = docx.Document(io.BytesIO(data))
    texts = [each.text for each in word.paragraphs]
    assert texts[0] == "谁负责冷链？"
    assert texts[2:4] == ["由交通运输部负责，见[9]", "新增库容300万立方米"]
    assert "（交通运输部牵头）" in texts[4:]
    assert "新增库容300万立方米" not in texts[4:]
    assert references(word) == ["1", "2", "3"]
    notes, _ = footnotes(data)
    assert [note.partition("05: ")[2] for note in notes] == [
        "2, （一）.",
        "3, （一）.",
        "2, （一）.",
    ]


def test_markers_of_an_answer_in_markdown(export: Export, document: DocumentInfo) -> None:
    text = export(answer(document), "md").decode()
    assert r"由交通运输部负责[^1]，见\[9\]" in text
    assert "- 新增库容300万立方米[^2]" in text
    assert text.count("\n[^1]: ") == text.count("\n[^2]: ") == 1


def test_an_answer_in_a_workbook_stands_before_its_quotes(
    export: Export, document: DocumentInfo
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(export(answer(document), "xlsx")))
    assert book.sheetnames == ["答案", "引文", "来源"]
    assert book["答案"]["A3"].value == "由交通运输部负责[1]，见[9]"
    assert [row["序号"] for row in rows(book["引文"])] == [1, 2]


def test_a_refusal_gives_the_nearest_passages(export: Export, document: DocumentInfo) -> None:
    hit = Hit(1, 0.5, "p", document.document_id, document.title, 4, (4,), (), None, "近似", ())
    refused = Answer("问", False, None, nearest=(hit,))
    text = export(refused, "md").decode()
    assert "没有可以作答的依据" in text
    assert "> 近似[^1]" in text
    searched = export(SearchResult("问", (hit,)), "csv").decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(searched, newline=""))
    assert (row["原文"], row["页"], "牵头" in row) == ("近似", "4", False)


def test_csv_is_for_excel_and_holds_no_formula(export: Export, found: ClauseList) -> None:
    data = export(found, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.endswith(b"\r\n")
    first, second = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert first["原文"] == found.clauses[0].text
    assert second["原文"].startswith("'=HYPERLINK")
    assert first["链接"].endswith("#page=2")


def test_markdown_has_sources_as_footnotes_and_no_html(export: Export, found: ClauseList) -> None:
    text = export(found, "md").decode()
    assert "# 国家发展和改革委员会相关条款" in text
    assert "> （一）完善骨干网络。\n>\n> 新增库容300万立方米。（国家发展改革委牵头）[^1]" in text
    html = MarkdownIt("commonmark").render(text)
    assert "<b>" not in html
    assert "<em>" not in html


def test_nothing_found_is_a_file_too(export: Export) -> None:
    for kind in MEDIA_TYPES:
        assert export(ClauseList(None, ()), kind)


def test_links_open_the_file_only_where_it_is(document: DocumentInfo) -> None:
    link = local_links()
    assert link(document, 3, "c") == Path(document.path).as_uri() + "#page=3"
    assert "%23" in Path(document.path).as_uri()
    Path(document.path).unlink()
    assert local_links()(document, 3, "c") is None


def test_permalinks_are_those_of_a_server(document: DocumentInfo) -> None:
    link = permalinks(SERVER)
    assert link(document, 3, "a/b 一") == "https://kb.example.org/base/c/a%2Fb%20%E4%B8%80"
    page = "https://kb.example.org/base/v1/documents/00112233aabbccdd/pages/3.png"
    assert link(document, 3, None) == page


@pytest.mark.parametrize(
    "address", ["", "kb", "javascript:alert(1)", "file:///x", "http://[", "//x"]
)
def test_what_is_no_server_is_wrong_usage(address: str) -> None:
    with pytest.raises(InvalidInput, match="not an address of a server"):
        permalinks(address)


def test_an_address_too_long_for_excel_is_left_out(export: Export, found: ClauseList) -> None:
    long = "https://kb.example.org/" + "a" * LONGEST_LINK
    book = openpyxl.load_workbook(io.BytesIO(export(found, "xlsx", lambda *_: long)))
    assert not any(cell.hyperlink for row in book["条款"].iter_rows() for cell in row)


def test_a_suffix_says_the_kind() -> None:
    assert kind_of(Path("a/条款.XLSX")) == "xlsx"
    for name in ("a", "a.pdf", "a.xls", ".md"):
        with pytest.raises(InvalidInput, match=r"\.xlsx, \.docx, \.csv, \.md"):
            kind_of(Path(name))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "条款.csv"
    write_file(target, b"one")
    write_file(target, b"two")
    assert target.read_bytes() == b"two"
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask
    with pytest.raises(OSError, match="No such file"):
        write_file(tmp_path / "none" / "条款.csv", b"three")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path / "folder.csv", b"four")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "条款.csv"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"one")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_file(tmp_path / "link.csv", b"two")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"two"


def test_the_facade_exports_what_it_finds(filled: KnowledgeBase, tmp_path: Path) -> None:
    found = filled.clauses(ministry="发改委")
    target = tmp_path / "条款.xlsx"
    filled.export(found, target, base_url="http://127.0.0.1:8000")
    sheet = openpyxl.load_workbook(target)["条款"]
    page = next(cell for cell in sheet[2] if cell.hyperlink)
    assert page.hyperlink.target == f"http://127.0.0.1:8000/c/{found.clauses[0].clause_id}"
    with pytest.raises(InvalidInput):
        filled.exported(found, "pdf")  # type: ignore[arg-type]
    with pytest.raises(StorageProblem):
        filled.export(found, tmp_path / "none" / "条款.csv")
    filled.remove([found.clauses[0].document_id])
    with pytest.raises(NotFound):
        filled.exported(found, "csv")


def test_the_facade_cites_a_clause_under_any_form_of_its_number(filled: KnowledgeBase) -> None:
    [clause] = filled.clauses(ministry="财政部").clauses
    for number in ("2", "（二）", "二"):
        text = filled.reference(clause.document_id, clause=number)
        assert text == "关于促进冷链物流高质量发展的若干意见[Z], （二）."
    with pytest.raises(NotFound, match="policykb clauses --document"):
        filled.reference(clause.document_id, clause="99")
    with pytest.raises(NotFound, match="no page 2"):
        filled.reference(clause.document_id, page=2)
    with pytest.raises(NotFound):
        filled.reference("0" * 16)
