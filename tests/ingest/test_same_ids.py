"""One document set as PDF, Word, plain text, Markdown and HTML: the same clauses in each."""

from __future__ import annotations

import io
import re
from pathlib import Path

import docx
import pymupdf
import pytest

from ingest.body import assemble, boxes
from ingest.model import Document
from ingest.parse import parse_bytes

SOURCE = Path(__file__).resolve().parents[2] / "scripts/corpus/texts/nev_opinion_digest.md"
TITLE = "商务部等9单位关于支持新能源汽车贸易合作的意见"
SIGNERS = ("商务部", "国家发展改革委", "工业和信息化部")
DATE = "2023年12月7日"
BOTTOM, WIDTH = 780, 29


def text_lines() -> list[str]:
    """Return the headings and measures of the sample digest, a paragraph to each line."""
    body = SOURCE.read_text(encoding="utf-8").split("+++")[2].split("<div")[0]
    paragraphs = [line.strip() for line in body.split("\n") if line.strip()]
    first = next(i for i, line in enumerate(paragraphs) if line.startswith("## "))
    return paragraphs[first:]


def plain_lines() -> list[str]:
    lines = [line.removeprefix("## ") for line in text_lines()]
    return [TITLE, "各省、自治区、直辖市人民政府：", *lines, *SIGNERS, DATE]


def as_text() -> bytes:
    return "\n".join(plain_lines()).encode()


def as_wrapped_text() -> bytes:
    """Break every paragraph at a fixed width, as texts copied from PDFs are."""
    wrapped = (line[i : i + 30] for line in plain_lines() for i in range(0, len(line), 30))
    return "\n".join(wrapped).encode("gb18030")


def as_markdown() -> bytes:
    lines = [f"# {TITLE}", "各省、自治区、直辖市人民政府：", *text_lines(), *SIGNERS, DATE]
    return "\n\n".join(lines).encode()


def as_html() -> bytes:
    marks = (
        f"<h2>{line[3:]}</h2>" if line.startswith("## ") else f"<p>{line}</p>"
        for line in text_lines()
    )
    signed = "".join(f"<p align='right'>{line}</p>" for line in (*SIGNERS, DATE))
    return (
        f"<html><head><meta charset='utf-8'><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
        f"<p>各省、自治区、直辖市人民政府：</p>{''.join(marks)}{signed}</body></html>"
    ).encode()


def as_word() -> bytes:
    document = docx.Document()
    document.add_heading(TITLE, 0)
    document.add_paragraph("各省、自治区、直辖市人民政府：")
    for line in text_lines():
        if line.startswith("## "):
            document.add_heading(line[3:], 1)
        else:
            document.add_paragraph(line)
    for line in (*SIGNERS, DATE):
        document.add_paragraph(line).alignment = 2
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def as_pdf() -> bytes:
    """Set the text in 15 points, two characters' indent, over as many pages as it takes."""
    setter = _Setter()
    setter.line("商务部文件", 150, 30)
    for piece in (TITLE[:18], TITLE[18:]):
        setter.line(piece, 300 - 9 * len(piece), 18)
    for line in text_lines():
        if line.startswith("## "):
            setter.line(line[3:], 68, 16)
        else:
            setter.paragraph(line)
    for line in (*SIGNERS, DATE):
        setter.line(line, 98, 15)
    return setter.document.tobytes()


class _Setter:
    def __init__(self) -> None:
        self.document = pymupdf.open()
        self.page, self.y = self.document.new_page(), 90.0

    def line(self, text: str, x: float, size: float) -> None:
        if self.y > BOTTOM:
            self.page, self.y = self.document.new_page(), 90.0
        self.page.insert_text((x, self.y), text, fontname="china-s", fontsize=size)
        self.y += 1.7 * size

    def paragraph(self, text: str) -> None:
        self.line(text[: WIDTH - 2], 98, 15)
        for at in range(WIDTH - 2, len(text), WIDTH):
            self.line(text[at : at + WIDTH], 68, 15)
        self.y += 3


FORMATS = {
    "a.txt": as_text,
    "b.txt": as_wrapped_text,
    "a.md": as_markdown,
    "a.html": as_html,
    "a.docx": as_word,
    "a.pdf": as_pdf,
}


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {name: parse_bytes(name, make()) for name, make in FORMATS.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_metadata_is_the_same(documents: dict[str, Document], name: str) -> None:
    found = documents[name].metadata
    assert (found.title, found.issuers) == (TITLE, SIGNERS)
    assert str(found.issued_on) == "2023-12-07"
    assert found.document_type == "意见"


@pytest.mark.parametrize("name", FORMATS)
def test_clauses_are_the_same(documents: dict[str, Document], name: str) -> None:
    expected, found = documents["a.txt"].clauses, documents[name].clauses
    assert len(expected) == 18
    assert [c.clause_id for c in found] == [c.clause_id for c in expected]
    assert [c.number for c in found] == [c.number for c in expected]
    assert [c.heading_path for c in found] == [c.heading_path for c in expected]
    assert [c.responsibility for c in found] == [c.responsibility for c in expected]
    for one, other in zip(found, expected, strict=True):
        assert re.sub(r"\s", "", one.text) == re.sub(r"\s", "", other.text)


def test_clauses_of_the_pdf_stand_on_their_pages(documents: dict[str, Document]) -> None:
    document = documents["a.pdf"]
    body = assemble(document.pages)
    for clause in document.clauses:
        found = boxes(body, clause.start, clause.end)
        assert found and [b.page for b in found] == sorted(b.page for b in found)
    assert len({page for c in document.clauses for page in _pages(document, c.start, c.end)}) > 1


def _pages(document: Document, start: int, end: int) -> set[int]:
    return {box.page for box in boxes(assemble(document.pages), start, end)}


def test_a_short_last_line_is_parted_from_a_long_signature() -> None:
    """On a page of few lines of text, the indent of the signature's lines is the usual one."""
    setter = _Setter()
    measure = "完善进出口管理政策，规范出口秩序，树立中国品牌良好形象，优化服务。"
    text = f"{measure}（商务部牵头，海关总署配合）"
    setter.paragraph(text)
    setter.y -= 3
    for line in (*SIGNERS, "财政部", "海关总署", DATE):
        setter.line(line, 98, 15)
    blocks = parse_bytes("a.pdf", setter.document.tobytes()).pages[0].blocks
    assert blocks[0].text == text
    assert blocks[1].text.startswith("商务部")


SEEDS = Path(__file__).resolve().parents[3] / "shared" / "pdfs" / "seeds"


@pytest.mark.slow
def test_the_real_opinion_has_the_same_clauses_as_pdf_and_text() -> None:
    """Its PDF prints measure 18 behind the signature, where it goes on in section 七."""
    if not (SEEDS / "nev.pdf").exists():
        pytest.skip("the nine-ministry opinion is not among this machine's shared documents")
    one, other = (
        [
            (c.clause_id, c.heading_path, "".join(c.text.split()), c.responsibility)
            for c in parse_bytes(name, (SEEDS / name).read_bytes()).clauses
        ]
        for name in ("nev.pdf", "nev.txt")
    )
    assert one == other
    assert len(one) == 18
