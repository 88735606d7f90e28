"""Cells of a worksheet as their reader sees them, and what openpyxl's streaming leaves out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from ingest.formats.office_package import OfficePackage
from ingest.formats.word_xml import attribute, child, children

_MERGED = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"'
)
_UNVALUED = re.compile(
    rb"</(?:\w+:)?f>\s*(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
_DECIMALS = re.compile(r"0\.(0+)")
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
#: Merged areas of one sheet that are looked at; more than any table made by hand has.
MAX_MERGED = 20_000
#: Cells that merged areas of a sheet may cover, in all.
_MAX_COVERED = 200_000


@dataclass(slots=True)
class Merged:
    """The merged areas of a sheet; rows and columns count from 0."""

    reaches: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    covered: set[tuple[int, int]] = field(default_factory=set)

    def covers(self, row: int, column: int) -> bool:
        """Tell whether a place belongs to a cell that begins elsewhere."""
        return (row, column) in self.covered

    def reach(self, row: int, column: int) -> tuple[int, int]:
        """Return how many columns and rows the cell at a place takes."""
        return self.reaches.get((row, column), (1, 1))


@dataclass(frozen=True, slots=True)
class Stored:
    """What a sheet's part says besides its values: merged areas, formulas without a value."""

    merged: Merged
    unvalued: int


def stored(package: OfficePackage, title: str) -> Stored:
    """Read what openpyxl does not tell of a sheet when it streams."""
    relations = package.relations()
    sheets = child(package.xml(package.main), "sheets")
    for sheet in children(sheets, "sheet"):
        relation = relations.get(attribute(sheet, "id"))
        if sheet.get("name") == title and relation is not None:
            content = package.read(relation.target) or b""
            return Stored(_merged(_MERGED.findall(content)), len(_UNVALUED.findall(content)))
    return Stored(Merged(), 0)


def _merged(areas: Iterable[tuple[bytes, ...]]) -> Merged:
    found = Merged()
    for left, top, right, bottom in list(areas)[:MAX_MERGED]:
        first, last = (int(top) - 1, _column(left)), (int(bottom) - 1, _column(right))
        down, across = last[0] - first[0] + 1, last[1] - first[1] + 1
        if down < 1 or across < 1 or len(found.covered) + down * across > _MAX_COVERED:
            continue
        found.reaches[first] = (across, down)
        found.covered.update(
            (row, column)
            for row in range(first[0], last[0] + 1)
            for column in range(first[1], last[1] + 1)
            if (row, column) != first
        )
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def shown(cell: Any) -> str:
    """Return a cell's value the way its number format shows it, as far as text needs it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format or "General")
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time, timedelta)):
        return str(value)
    return " ".join(str(value).split())


def _number(value: float, number_format: str) -> str:
    """Write a number with the decimals, percent sign and thousands of its format."""
    plain = _QUOTED.sub("", number_format.partition(";")[0])
    decimals = _DECIMALS.search(plain)
    if "E" in plain or "?" in plain or not re.search(r"[0#]", plain):
        return format(value, ".15g")
    grouping = "," if "#,#" in plain or "0,0" in plain else ""
    if "%" in plain:
        return format(value * 100, f"{grouping}.{len(decimals[1]) if decimals else 0}f") + "%"
    return format(value, f"{grouping}.{len(decimals[1]) if decimals else 0}f")
