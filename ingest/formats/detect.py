"""What kind of file this is, told by its content first and its name second."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath
from typing import Literal

from ingest.errors import EncryptedFile, UnreadableFile, UnsupportedFormat

Format = Literal["pdf", "docx", "ofd", "xlsx", "html", "md", "txt"]

#: Suffixes worth opening when a whole folder is given.
SUFFIXES: frozenset[str] = frozenset(
    {".pdf", ".ofd", ".docx", ".xlsx", ".html", ".htm", ".xhtml", ".shtml"}
    | {".md", ".markdown", ".txt", ".text"}
)

_TEXT_SUFFIXES: dict[str, Format] = {
    ".txt": "txt",
    ".text": "txt",
    "": "txt",
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".shtml": "html",
}
_SAVE_AS_DOCX = "open it in Word or WPS and save it as .docx or PDF"
_SAVE_AS_PDF = "save it as PDF"
_SAVE_AS_XLSX = "open it in Excel or WPS and save it as .xlsx"
_UNPACK = "unpack it and give the files inside"
_TO_PDF = "put the picture into a PDF (policykb reads scanned pages in PDF)"
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "an RTF document", _SAVE_AS_DOCX),
    (b"Rar!", "a RAR archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ", "an xz archive", _UNPACK),
    (b"\x89PNG", "a PNG picture", _TO_PDF),
    (b"\xff\xd8\xff", "a JPEG picture", _TO_PDF),
    (b"GIF8", "a GIF picture", _TO_PDF),
    (b"II*\x00", "a TIFF picture", _TO_PDF),
    (b"MM\x00*", "a TIFF picture", _TO_PDF),
    (b"BM", "a BMP picture", _TO_PDF),
    (b"%!PS", "a PostScript file", _SAVE_AS_PDF),
    (b"HM", "a CAJ document", "open it in CAJViewer and save it as PDF"),
    (b"CAJ", "a CAJ document", "open it in CAJViewer and save it as PDF"),
    (b"\x7fELF", "a program", "give a document"),
    (b"MZ", "a program", "give a document"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_KINDS: dict[str, tuple[str, str]] = {
    ".doc": ("an old Word document", _SAVE_AS_DOCX),
    ".wps": ("a WPS document", _SAVE_AS_DOCX),
    ".xls": ("an old Excel workbook", _SAVE_AS_XLSX),
    ".et": ("a WPS workbook", _SAVE_AS_XLSX),
    ".ppt": ("an old PowerPoint file", _SAVE_AS_PDF),
}
_ZIP_KINDS: tuple[tuple[str, str, str], ...] = (
    ("xl/workbook.bin", "a binary Excel workbook", _SAVE_AS_XLSX),
    ("ppt/", "a PowerPoint file", _SAVE_AS_PDF),
    ("META-INF/container.xml", "an EPUB book", _SAVE_AS_PDF),
    ("content.xml", "an OpenDocument file", _SAVE_AS_DOCX),
)
# The PDF standard lets a reader look for the header within the first 1,024 bytes
# (ISO 32000-1, Annex H, note 13).
_PDF_HEADER_WITHIN = 1024
_PDF_OBJECT = re.compile(rb"\d+\s+\d+\s+obj\b")


def detect(path: str | PurePath, data: bytes) -> Format:
    """Tell the format of a file from its bytes, then from its name.

    Raises `UnreadableFile` when it is empty or not what its name says, `EncryptedFile` for a
    password-protected Word file, and `UnsupportedFormat` for what nothing here reads; each
    message names the file and the way out.
    """
    name = PurePath(path).name
    if not data:
        raise UnreadableFile(f"{name} is empty (0 bytes): download or export it again")
    if b"%PDF-" in data[:_PDF_HEADER_WITHIN] or _is_headless_pdf(name, data):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _detect_zip(name, data)
    if data.startswith(_OLE):
        raise _ole_error(name, data)
    _refuse_binary(name, data)
    return _detect_text(name, data)


def _is_headless_pdf(name: str, data: bytes) -> bool:
    """Tell a PDF whose beginning is damaged: MuPDF rebuilds it from its objects."""
    return name.lower().endswith(".pdf") and _PDF_OBJECT.search(data) is not None


def _detect_zip(name: str, data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableFile(
            f"{name} is damaged: its zip directory cannot be read ({error}); download it again"
        ) from error
    if any(entry.startswith("word/") for entry in entries):
        return "docx"
    if "xl/workbook.xml" in entries:
        return "xlsx"
    if any(entry.lower() == "ofd.xml" for entry in entries):
        return "ofd"
    for prefix, kind, remedy in _ZIP_KINDS:
        if any(entry.startswith(prefix) for entry in entries):
            raise UnsupportedFormat(f"{name} is {kind}, which policykb does not read: {remedy}")
    raise UnsupportedFormat(f"{name} is a zip archive, not a document: {_UNPACK}")


def _ole_error(name: str, data: bytes) -> UnsupportedFormat | EncryptedFile:
    # A password-protected .docx is an OLE container with this stream (MS-OFFCRYPTO 2.3).
    if "EncryptedPackage".encode("utf-16-le") in data:
        return EncryptedFile(
            f"{name} is a password-protected Office file: open it with its password and save it "
            "without one"
        )
    default = ("an old Office file", _SAVE_AS_DOCX)
    kind, remedy = _OLE_KINDS.get(PurePath(name).suffix.lower(), default)
    return UnsupportedFormat(f"{name} is {kind}, which policykb does not read: {remedy}")


def _refuse_binary(name: str, data: bytes) -> None:
    for signature, kind, remedy in _SIGNATURES:
        # Two-letter signatures are also how a text may begin; text holds no NUL.
        if data.startswith(signature) and (len(signature) > 2 or b"\x00" in data[:4096]):
            raise UnsupportedFormat(f"{name} is {kind}, which policykb does not read: {remedy}")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        raise UnsupportedFormat(f"{name} is a WebP picture: {_TO_PDF}")


def _detect_text(name: str, data: bytes) -> Format:
    suffix = PurePath(name).suffix.lower()
    kind = _TEXT_SUFFIXES.get(suffix)
    if looks_like_html(data) and suffix not in {".md", ".markdown"}:
        if suffix == ".pdf":
            raise UnreadableFile(
                f"{name} is not a PDF but a web page, often an error page saved by a download: "
                "download it again, or rename it to .html to read the page"
            )
        return "html"
    if kind is not None:
        if suffix == "" and not _is_text(data):
            raise UnsupportedFormat(f"{name} is not a document policykb reads: {_readable()}")
        return kind
    if suffix in {".pdf", ".docx", ".ofd", ".xlsx"}:
        raise UnreadableFile(
            f"{name} is not a {suffix[1:].upper()} file (its content is something else) or its "
            "beginning is lost: download or export it again"
        )
    raise UnsupportedFormat(f"{name}: files of type {suffix} are not read: {_readable()}")


def looks_like_html(data: bytes) -> bool:
    """Tell whether bytes begin as an HTML page does, in any ASCII-compatible encoding."""
    head = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return True
    return head.startswith((b"<?xml", b"<!--", b"<meta")) and b"<html" in head


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return b"\x00" not in data[:8192]


def _readable() -> str:
    return "policykb reads pdf, ofd, docx, xlsx, html, md and txt"
