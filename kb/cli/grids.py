"""The matrix of bodies and clauses on a terminal, cut to what fits."""

from __future__ import annotations

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from kb.cli.layout import counted, inset, one_line, place_of
from kb.cli.output import console
from kb.exporting.grid import LETTERS
from kb.matrix import Matrix, MatrixCell, MatrixClause

#: Bodies shown; a matrix with more is for a spreadsheet.
MOST_ROWS = 60
_NAME_WIDTH = 30
_STYLES = {"lead": "bold red", "joint": "yellow", "participant": "cyan"}
_LEGEND = "牵 leads, 共 jointly, 参 takes part; * implied, not named"


def print_matrix(matrix: Matrix) -> None:
    """Print bodies by clauses, what the columns stand for, and what was left out."""
    out = console()
    if not matrix.cells:
        out.print("no clause here makes a body responsible")
        return
    rows = matrix.ministries[:MOST_ROWS]
    name = min(max(cell_len(one_line(row.name)) for row in rows), _NAME_WIDTH)
    wide = max(len(str(len(matrix.clauses))), 3) + 1
    columns = max((out.width - name - 6) // wide, 1)
    shown = matrix.clauses[:columns]
    _print_grid(out, matrix, len(rows), len(shown), name, wide)
    inset(out, Text(_LEGEND, "dim"), first="")
    out.print()
    _print_key(out, shown)
    left = (len(matrix.ministries) - len(rows), len(matrix.clauses) - len(shown))
    if any(left):
        bodies = f"{left[0]:,} more bodies" if left[0] != 1 else "1 more body"
        said = f"not shown: {bodies}, {counted(left[1], 'more clause')}: --export F.xlsx has all"
        inset(out, Text(said, "yellow"), first="")


def _print_grid(
    out: Console, matrix: Matrix, rows: int, columns: int, name: int, wide: int
) -> None:
    header = Text(" " * (name + 5))
    for number in range(1, columns + 1):
        header.append(f"{number} ".rjust(wide), "dim")
    header.rstrip()
    out.print(header, soft_wrap=True)
    cells = {(cell.ministry, cell.clause): cell for cell in matrix.cells}
    for row, ministry in enumerate(matrix.ministries[:rows]):
        line = Text(_fitted(one_line(ministry.name), name), "dim" if ministry.implicit else "")
        line.append(str(ministry.clauses).rjust(5), "bold")
        for column in range(columns):
            line.append_text(_part(cells.get((row, column)), wide))
        line.rstrip()
        out.print(line, soft_wrap=True)


def _part(cell: MatrixCell | None, wide: int) -> Text:
    """Return a body's strongest part, in a column's width."""
    if cell is None:
        return Text("· ".rjust(wide), "dim")
    role = cell.roles[0]
    implied = "*" if cell.implicit else " "
    return Text.assemble(" " * (wide - 3), (f"{LETTERS[role]}{implied}", _STYLES[role]))


def _print_key(out: Console, clauses: tuple[MatrixClause, ...]) -> None:
    """Say what the columns' numbers stand for, clauses under their documents."""
    title = None
    for number, clause in enumerate(clauses, 1):
        if clause.document_id != title:
            title = clause.document_id
            inset(out, Text(one_line(clause.title), "bold"), first="")
        place = place_of(clause.page, clause.number)
        said = Text.assemble(one_line(clause.words), "  ", (place, "cyan"))
        inset(out, said, first=f"{number:>4}  ")


def _fitted(text: str, width: int) -> str:
    if cell_len(text) > width:
        text = chop_cells(text, width - 1)[0] + "…"
    return text + " " * (width - cell_len(text))
