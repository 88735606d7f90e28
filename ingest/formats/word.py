"""Word documents (.docx): paragraphs with their automatic numbers, tables, notes, text boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from ingest.formats.blocks import (
    heading_level,
    is_phrase,
    join_lines,
    paragraph,
    single_page,
    squeeze,
    text_block,
)
from ingest.formats.office_package import OfficePackage
from ingest.formats.tables import Cell, expand, header_depth, table_block
from ingest.formats.word_numbering import Numbering
from ingest.formats.word_styles import Style, Styles
from ingest.formats.word_text import RunReader
from ingest.formats.word_xml import attribute, child, children, local, on, value_of
from ingest.model import Block, Page

_TOC_ENTRY = re.compile(r".*[\t.…·]\s*\d{1,4}$", re.DOTALL)
# Title sizes: GB/T 9704-2012, 7.3.1 sets titles of official documents in size 2 (22 pt) and text
# in size 3 (16 pt); others use at least small size 2 (18 pt).
_TITLE_SIZE = 18.0
_TITLE_WITHIN = 12
_RED_HEAD = re.compile(r"(?:文件|公报|函件?|\d+\s*号)$")


def read_word(data: bytes) -> tuple[list[Page], list[str]]:
    """Read a .docx file: one page of blocks in document order, then its notes.

    Automatic numbers are written out, for clauses are cited by them. Deleted and hidden text is
    left out. Raises `UnreadableFile`, `EncryptedFile` and `LimitExceeded`.
    """
    with OfficePackage(data) as package:
        reader = _WordReader(package)
        blocks = _titled(reader.read())
    return [single_page([block for block, _ in blocks])], reader.warnings()


Placed = tuple[Block, Style]


class _WordReader:
    def __init__(self, package: OfficePackage) -> None:
        parts = {relation.kind: relation.target for relation in package.relations().values()}
        self._document = package.xml(package.main)
        self._styles = Styles(package.xml(parts.get("styles", "word/styles.xml")))
        self._numbering = Numbering(package.xml(parts.get("numbering", "word/numbering.xml")))
        self._notes = [
            (kind, package.xml(parts[part]))
            for kind, part in (("footnote", "footnotes"), ("endnote", "endnotes"))
            if part in parts
        ]
        self._comments = "comments" in parts
        self._runs = RunReader()

    def read(self) -> list[Placed]:
        """Return the blocks of the body, then of the notes it refers to."""
        body = child(self._document, "body")
        blocks = list(self._flow(body, in_toc=False)) if body is not None else []
        for kind, root in self._notes:
            blocks.extend(self._note_blocks(kind, root))
        return blocks

    def warnings(self) -> list[str]:
        """Say what the file holds besides text."""
        told = []
        if self._runs.images:
            told.append(f"{self._runs.images} pictures were left out")
        if self._runs.embedded:
            told.append(f"{self._runs.embedded} embedded objects were left out")
        if self._comments:
            told.append("the comments were left out")
        return told

    def _flow(self, container: etree._Element, in_toc: bool) -> Iterator[Placed]:
        for node in container:
            name = local(node)
            if name == "p":
                yield from self._paragraph(node, in_toc)
            elif name == "tbl":
                yield from self._table(node, in_toc)
            elif name == "sdt":
                content = child(node, "sdtContent")
                gallery = value_of(node, "sdtPr", "docPartObj", "docPartGallery")
                if content is not None:
                    yield from self._flow(content, in_toc or gallery == "Table of Contents")
            elif name in {"customXml", "smartTag", "ins", "moveTo"}:
                yield from self._flow(node, in_toc)

    def _paragraph(self, node: etree._Element, in_toc: bool) -> Iterator[Placed]:
        style = self._styles.of(node)
        content = self._runs.read(node)
        text = "\n".join(filter(None, map(_tidy, content.text.split("\n"))))
        if text:
            label, bullet = self._number(style)
            size = content.size or style.size
            placed = style if size == style.size else Style(size=size).under(style)
            yield self._block(label, text, placed, in_toc, bullet), placed
        for box in content.boxes:
            yield from self._flow(box, in_toc)

    def _number(self, style: Style) -> tuple[str, bool]:
        if style.list_id is None or style.list_id == "0":
            return "", False
        return self._numbering.next(style.list_id, style.depth or 0)

    def _block(self, label: str, text: str, style: Style, in_toc: bool, bullet: bool) -> Block:
        if in_toc or style.is_toc:
            return text_block("toc", label + text)
        lines = text.split("\n")
        if style.is_title:
            return text_block("title", label + _joined(lines))
        if style.level is not None and len(text) <= 200 and "。" not in text:
            return text_block("heading", label + _joined(lines), style.level)
        if style.is_caption:
            return text_block("caption", label + _joined(lines))
        if bullet or (label and heading_level(label + text) is None):
            return text_block("list", label + text)
        return paragraph(label + text)

    def _table(self, table: etree._Element, in_toc: bool) -> Iterator[Placed]:
        rows = [row for row in _rows(table) if not on(child(row, "trPr", "del"))]
        cells = [list(_cells(row)) for row in rows]
        if len(rows) == 1 and len(cells[0]) == 1:
            yield from self._flow(cells[0][0], in_toc)
            return
        grid = self._grid(cells)
        if grid:
            headers = sum(1 for row in rows if on(child(row, "trPr", "tblHeader")))
            full, shown = expand(grid)
            headers = max(header_depth(grid), min(headers, len(full) - 1))
            yield table_block(full, shown, headers), Style()

    def _grid(self, rows: list[list[etree._Element]]) -> list[list[Cell]]:
        """Turn Word's vertical merges (each cell says it continues) into row spans."""
        grid: list[list[Cell]] = []
        starts: dict[int, tuple[int, int]] = {}
        for row in rows:
            out: list[Cell] = []
            column = 0
            for cell in row:
                across = _across(cell)
                merge = child(cell, "tcPr", "vMerge")
                if merge is not None and attribute(merge, "val") != "restart" and column in starts:
                    at, place = starts[column]
                    text, wide, down = grid[at][place]
                    grid[at][place] = (text, wide, down + 1)
                else:
                    starts[column] = (len(grid), len(out))
                    out.append((self._cell_text(cell), across, 1))
                column += across
            grid.append(out)
        return grid

    def _cell_text(self, cell: etree._Element) -> str:
        return squeeze(_joined([block.text for block, _ in self._flow(cell, in_toc=False)]))

    def _note_blocks(self, kind: str, root: etree._Element | None) -> Iterator[Placed]:
        order = self._runs.notes[kind]
        notes = {attribute(note, "id"): note for note in children(root, kind)}
        for number, identity in enumerate(order, start=1):
            note = notes.get(identity)
            if note is not None and (text := self._cell_text(note)):
                yield text_block("footnote", f"{number} {text}"), Style()


