"""Excel workbooks: a header that stays, filters, wrapped text, and links to the pages."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from kb.errors import InvalidInput
from kb.exporting.columns import SOURCES, Column, Value, columns_of
from kb.exporting.digest import Digest, Source
from kb.exporting.safe import excel_text, is_formula, lines

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.worksheet import Worksheet

Row = TypeVar("Row")

#: Limits of a sheet of Excel (Microsoft, "Excel specifications and limits").
MAX_ROWS, MAX_COLUMNS, MAX_LINKS, LONGEST_LINK = 1_048_576, 16_384, 65_530, 2_079
_HEADER_FILL = "FFDDE6F0"
_LINK_COLOUR = "FF0563C1"


def digest_workbook(digest: Digest) -> bytes:
    """Write a sheet of quotes and one of sources, before them the answer if there is one."""
    book = Book()
    if digest.answer is not None:
        said = [digest.title, *lines(digest.answer)]
        column: Column[str] = Column("答案", 110, str)
        book.sheet("答案", [column], said)
    name = {"clauses": "条款", "hits": "段落", "answer": "引文"}[digest.kind]
    book.sheet(name, columns_of(digest), digest.quotes, numbered=True)
    book.sources(digest.sources)
    return book.saved(digest.title)


class Book:
    """A workbook on its way; nothing in it is a formula."""

    def __init__(self) -> None:
        from openpyxl import Workbook
        from openpyxl.styles import Alignment, Font

        self._book: Workbook = Workbook()
        self._book.remove(self._book.active)
        self._links: Counter[str] = Counter()
        self._wrapped = Alignment(vertical="top", wrap_text=True)
        self._bold = Font(bold=True)
        self._linked = Font(color=_LINK_COLOUR, underline="single")
        self._fills: dict[str, PatternFill] = {}

    def sheet(
        self,
        name: str,
        columns: Sequence[Column[Row]],
        rows: Sequence[Row],
        *,
        numbered: bool = False,
        frozen_columns: int = 0,
    ) -> Worksheet:
        """Add a sheet of rows under a header; InvalidInput where Excel has no room for them."""
        number: Column[Row] = Column("序号", 6, lambda _: None)
        shown = [number, *columns] if numbered else [*columns]
        if len(rows) >= MAX_ROWS or len(shown) > MAX_COLUMNS:
            message = (
                f"{len(rows):,} rows and {len(shown):,} columns are more than a sheet of Excel "
                "holds: choose fewer with the filters, or export to .csv"
            )
            raise InvalidInput(message, field="export")
        sheet = self._book.create_sheet(name)
        for at, column in enumerate(shown, 1):
            self._head(sheet.cell(1, at), column)
        for place, row in enumerate(rows, 1):
            if numbered:
                self.put(sheet.cell(place + 1, 1), place)
            for at, column in enumerate(columns, 1 + numbered):
                link = column.link(row) if column.link is not None else None
                self.put(sheet.cell(place + 1, at), column.value(row), link)
        sheet.freeze_panes = sheet.cell(2, frozen_columns + 1)
        sheet.auto_filter.ref = sheet.dimensions
        return sheet

    def sources(self, sources: Sequence[Source]) -> None:
        """Add the sheet of sources."""
        self.sheet("来源", SOURCES, sources, numbered=True)

    def put(self, cell: Cell, value: Value, link: str | None = None) -> None:
        """Write a value into a cell, text as text whatever it begins with."""
        if isinstance(value, str):
            value = excel_text(value)
        cell.value = value
        cell.alignment = self._wrapped
        if isinstance(value, str):
            cell.data_type = "s"
            if is_formula(value):
                cell.quotePrefix = True
        elif isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        if value is not None:
            self.link(cell, link)

    def saved(self, title: str) -> bytes:
        """Return the workbook as a file."""
        self._book.properties.title = excel_text(title, 255)
        self._book.properties.creator = "policykb"
        data = io.BytesIO()
        self._book.save(data)
        return data.getvalue()

    def _head(self, cell: Cell, column: Column[Row]) -> None:
        self.put(cell, column.heading)
        self.fill(cell, _HEADER_FILL)
        cell.font = self._bold
        cell.parent.column_dimensions[cell.column_letter].width = column.width

    def link(self, cell: Cell, address: str | None) -> None:
        """Link a cell while the sheet may have more links and the address is not too long."""
        if address is None or len(address) > LONGEST_LINK:
            return
        if self._links[cell.parent.title] < MAX_LINKS:
            self._links[cell.parent.title] += 1
            cell.hyperlink = address
            cell.font = self._linked

    def fill(self, cell: Cell, colour: str) -> None:
        """Fill a cell with a colour, as ARGB in hexadecimal."""
        from openpyxl.styles import PatternFill

        if colour not in self._fills:
            self._fills[colour] = PatternFill("solid", fgColor=colour)
        cell.fill = self._fills[colour]
