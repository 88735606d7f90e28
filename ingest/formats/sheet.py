"""Excel workbooks (.xlsx): a page for each sheet, its tables with their column headings."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ingest.errors import LimitExceeded, UnreadableFile
from ingest.formats.blocks import is_title, paragraph, text_block
from ingest.formats.office_package import OfficePackage
from ingest.formats.sheet_cells import Merged, shown, stored
from ingest.formats.tables import Cell, expand, header_depth, table_block
from ingest.model import Block, Page

#: Cells read from one workbook, empty ones between filled ones included.
MAX_CELLS = 2_000_000
_DEFAULT_NAME = re.compile(r"(?:Sheet|工作表|表)\s?\d*$", re.IGNORECASE)
# What openpyxl lets through of a damaged file.
_DAMAGE = (
    KeyError, ValueError, TypeError, IndexError, AttributeError, ArithmeticError, EOFError,
    OSError, SyntaxError, NotImplementedError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip

Row = list[str]


def read_workbook(data: bytes) -> tuple[list[Page], list[str]]:
    """Read a .xlsx file: each sheet that is shown is a page, without boxes.

    Formulas appear as the values stored with them. Raises `UnreadableFile`, `EncryptedFile` and
    `LimitExceeded`.
    """
    with OfficePackage(data) as package:
        package.refuse_document_types()
        try:
            return _Workbook(package, data).read()
        except _DAMAGE as error:
            raise UnreadableFile(
                f"the workbook is damaged ({type(error).__name__}: {error}): open it in Excel or "
                "WPS and save it again"
            ) from error


class _Workbook:
    def __init__(self, package: OfficePackage, data: bytes) -> None:
        self._package = package
        self._data = data
        self._cells = 0
        self._unvalued = 0

    def read(self) -> tuple[list[Page], list[str]]:
        from openpyxl import load_workbook

        # What it warns of (drawings, validation rules, styles) has no bearing on text.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(
                io.BytesIO(self._data), read_only=True, data_only=True, keep_links=False
            )
            try:
                sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                pages = [self._page(sheet, number) for number, sheet in enumerate(sheets, 1)]
                hidden = len(book.worksheets) - len(sheets)
            finally:
                book.close()
        if not pages:
            raise UnreadableFile("the workbook has no sheet that is shown: unhide one and save it")
        return pages, self._warnings(hidden)

    def _page(self, sheet: Any, number: int) -> Page:
        facts = stored(self._package, sheet.title)
        self._unvalued += facts.unvalued
        rows = list(self._rows(sheet))
        blocks: list[Block] = []
        if not _DEFAULT_NAME.match(sheet.title):
            blocks.append(text_block("heading", sheet.title, 1))
        for filled, group in groupby(range(len(rows)), key=lambda at: any(rows[at])):
            if filled:
                at = list(group)
                blocks.extend(_region(rows[at[0] : at[-1] + 1], facts.merged, at[0]))
        if number == 1:
            blocks = _titled(blocks)
        return Page(number, 0.0, 0.0, tuple(block for block in blocks if block.text))

    def _rows(self, sheet: Any) -> Iterator[Row]:
        # What a file states as its extent may be the whole grid.
        sheet.reset_dimensions()
        for row in sheet.iter_rows():
            self._cells += len(row) + 1
            if self._cells > MAX_CELLS:
                raise LimitExceeded(
                    f"the workbook has more than {MAX_CELLS} cells: split it, or save the sheets "
                    "to be read in a workbook of their own"
                )
            yield [shown(cell) for cell in row]

    def _warnings(self, hidden: int) -> list[str]:
        names = self._package.names
        drawn = sum(name.startswith(("xl/media/", "xl/charts/chart")) for name in names)
        told = [
            (hidden, "{} hidden sheets were left out"),
            (drawn, "{} pictures and charts were left out"),
            (self._unvalued, "{} formulas have no stored value: open the file in Excel or WPS and "
             "save it to have them computed"),
        ]  # fmt: skip
        found = [text.format(count) for count, text in told if count]
        if any(name.startswith("xl/comments") for name in names):
            found.append("the comments were left out")
        return found


def _region(rows: list[Row], merged: Merged, top: int) -> Iterator[Block]:
    """Yield the blocks of rows without an empty one between: lines of text around a table."""
    width = max(max((at for at, text in enumerate(row, 1) if text), default=0) for row in rows)
    single = [sum(map(bool, row)) == 1 for row in rows]
    first = next((at for at, alone in enumerate(single) if not alone), len(rows))
    last = next((at for at in range(len(rows), first, -1) if not single[at - 1]), first)
    if last - first == 1 and width == 1:
        first = last = 0
    for row in rows[:first]:
        yield paragraph(" ".join(filter(None, row)))
    if first < last:
        yield _table(rows[first:last], merged, top + first, width)
    for row in rows[last:]:
        yield paragraph(" ".join(filter(None, row)))


def _table(rows: list[Row], merged: Merged, top: int, width: int) -> Block:
    cells: list[list[Cell]] = []
    for at, row in enumerate(rows):
        line: list[Cell] = []
        for column in range(width):
            if not merged.covers(top + at, column):
                across, down = merged.reach(top + at, column)
                text = row[column] if column < len(row) else ""
                line.append((text, min(across, width - column), min(down, len(rows) - at)))
        cells.append(line)
    full, once = expand(cells)
    return table_block(full, once, header_depth(cells) if cells[0] else 1)


def _titled(blocks: list[Block]) -> list[Block]:
    """Make the first line of text before the first table the title."""
    for at, block in enumerate(blocks):
        if block.table is not None:
            break
        if block.kind == "paragraph" and is_title(block.text):
            return [text_block("title", block.text), *blocks[:at], *blocks[at + 1 :]]
    return blocks
