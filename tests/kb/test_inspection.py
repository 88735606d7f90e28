"""The inspection page: pictures beside numbered blocks, whole in itself, nothing unescaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pymupdf
import pytest

from ingest import Table, table_html
from kb.cli import run
from kb.errors import KBError
from kb.inspection import inspection_page, write_inspection
from kb.parsing import ParsedBlock, ParsedFile, ParsedMetadata, ParsedPage, parse_file
from kb.types import Box, ClauseInfo, ResponsibleBody

EVIL = "<script>alert(1)</script>\"'&\x1b[31m\u202e尾"
NOT_HERE = ("\x1b", "\u202e", "<script", "alert(1)</")


class Elements(HTMLParser):
    """Notes every element with its attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def evil_file() -> ParsedFile:
    box = Box(1, 10, 20, 110, 40)
    blocks = (
        *(ParsedBlock(kind, EVIL, box) for kind in ("title", "paragraph", "header")),
        ParsedBlock("table", EVIL, box, html=table_html(Table(((EVIL, "值"), ("甲", EVIL))))),
    )
    clause = ClauseInfo(
        "c", "d", EVIL, EVIL, (EVIL,), EVIL, 1, (box,),
        (ResponsibleBody(EVIL, EVIL, "lead", implicit=True),),
    )  # fmt: skip
    metadata = ParsedMetadata(EVIL, EVIL, (EVIL,), None, EVIL, "unknown")
    return ParsedFile(
        metadata, (ParsedPage(1, EVIL, "text", blocks, 200, 100),), (clause,), (EVIL,)
    )


def test_document_text_is_escaped_wherever_it_stands() -> None:
    page = inspection_page(evil_file(), EVIL, lambda *_: None)
    for piece in NOT_HERE:
        assert piece not in page
    elements = Elements(page)
    assert not elements.of("script")
    # The title twice, the name, number, issuer, type, warning, three blocks, two cells; of
    # the clause its number, path, text and body.
    assert elements.text.count("<script>alert(1)</script>\"'&") == 16


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    elements = Elements(inspection_page(evil_file(), "a.pdf", lambda *_: b"\x89PNG"))
    policy = elements.of("meta")[1]["content"] or ""
    assert policy.startswith("default-src 'none'")
    assert "script" not in policy
    names = {name for _, attributes in elements.found for name in attributes}
    assert not {name for name in names if name.startswith("on")}
    targets = [a[name] or "" for _, a in elements.found for name in ("src", "href") if name in a]
    assert targets
    assert all(target.startswith(("#", "data:image/png;base64,")) for target in targets)


def test_every_link_leads_somewhere() -> None:
    elements = Elements(inspection_page(evil_file(), "a.pdf", lambda *_: None))
    ids = {attributes["id"] for _, attributes in elements.found if "id" in attributes}
    links = {(attributes["href"] or "")[1:] for attributes in elements.of("a")}
    assert links <= ids


@pytest.fixture
def two_columns(tmp_path: Path) -> Path:
    """Return a PDF whose right column was written first."""
    document = pymupdf.open()
    page = document.new_page(width=500, height=700)
    for x, text in ((260, "乙"), (50, "甲")):
        for row in range(12):
            line = f"{text}栏第{row}行的文字写满这一栏" + ("。" if row == 11 else "")
            page.insert_text((x, 100 + row * 18), line, fontname="china-s", fontsize=12)
    target = tmp_path / "两栏.pdf"
    document.save(target)
    return target


def test_blocks_are_numbered_in_reading_order_on_the_picture(
    two_columns: Path, tmp_path: Path
) -> None:
    parsed = parse_file(two_columns, ocr="never")
    target = tmp_path / "out.html"
    write_inspection(target, parsed, two_columns)
    page = target.read_text("utf-8")
    elements = Elements(page)
    [picture] = elements.of("img")
    assert (picture["src"] or "").startswith("data:image/png;base64,iVBOR")
    assert page.index("甲栏第0行") < page.index("乙栏第0行")
    marks = [float(x) for x in re.findall(r'<rect x="([\d.]+)"', page)]
    boxes = [block.box.x0 for block in parsed.pages[0].blocks]
    assert marks == pytest.approx(boxes, abs=0.01)
    assert marks == sorted(marks)


def test_a_format_without_pages_has_blocks_alone(tmp_path: Path) -> None:
    source = tmp_path / "a.md"
    source.write_text("# 题\n\n|省|数|\n|-|-|\n|津|7|\n", "utf-8")
    target = tmp_path / "out.html"
    write_inspection(target, parse_file(source), source)
    elements = Elements(target.read_text("utf-8"))
    assert not elements.of("svg")
    assert (len(elements.of("th")), len(elements.of("td"))) == (2, 2)


def test_the_command_writes_the_page(
    two_columns: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.html"
    assert run(["parse", str(two_columns), "--html", str(target)]) == 0
    assert capsys.readouterr().out.replace("\n", "") == f"wrote {target}"
    assert target.read_text("utf-8").startswith("<!doctype html>")


def test_a_place_that_cannot_be_written_is_named(two_columns: Path, tmp_path: Path) -> None:
    parsed = parse_file(two_columns, ocr="never")
    with pytest.raises(KBError, match="nowhere"):
        write_inspection(tmp_path / "nowhere" / "out.html", parsed, two_columns)
