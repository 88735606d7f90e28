"""Pack boxes and printed lines into the compact forms the tables hold."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from kb.errors import DAMAGED, HomeProblem
from kb.records import LineRecord
from kb.types import Box


def pack_boxes(boxes: Iterable[Box]) -> list[list[float]]:
    """Return boxes as `[page, x0, y0, x1, y1]`, to a hundredth of a point."""
    return [
        [box.page, *(round(value, 2) for value in (box.x0, box.y0, box.x1, box.y1))]
        for box in boxes
    ]


def unpack_boxes(packed: Iterable[Sequence[float]]) -> tuple[Box, ...]:
    """Return what `pack_boxes` packed."""
    return tuple(Box(int(page), x0, y0, x1, y1) for page, x0, y0, x1, y1 in packed)


def read_json(text: str | bytes) -> Any:
    """Return what a column of JSON holds; HomeProblem where that is damaged."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise _damaged(error) from error


def read_day(value: str | date | None) -> date | None:
    """Return what a column of days holds; HomeProblem where that is damaged."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> HomeProblem:
    return HomeProblem(f"the database is damaged ({error}): {DAMAGED}", code="home-damaged")


def pack_lines(lines: Sequence[LineRecord]) -> bytes:
    """Return the lines of one page as compressed JSON.

    Each line is `[start, length, x0, y0, x1, y1, offset, x, offset, x, ...]`, starts and offsets
    counted from the line before and from the line's start, which compresses best.
    """
    rows: list[list[float]] = []
    last = 0
    for line in lines:
        box = line.box
        row: list[float] = [line.start - last, line.end - line.start]
        row += [round(value, 2) for value in (box.x0, box.y0, box.x1, box.y1)]
        for offset, x in line.stops:
            row += [offset - line.start, round(x, 2)]
        rows.append(row)
        last = line.start
    return zlib.compress(json.dumps(rows, separators=(",", ":")).encode("ascii"))


def unpack_lines(data: bytes, page: int) -> list[LineRecord]:
    """Return what `pack_lines` packed; HomeProblem where that is damaged."""
    lines: list[LineRecord] = []
    start = 0
    try:
        rows = read_json(zlib.decompress(data))
    except zlib.error as error:
        raise _damaged(error) from error
    for step, length, x0, y0, x1, y1, *stops in rows:
        start += step
        pairs = zip(stops[::2], stops[1::2], strict=True)
        known = tuple((start + offset, x) for offset, x in pairs)
        lines.append(LineRecord(start, start + length, Box(page, x0, y0, x1, y1), known))
    return lines
