"""One file through the whole chain."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import pymupdf
import pytest

from ingest import (
    DocumentError,
    LimitExceeded,
    ParseOptions,
    Progress,
    UnreadableFile,
    fingerprint,
    parse_bytes,
    parse_file,
)

TEXT = (
    "某某部关于测试工作的意见\n各单位：\n一、总体要求\n"
    "（一）加强测试。做好各项测试工作。（商务部牵头，财政部参与）\n"
    "（二）保障测试。落实测试所需经费。（财政部负责）\n某某部\n2023年10月20日\n"
)


def as_docx() -> bytes:
    document = docx.Document()
    title, *rest = TEXT.strip().split("\n")
    document.add_heading(title, 0)
    for line in rest:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def as_pdf() -> bytes:
    document = pymupdf.open()
    page = document.new_page()
    *lines, issuer, day = TEXT.strip().split("\n")
    for row, line in enumerate(lines):
        size = 20 if row == 0 else 12
        page.insert_text((60, 80 + 30 * row), line, fontname="china-s", fontsize=size)
    page.insert_text((400, 320), issuer, fontname="china-s", fontsize=12)
    page.insert_text((380, 350), day, fontname="china-s", fontsize=12)
    return bytes(document.tobytes())


def as_html() -> bytes:
    title, *rest = TEXT.strip().split("\n")
    inside = "".join(f"<p>{line}</p>" for line in rest)
    return f"<html><body><h1>{title}</h1>{inside}</body></html>".encode("gb18030")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", TEXT.encode("gb18030")),
        ("a.md", ("# " + TEXT.replace("\n", "\n\n")).encode()),
        ("a.html", as_html()),
        ("a.docx", as_docx()),
        ("a.pdf", as_pdf()),
    ],
)
def test_every_format_gives_the_same_document(name: str, data: bytes) -> None:
    document = parse_bytes(name, data, ParseOptions(ocr="never"))
    assert document.metadata.title == "某某部关于测试工作的意见"
    assert document.metadata.issued_on is not None
    assert document.metadata.issued_on.isoformat() == "2023-10-20"
    measures = [clause for clause in document.clauses if clause.number.startswith("（")]
    assert [clause.number for clause in measures] == ["（一）", "（二）"]
    assert [body.ministry for body in measures[0].responsibility] == ["商务部", "财政部"]
    text = document.body.text
    assert all(text[item.start : item.end] == item.text for item in document.passages)
    assert "落实测试所需经费。" in text
    assert len(document.pages) == 1


def test_clause_ids_do_not_depend_on_the_format() -> None:
    ids = {
        tuple(clause.clause_id for clause in parse_bytes(name, data).clauses)
        for name, data in [("a.txt", TEXT.encode()), ("b.docx", as_docx()), ("c.html", as_html())]
    }
    assert len(ids) == 1


def test_progress_goes_through_the_stages(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(as_pdf())
    seen: list[Progress] = []
    parse_file(path, ParseOptions(ocr="never"), seen.append)
    assert seen == [
        Progress("reading"),
        Progress("reading", 0, 1),
        Progress("pages", 1, 1),
        Progress("structure", 1, 1),
    ]


def test_missing_files_folders_and_large_files_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no such file"):
        parse_file(tmp_path / "none.pdf")
    with pytest.raises(UnreadableFile, match="folder"):
        parse_file(tmp_path)
    large = tmp_path / "large.txt"
    large.write_bytes(b"x" * 2000)
    with pytest.raises(LimitExceeded, match=r"large\.txt"):
        parse_file(large, ParseOptions(max_bytes=1000))
    with pytest.raises(UnreadableFile, match="file name"):
        parse_file("nul\0name.txt")


def test_a_file_written_to_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("原来的文字。", encoding="utf-8")
    read = Path.read_bytes

    def slow(self: Path) -> bytes:
        data = read(self)
        self.write_text("别人刚写的文字，比原来长。", encoding="utf-8")
        return data

    monkeypatch.setattr(Path, "read_bytes", slow)
    with pytest.raises(UnreadableFile, match="changed while"):
        parse_file(path)


@pytest.mark.parametrize("name", ["bad.docx", "bad.html", "bad.pdf"])
def test_messages_name_the_file(name: str) -> None:
    data = {
        "bad.docx": b"PK\x03\x04",
        "bad.html": b"<html><body></body></html>",
        "bad.pdf": b"%PDF-",
    }
    with pytest.raises(DocumentError, match=name.replace(".", r"\.")):
        parse_bytes(name, data[name])


def test_the_fingerprint_is_sha256() -> None:
    assert fingerprint(b"abc").startswith("ba7816bf8f01cfea")
