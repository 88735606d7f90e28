"""What kind of file a file is, whatever its name says."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest.errors import EncryptedFile, UnreadableFile, UnsupportedFormat
from ingest.formats import detect


def zip_of(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.pdf", b"%PDF-1.7\n", "pdf"),
        ("a.txt", b"junk before\n%PDF-1.4\n", "pdf"),
        ("a.pdf", b"\r.7\n7 0 obj<</Type/Catalog>>endobj trailer", "pdf"),
        ("a.docx", zip_of("[Content_Types].xml", "word/document.xml"), "docx"),
        ("a.bin", zip_of("word/document.xml"), "docx"),
        ("a.xlsx", zip_of("[Content_Types].xml", "xl/workbook.xml"), "xlsx"),
        ("a.ofd", zip_of("OFD.xml", "Doc_0/Document.xml"), "ofd"),
        ("a.html", b"<p>x</p>", "html"),
        ("saved.doc", b"\xef\xbb\xbf<!DOCTYPE html><html></html>", "html"),
        ("a.txt", b"<html><body>x</body></html>", "html"),
        ("a.md", b"<html> is a tag", "md"),
        ("A.TXT", "第一条".encode(), "txt"),
        ("BM-notes.txt", b"BM is a start of words too", "txt"),
        ("README", b"plain words", "txt"),
    ],
)
def test_content_decides_before_the_name(name: str, data: bytes, kind: str) -> None:
    assert detect(name, data) == kind


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .docx"),
        ("a.wps", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "WPS"),
        ("a.xlsb", zip_of("[Content_Types].xml", "xl/workbook.bin"), "save it as .xlsx"),
        ("a.zip", zip_of("b.pdf"), "unpack it"),
        ("a.png", b"\x89PNG\r\n\x1a\n", "into a PDF"),
        ("a.rtf", b"{\\rtf1 x}", "save it as .docx"),
        ("a.csv", b"a,b", "policykb reads pdf, ofd, docx, xlsx, html, md and txt"),
        ("noname", b"\x00\x01\x02", "policykb reads"),
    ],
)
def test_what_is_not_read_says_what_to_do(name: str, data: bytes, words: str) -> None:
    with pytest.raises(UnsupportedFormat) as caught:
        detect(name, data)
    assert name in str(caught.value)
    assert words in str(caught.value)


def test_an_empty_file_is_called_empty() -> None:
    with pytest.raises(UnreadableFile, match=r"x\.pdf is empty"):
        detect("folder/x.pdf", b"")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!doctype html><html><title>404</title></html>", "not a PDF but a web page"),
        (b"just some words", "not a PDF file"),
        ("%%EOF 一段文字".encode(), "not a PDF file"),
    ],
)
def test_a_renamed_file_is_not_taken_for_a_pdf(data: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words):
        detect("a.pdf", data)


def test_a_truncated_docx_is_called_damaged() -> None:
    with pytest.raises(UnreadableFile, match="damaged"):
        detect("a.docx", zip_of("word/document.xml")[:40])


def test_a_password_protected_docx_asks_for_its_password() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedFile, match="without one"):
        detect("a.docx", data)
