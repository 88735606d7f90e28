"""Excel workbooks: a header that stays, filters, wrapped text, and links to the pages."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from kb.errors import InvalidInput
from kb.exporting.columns import SOURCES, Column, Value, columns_of
from kb.exporting.digest import Digest, Source
from kb.exporting.safe import excel_text, is_formula, lines

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.styles.cell_style import StyleArray
    from openpyxl.worksheet.worksheet import Worksheet

Row = TypeVar("Row")

#: Limits of a sheet of Excel (Microsoft, "Excel specifications and limits").
MAX_ROWS, MAX_COLUMNS, MAX_LINKS, LONGEST_LINK = 1_048_576, 16_384, 65_530, 2_079
_HEADER_FILL = "FFDDE6F0"
_LINK_COLOUR = "FF0563C1"
#: Points: a line of the default face, and the highest that Excel allows a row to be.
_LINE_HEIGHT, _MAX_HEIGHT = 15.0, 409.0


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


class Look(NamedTuple):
    """How a cell looks; text that begins as a formula does is marked as text."""

    quoted: bool = False
    dated: bool = False
    linked: bool = False
    bold: bool = False
    fill: str | None = None


PLAIN: Final = Look()


class Book:
    """A workbook on its way; nothing in it is a formula."""

    def __init__(self) -> None:
        from openpyxl import Workbook

        self._book: Workbook = Workbook()
        self._book.remove(self._book.active)
        self._links: Counter[str] = Counter()
        self._looks: dict[Look, StyleArray] = {}

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
            cell = sheet.cell(1, at)
            self.put(cell, column.heading, look=Look(bold=True, fill=_HEADER_FILL))
            sheet.column_dimensions[cell.column_letter].width = column.width
        _fit_height(sheet, 1, shown)
        for place, row in enumerate(rows, 1):
            if numbered:
                self.put(sheet.cell(place + 1, 1), place)
            for at, column in enumerate(columns, 1 + numbered):
                link = column.link(row) if column.link is not None else None
                fill = column.fill(row) if column.fill is not None else None
                self.put(sheet.cell(place + 1, at), column.value(row), link, Look(fill=fill))
            _fit_height(sheet, place + 1, shown)
        sheet.freeze_panes = sheet.cell(2, frozen_columns + 1)
        sheet.auto_filter.ref = sheet.dimensions
        _print_by_width(sheet)
        return sheet

    def sources(self, sources: Sequence[Source]) -> None:
        """Add the sheet of sources."""
        self.sheet("来源", SOURCES, sources, numbered=True)

    def put(self, cell: Cell, value: Value, link: str | None = None, look: Look = PLAIN) -> None:
        """Write a value into a cell, text as text whatever it begins with."""
        if isinstance(value, str):
            value = excel_text(value) or None
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
            look = look._replace(quoted=is_formula(value))
        elif isinstance(value, date):
            look = look._replace(dated=True)
        if value is not None and self.link(cell, link):
            look = look._replace(linked=True)
        self._dress(cell, look)

    def link(self, cell: Cell, address: str | None) -> bool:
        """Link a cell while the sheet may have more links and the address is not too long."""
        sheet = cell.parent.title
        if address is None or len(address) > LONGEST_LINK or self._links[sheet] >= MAX_LINKS:
            return False
        self._links[sheet] += 1
        cell.hyperlink = address
        return True

    def saved(self, title: str) -> bytes:
        """Return the workbook as a file."""
        self._book.properties.title = excel_text(title, 255)
        self._book.properties.creator = "policykb"
        data = io.BytesIO()
        self._book.save(data)
        return data.getvalue()

    def _dress(self, cell: Cell, look: Look) -> None:
        """Style a cell; a look is made once and copied, for openpyxl compares styles slowly."""
        from openpyxl.styles import Alignment, Font, PatternFill

        if look not in self._looks:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.quotePrefix = look.quoted
            if look.bold or look.linked:
                line, colour = ("single", _LINK_COLOUR) if look.linked else (None, None)
                cell.font = Font(bold=look.bold, underline=line, color=colour)
            if look.fill is not None:
                cell.fill = PatternFill("solid", fgColor=look.fill)
            if look.dated:
                cell.number_format = "yyyy-mm-dd"
            self._looks[look] = copy(cell._style)
        cell._style = copy(self._looks[look])


def _fit_height(sheet: Worksheet, row: int, columns: Sequence[Column[Row]]) -> None:
    """Make a row high enough for its wrapped text: not every program does so on opening."""
    most = 1
    for at, column in enumerate(columns, 1):
        value = sheet.cell(row, at).value
        if isinstance(value, str):
            lines = (-(-_cells(line) // column.width) or 1 for line in value.split("\n"))
            most = max(most, sum(lines))
    sheet.row_dimensions[row].height = min(most * _LINE_HEIGHT, _MAX_HEIGHT)


def _cells(text: str) -> int:
    """Return about how wide text is: a Han character is three bytes, and two cells wide."""
    return (len(text) + len(text.encode("utf-8"))) // 2


def _print_by_width(sheet: Worksheet) -> None:
    """Print a sheet across one page's width, lying, its header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    sheet.print_title_rows = "1:1"
