"""Tables of formats that state their cells: merged cells laid out, text made of the rows."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.model import Block, Line, Table

#: A cell's text, the columns it spans and the rows it spans.
Cell = tuple[str, int, int]


def table_block(
    rows: Sequence[Sequence[str]],
    shown: Sequence[Sequence[str]] | None = None,
    header_rows: int = 1,
) -> Block:
    """Make a table block: one line of text per row, cells parted by a tab.

    `rows` has merged cells repeated in every place they cover; `shown` has each once, as the
    reader sees it, and is what the text is made of (`rows` itself where omitted).
    """
    texts = ["\t".join(cells).strip("\t") for cells in (rows if shown is None else shown)]
    lines, offset = [], 0
    for text in texts:
        lines.append(Line(offset, offset + len(text), None))
        offset += len(text) + 1
    table = Table(tuple(tuple(row) for row in rows), header_rows)
    return Block("table", "\n".join(texts), None, tuple(lines), table=table)


def header_depth(rows: Sequence[Sequence[Cell]]) -> int:
    """Return how many leading rows are column headings: as far down as the first row reaches.

    A first row reaches down when one of its cells heads several columns, whose own headings are
    below it beside the cells that need none.
    """
    across = max((across for _, across, _ in rows[0]), default=1)
    down = max((down for _, _, down in rows[0]), default=1)
    return min(down, len(rows) - 1) if across > 1 and down > 1 else 1


def expand(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[str]], list[list[str]]]:
    """Lay out cells of `(text, columns, rows)` on a grid.

    Returns the grid with merged cells repeated wherever they reach, and the same with each text
    once, where it begins.
    """
    full: list[list[str]] = []
    shown: list[list[str]] = []
    below: dict[int, tuple[str, int]] = {}
    for row in rows:
        filled: list[str] = []
        once: list[str] = []
        for text, across, down in row:
            _take_below(below, filled, once)
            for part in range(across):
                if down > 1:
                    below[len(filled)] = (text, down)
                filled.append(text)
                once.append("" if part else text)
        _take_below(below, filled, once)
        below = {at: (text, left - 1) for at, (text, left) in below.items() if left > 1}
        full.append(filled)
        shown.append(once)
    return full, shown


def _take_below(below: dict[int, tuple[str, int]], filled: list[str], once: list[str]) -> None:
    while len(filled) in below and below[len(filled)][1] > 0:
        at = len(filled)
        text, left = below[at]
        filled.append(text)
        once.append("")
        below[at] = (text, left)
