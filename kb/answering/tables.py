"""Pick the cell of a table row that a question asks for, by its row's and its column's labels.

A table stands in the text as lines of cells separated by tabs, its headings first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kb.answering.features import Asked, matches_in
from kb.answering.text import Range
from kb.answering.words import Array, WordTable

SEPARATOR = "\t"
_VALUE = re.compile(r"\s*[-−+]?[\d,，.．]+\s*[^\d\s]{0,6}\s*")
_UNIT = re.compile(
    r"[（(]\s*(?:单位[:：])?\s*([^（）()\d]{1,6}?)\s*[）)]\s*$|单位[:：]\s*(\S{1,6})"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell at `[start, end)` of its text; `cover` is how much of the question it is about.

    `unit` is what its labels say the figure is in, empty where the cell says it or none does.
    """

    start: int
    end: int
    cover: float
    unit: str


def is_row(text: str) -> bool:
    """Tell whether a line is a row of cells."""
    return SEPARATOR in text


def best_cell(asked: Asked, text: str, row: Range, table: WordTable) -> Cell | None:
    """Return the figure in a row whose labels cover most of the question, if it has figures."""
    first, caption = _top(text, row.start)
    headings = [text[cell.start : cell.end] for cell in _cells(text, first)]
    cells = list(_cells(text, row))
    label = text[cells[0].start : cells[0].end]
    around = np.maximum(matches_in(asked, label, table), matches_in(asked, caption, table))
    best: Cell | None = None
    for column, cell in enumerate(cells[1:], start=1):
        if first == row or not _VALUE.fullmatch(text[cell.start : cell.end]):
            continue
        heading = headings[column] if column < len(headings) else ""
        cover = _cover(asked, np.maximum(around, matches_in(asked, heading, table)))
        if best is None or cover > best.cover:
            unit = _unit(text[cell.start : cell.end], label, heading, caption)
            best = Cell(cell.start, cell.end, cover, unit)
    return best


def _cover(asked: Asked, matches: Array) -> float:
    return float(matches @ asked.weights) / (float(asked.weights.sum()) + 1e-6)


def _top(text: str, start: int) -> tuple[Range, str]:
    """Return the first row of the table that holds the row at `start`, and the line above it."""
    top = start
    while top > 0:
        above = text.rfind("\n", 0, top - 1) + 1
        line = text[above : top - 1]
        if not is_row(line):
            return _line(text, top), line
        top = above
    return _line(text, top), ""


def _line(text: str, start: int) -> Range:
    end = text.find("\n", start)
    return Range(start, len(text) if end < 0 else end)


def _cells(text: str, row: Range) -> Iterator[Range]:
    start = row.start
    while start <= row.end:
        end = text.find(SEPARATOR, start, row.end)
        end = row.end if end < 0 else end
        yield Range(start, end)
        start = end + 1


def _unit(cell: str, *labels: str) -> str:
    """Return the unit that the first label to name one gives, unless the cell has its own."""
    if not cell.strip()[-1:].isdigit():
        return ""
    found = (match for label in labels if (match := _UNIT.search(label)) is not None)
    return next((match[1] or match[2] for match in found), "")
