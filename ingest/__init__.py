"""A file in, a Document out: pages with boxes, running text, metadata, clauses, passages."""

from __future__ import annotations

from ingest.body import assemble, boxes, find, page_at, pages_of
from ingest.errors import (
    DocumentError,
    EncryptedFile,
    LimitExceeded,
    UnreadableFile,
    UnsupportedFormat,
)
from ingest.formats import SUFFIXES
from ingest.model import (
    Block,
    Body,
    Box,
    Clause,
    Document,
    Line,
    Metadata,
    Page,
    Passage,
    Responsibility,
    Table,
)
from ingest.ocr import OcrEngine, OcrLine, OcrUnavailable, load_ocr, ocr_available
from ingest.parse import ParseOptions, Progress, fingerprint, parse_bytes, parse_file
from ingest.process import FileResult, Limits
from ingest.render import render_page
from ingest.tables import table_html, table_markdown
from ingest.worker import FileProgress, parse_files

__all__ = [
    "SUFFIXES",
    "Block",
    "Body",
    "Box",
    "Clause",
    "Document",
    "DocumentError",
    "EncryptedFile",
    "FileProgress",
    "FileResult",
    "LimitExceeded",
    "Limits",
    "Line",
    "Metadata",
    "OcrEngine",
    "OcrLine",
    "OcrUnavailable",
    "Page",
    "ParseOptions",
    "Passage",
    "Progress",
    "Responsibility",
    "Table",
    "UnreadableFile",
    "UnsupportedFormat",
    "assemble",
    "boxes",
    "find",
    "fingerprint",
    "load_ocr",
    "ocr_available",
    "page_at",
    "pages_of",
    "parse_bytes",
    "parse_file",
    "parse_files",
    "render_page",
    "table_html",
    "table_markdown",
]
