"""Tables that share out tasks: 序号, 重点任务, 牵头单位, 责任单位, 完成时限.

Each row is a provision: its number, its wording, and the bodies that stand in the columns of
responsible ones. A table that goes on behind a page break, with or without its headings again,
is one table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.body import Paragraph
from ingest.tables import is_caption, row_spans

ColumnRole = Literal["number", "lead", "participant", "responsible"]

_HEADINGS: tuple[tuple[ColumnRole, re.Pattern[str]], ...] = (
    (
        "responsible",
        re.compile(
            r"(?:牵头|主办)(?:单位|部门)?(?:及|和|与|、|/)(?:责任|配合|参[与加]|协办)(?:单位|部门)"
        ),
    ),
    ("number", re.compile(r"序号?|编号|项次|(?:任务)?序列?号")),
    (
        "participant",
        re.compile(
            r"(?:主要)?(?:配合|参与|参加|协同|协办|协助|会办)(?:责任)?(?:单位|部门|机关|主体)"
        ),
    ),
    (
        "lead",
        re.compile(
            r"(?:总?牵头|主办|主责|第一责任)(?:责任|负责)?(?:单位|部门|机关|主体)?(?:[（(].*[）)])?"
        ),
    ),
    (
        "responsible",
        re.compile(
            r"(?:主要)?(?:责任|负责|落实|承办|实施|分工|责任分工)(?:单位|部门|机关|主体|处室|分工)"
            r"(?:[（(].*[）)])?|分工(?:情况|安排)?"
        ),
    ),
)
_HEADING_ROWS = 3


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of a task table: characters `[start, end)` of the body.

    `table` counts the document's task tables from 1, `ordinal` the table's rows; `number` is the
    row's own, else its ordinal. `section` is the row above that heads it. `bodies` are the cells
    that name responsible bodies, each with what its column makes of them.
    """

    table: int
    ordinal: int
    number: str
    section: str
    start: int
    end: int
    bodies: tuple[tuple[ColumnRole, str], ...]


@dataclass(slots=True)
class _State:
    """How far the reading of a table has come, which the next page's part carries on."""

    table: int
    columns: dict[int, ColumnRole]
    width: int
    ordinal: int = 0
    section: str = ""
    bodies: tuple[tuple[ColumnRole, str], ...] = ()


def task_tables(cut: Sequence[Paragraph]) -> dict[int, tuple[TaskRow, ...]]:
    """Return the rows of each task table by the index of its paragraph."""
    found: dict[int, tuple[TaskRow, ...]] = {}
    state: _State | None = None
    tables = 0
    for index, paragraph in enumerate(cut):
        if paragraph.table is None or not paragraph.table.rows:
            state = state if state and is_caption(paragraph) else None
            continue
        columns, first = _columns(paragraph.table.rows)
        width = max(map(len, paragraph.table.rows))
        if state is None or not _goes_on(state, columns, width):
            tables += bool(columns)
            state = _State(tables, columns, width) if columns else None
        if state is not None:
            found[index] = tuple(_rows(paragraph, first, state))
    return found


def _goes_on(state: _State, columns: dict[int, ColumnRole], width: int) -> bool:
    """Tell a table's next part: it has the same headings again, or none and as many columns."""
    return columns == state.columns or (not columns and width == state.width)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[dict[int, ColumnRole], int]:
    """Read the columns' roles from the heading rows; {} where no column names bodies."""
    columns: dict[int, ColumnRole] = {}
    first = 0
    for index, row in enumerate(rows[:_HEADING_ROWS]):
        roles = {at: role for at, cell in enumerate(row) if (role := _role(cell)) is not None}
        if roles:
            columns |= roles
            first = index + 1
    named = any(role != "number" for role in columns.values())
    return (columns, first) if named and max(map(len, rows)) > 1 else ({}, 0)


def _role(cell: str) -> ColumnRole | None:
    plain = "".join(cell.split())
    return next((role for role, heading in _HEADINGS if heading.fullmatch(plain)), None)


def _rows(paragraph: Paragraph, first: int, state: _State) -> Iterator[TaskRow]:
    rows = paragraph.table.rows if paragraph.table else ()
    for row, (start, end) in list(zip(rows, row_spans(paragraph), strict=False))[first:]:
        cells = dict.fromkeys("".join(cell.split()) for cell in row if cell.strip())
        if not cells:
            continue
        if len(cells) == 1 and (row[0].strip() or not _bodies(row, state)):
            state.section = next(iter(cells))
            continue
        # A cell merged over several rows holds its bodies in the first of them only.
        state.bodies = _bodies(row, state) or state.bodies
        state.ordinal += 1
        yield TaskRow(
            state.table,
            state.ordinal,
            _number(row, state) or str(state.ordinal),
            state.section,
            start,
            end,
            state.bodies,
        )


def _bodies(row: Sequence[str], state: _State) -> tuple[tuple[ColumnRole, str], ...]:
    return tuple(
        (role, row[column].strip())
        for column, role in sorted(state.columns.items())
        if role != "number" and column < len(row) and row[column].strip()
    )


def _number(row: Sequence[str], state: _State) -> str:
    at = next((column for column, role in state.columns.items() if role == "number"), None)
    return "".join(row[at].split()) if at is not None and at < len(row) else ""
