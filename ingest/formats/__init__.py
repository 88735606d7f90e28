"""Formats other than PDF: what a file is, and how each kind is read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.errors import DocumentError
from ingest.formats.detect import SUFFIXES, Format, detect
from ingest.model import Page

__all__ = ["SUFFIXES", "Format", "detect", "naming", "read_unpaged"]


def read_unpaged(kind: Format, data: bytes, name: str) -> tuple[list[Page], list[str]]:
    """Read a txt, md, html, docx or xlsx file: its pages, and what was left out.

    It is one page numbered 1; of a workbook, one for each sheet. Raises `UnreadableFile` and
    other `DocumentError`s whose messages begin with `name`.
    """
    with naming(name):
        if kind == "txt":
            from ingest.formats.text import read_text

            return read_text(data)
        if kind == "md":
            from ingest.formats.markdown import read_markdown

            return read_markdown(data)
        if kind == "html":
            from ingest.formats.html import read_html

            return read_html(data)
        if kind == "xlsx":
            from ingest.formats.sheet import read_workbook

            return read_workbook(data)
        from ingest.formats.word import read_word

        return read_word(data)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put the file's name before the messages of `DocumentError`s raised inside."""
    try:
        yield
    except DocumentError as error:
        raise type(error)(f"{name}: {error}") from error.__cause__
