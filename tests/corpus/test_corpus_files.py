"""The committed sample documents are whole, honest about themselves and fit to be measured on."""

import json
import re
import tomllib
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from docx import Document

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
MANIFEST = tomllib.loads((CORPUS / "manifest.toml").read_text(encoding="utf-8"))
QUESTIONS = [
    json.loads(line)
    for line in (CORPUS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
]
FILES = [document["file"] for document in MANIFEST["document"]]
SCANS = [name for name in FILES if name.endswith("_scan.pdf")]
TYPESET = [name for name in FILES if name.endswith(".pdf") and name not in SCANS]
NOT_DOCUMENTS = {"manifest.toml", "questions.jsonl"}
DIGEST = re.compile("本文为.+?的摘编,由policykb项目编写,非原文")
HEAD = 300  # characters in which a sample must have said what it is
RADICALS = re.compile("[\u2e80-\u2fdf]")  # look-alikes a bad character map puts for Han characters
MAX_TOTAL = 3 * 1024 * 1024


class _MainText(HTMLParser):
    """Collect the text inside `<main>`."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002
        self.depth += tag == "main"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "main"

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.parts.append(data)


def _pdf_text(path: Path) -> str:
    """Return the pages' text in content order, which puts margin boxes first on each page."""
    with pymupdf.open(path) as document:
        return "".join(page.get_text() for page in document)


def _docx_text(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def _html_text(path: Path) -> str:
    parser = _MainText()
    parser.feed(path.read_text(encoding="utf-8"))
    return "".join(parser.parts)


READERS = {".pdf": _pdf_text, ".docx": _docx_text, ".html": _html_text}


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _text(name: str) -> str:
    path = CORPUS / name
    return _squeezed(READERS[path.suffix](path))


def test_manifest_lists_exactly_the_documents_there_are() -> None:
    present = {path.name for path in CORPUS.iterdir() if not path.name.startswith(".")}
    assert sorted(FILES) == sorted(present - NOT_DOCUMENTS)


def test_every_format_is_represented_and_the_whole_stays_small() -> None:
    assert {Path(name).suffix for name in FILES} == set(READERS)
    assert sum(path.stat().st_size for path in CORPUS.iterdir()) <= MAX_TOTAL


@pytest.mark.parametrize("document", MANIFEST["document"], ids=FILES)
def test_manifest_names_original_and_licences(document: dict[str, Any]) -> None:
    assert document["title"]
    assert document["licence"] == "CC BY 4.0"
    assert document["fonts"]
    assert set(document["original"]) == {"title", "issuer", "date", "number"}
    assert document["original"]["title"]


@pytest.mark.parametrize("name", TYPESET)
def test_pdf_embeds_every_font(name: str) -> None:
    with pymupdf.open(CORPUS / name) as document:
        for page in document:
            fonts = page.get_fonts()
            assert fonts
            for xref, *_, encoding in fonts:
                assert document.extract_font(xref)[3], f"{name}: {xref} ({encoding}) not embedded"


@pytest.mark.parametrize("name", TYPESET)
def test_pdf_text_layer_holds_no_look_alike_radicals(name: str) -> None:
    assert not RADICALS.search(_pdf_text(CORPUS / name))


@pytest.mark.parametrize("name", SCANS)
def test_scan_is_one_image_a_page_without_text(name: str) -> None:
    with pymupdf.open(CORPUS / name) as document:
        for page in document:
            assert page.get_text().strip() == ""
            assert len(page.get_images()) == 1


@pytest.mark.parametrize("name", [name for name in FILES if name not in SCANS])
def test_document_says_first_that_it_is_a_digest(name: str) -> None:
    assert DIGEST.search(_text(name)[:HEAD])


@pytest.mark.parametrize("document", MANIFEST["document"], ids=FILES)
def test_document_bears_the_title_in_the_manifest(document: dict[str, Any]) -> None:
    if document["file"] in SCANS:
        with pymupdf.open(CORPUS / document["file"]) as scan:
            assert scan.metadata["title"] == document["title"]
    else:
        assert _squeezed(document["title"]) in _text(document["file"])


def test_digest_has_all_eighteen_clauses_in_order_with_their_tails() -> None:
    text = _text("nev_opinion_digest.pdf")
    tens = "一二三四五六七八九十"
    numerals = [*tens, *(f"十{unit}" for unit in tens[:8])]
    starts = [text.index(f"({numeral})") for numeral in numerals]
    assert starts == sorted(starts)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        assert re.search(r"\((?!\S{1,2}\))[^()]+负责\)", text[start:end])


def test_questions_are_two_dozen_with_five_unanswerable() -> None:
    assert len(QUESTIONS) == 24
    assert len({question["id"] for question in QUESTIONS}) == 24
    assert sum(question["type"] == "none" for question in QUESTIONS) == 5
    assert {question["type"] for question in QUESTIONS} == {
        "clause", "semantic", "fact", "table", "none"
    }  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS, ids=[question["id"] for question in QUESTIONS])
def test_gold_strings_occur_in_the_document_named(question: dict[str, Any]) -> None:
    if question["type"] == "none":
        assert question["doc"] is None
        assert question["gold"] == []
        return
    (name,) = [name for name in FILES if Path(name).stem == question["doc"]]
    assert question["gold"]
    for gold in question["gold"]:
        assert _squeezed(gold) in _text(name)