def _rows(node: etree._Element) -> Iterator[etree._Element]:
    for inner in node:
        if local(inner) == "tr":
            yield inner
        elif local(inner) in {"sdt", "sdtContent", "customXml", "ins"}:
            yield from _rows(inner)


def _cells(node: etree._Element) -> Iterator[etree._Element]:
    for inner in node:
        if local(inner) == "tc":
            yield inner
        elif local(inner) in {"sdt", "sdtContent", "customXml"}:
            yield from _cells(inner)


def _across(cell: etree._Element) -> int:
    span = value_of(cell, "tcPr", "gridSpan")
    return min(max(int(span), 1), 100) if span.isdecimal() and len(span) < 6 else 1


def _tidy(text: str) -> str:
    return text.strip() if _TOC_ENTRY.fullmatch(text) else squeeze(text)


def _joined(lines: list[str]) -> str:
    joined = ""
    for line in lines:
        joined = join_lines(joined, line)
    return joined


def _titled(blocks: list[Placed]) -> list[Placed]:
    """Find the title of a document without a title style: its largest centred lines on top.

    Lines of one size in a row are one title, broken by hand. The issuer's red head
    ("××文件") and the document number are larger or centred too, and are not it.
    """
    if any(block.kind == "title" for block, _ in blocks):
        return blocks
    top = [
        at
        for at, (block, style) in enumerate(blocks[:_TITLE_WITHIN])
        if style.centered
        and (style.size or 0) >= _TITLE_SIZE
        and block.kind in {"paragraph", "heading"}
        and is_phrase(block.text, 100)
        and not _RED_HEAD.search(block.text)
    ]
    if not top:
        return blocks
    largest = max(blocks[at][1].size or 0 for at in top)
    first = next(at for at in top if blocks[at][1].size == largest)
    last = first
    while last + 1 in top and blocks[last + 1][1].size == largest:
        last += 1
    text = _joined([block.text for block, _ in blocks[first : last + 1]])
    title = (text_block("title", text), blocks[first][1])
    return [*blocks[:first], title, *blocks[last + 1 :]]
