"""Formats without pages: what a file is, and how each kind is read."""

from __future__ import annotations

from ingest.formats.detect import SUFFIXES, Format, detect
from ingest.model import Page

__all__ = ["SUFFIXES", "Format", "detect", "read_unpaged"]


def read_unpaged(kind: Format, data: bytes, name: str) -> tuple[list[Page], list[str]]:
    """Read a txt, md, html or docx file: one page numbered 1, and what was left out.

    Raises `UnreadableFile` and other `DocumentError`s whose messages begin with `name`.
    """
    from ingest.errors import DocumentError

    try:
        if kind == "txt":
            from ingest.formats.text import read_text

            return read_text(data)
        if kind == "md":
            from ingest.formats.markdown import read_markdown

            return read_markdown(data)
        if kind == "html":
            from ingest.formats.html import read_html

            return read_html(data)
        from ingest.formats.word import read_word

        return read_word(data)
    except DocumentError as error:
        raise type(error)(f"{name}: {error}") from error.__cause__
