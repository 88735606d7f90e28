"""The matrix of bodies and clauses, for Excel, as CSV and as Markdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kb.errors import InvalidInput
from kb.exporting.columns import ROLES as NAMES
from kb.exporting.columns import Column, Value
from kb.exporting.delimited import delimited
from kb.exporting.digest import Gatherer
from kb.exporting.safe import markdown
from kb.exporting.workbook import MAX_COLUMNS, Book
from kb.matrix import Matrix, MatrixCell, MatrixClause, MatrixMinistry

LETTERS = {"lead": "牵", "participant": "参", "joint": "共"}
_COUNTS: tuple[Column[MatrixMinistry], ...] = (
    Column("责任单位", 26, lambda row: row.name),
    Column("文中又作", 22, lambda row: "、".join(row.matched_via)),
    Column("条款数", 8, lambda row: row.clauses),
    Column("牵头", 6, lambda row: row.lead),
    Column("共同", 6, lambda row: row.joint),
    Column("参与", 6, lambda row: row.participant),
)
_CLAUSE_WIDTH = 12
#: Light fills that print well, by the strongest role.
_FILLS = {"lead": "FFF8CBAD", "joint": "FFFFE699", "participant": "FFDDEBF7"}
_PLAIN_HEADER = "责任单位"


def letters(cell: MatrixCell) -> str:
    """Return a cell's roles as 牵, 共, 参; in brackets where the body is only implied."""
    held = "".join(LETTERS[role] for role in cell.roles)
    return f"（{held}）" if cell.implicit else held


def words(cell: MatrixCell) -> str:
    """Return a cell's roles as 牵头, 共同, 参与; in brackets where the body is only implied."""
    held = "、".join(NAMES[role] for role in cell.roles)
    return f"（{held}）" if cell.implicit else held


def matrix_workbook(matrix: Matrix, gather: Gatherer) -> bytes:
    """Write the matrix, its clauses with links to their pages, and the sources."""
    if len(matrix.clauses) + len(_COUNTS) > MAX_COLUMNS:
        message = (
            f"{len(matrix.clauses):,} clauses are more columns than a sheet of Excel holds: "
            "choose fewer with the filters, or export to .csv"
        )
        raise InvalidInput(message, field="export")
    book = Book()
    cells = _by_row(matrix)
    places = {row.name: at for at, row in enumerate(matrix.ministries)}

    def part(column: int) -> Column[MatrixMinistry]:
        clause = matrix.clauses[column]

        def cell(row: MatrixMinistry) -> MatrixCell | None:
            return cells[places[row.name]].get(column)

        return Column(
            f"{clause.number}\n{clause.words}",
            _CLAUSE_WIDTH,
            lambda row: _shown(cell(row)),
            fill=lambda row: _colour(cell(row)),
        )

    columns = [part(at) for at in range(len(matrix.clauses))]
    sheet = book.sheet("矩阵", [*_COUNTS, *columns], matrix.ministries, frozen_columns=1)
    for at, clause in enumerate(matrix.clauses, len(_COUNTS) + 1):
        book.link(sheet.cell(1, at), gather.link(clause.document_id, clause.page, clause.clause_id))
    book.sheet("条款", _clause_columns(gather), matrix.clauses, numbered=True)
    book.sources(gather.sources([clause.document_id for clause in matrix.clauses]))
    return book.saved("责任分工矩阵")


def matrix_csv(matrix: Matrix) -> bytes:
    """Write a row for each body, a column for each clause, roles in words."""
    cells = _by_row(matrix)
    header = [column.heading for column in _COUNTS]
    header += [f"{clause.title} {clause.number}".strip() for clause in matrix.clauses]
    return delimited(header, (_csv_row(matrix, at, cells[at]) for at in range(len(cells))))


def matrix_markdown(matrix: Matrix) -> bytes:
    """Write a table with a numbered column for each clause, and what the numbers stand for."""
    cells = _by_row(matrix)
    numbers = [str(at) for at, _ in enumerate(matrix.clauses, 1)]
    rows = [[_PLAIN_HEADER, *numbers], ["---"] * (len(numbers) + 1)]
    for at, ministry in enumerate(matrix.ministries):
        held = (cells[at].get(column) for column in range(len(numbers)))
        parts = (letters(cell) if cell is not None else "" for cell in held)
        rows.append([markdown(ministry.name), *parts])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    legend = "牵：牵头；共：共同负责；参：参与；（）：未点名，按文意包含"
    key = "\n".join(_key(matrix))
    return f"# 责任分工矩阵\n\n{legend}\n\n{table}\n\n{key}\n".encode()


def _key(matrix: Matrix) -> Iterator[str]:
    for at, clause in enumerate(matrix.clauses, 1):
        where = f"{clause.title} {clause.number} {clause.words}，第{clause.page}页"
        yield f"{at}. {markdown(where)}"


def _by_row(matrix: Matrix) -> list[dict[int, MatrixCell]]:
    """Return the cells of each row by their column."""
    found: dict[int, dict[int, MatrixCell]] = defaultdict(dict)
    for cell in matrix.cells:
        found[cell.ministry][cell.clause] = cell
    return [found[at] for at in range(len(matrix.ministries))]


def _shown(cell: MatrixCell | None) -> str | None:
    return None if cell is None else words(cell)


def _csv_row(matrix: Matrix, at: int, cells: dict[int, MatrixCell]) -> list[Value]:
    counts = [column.value(matrix.ministries[at]) for column in _COUNTS]
    return [*counts, *(_shown(cells.get(column)) for column in range(len(matrix.clauses)))]


def _colour(cell: MatrixCell | None) -> str | None:
    """Return the colour of a cell's strongest role."""
    return None if cell is None else _FILLS[cell.roles[0]]


def _clause_columns(gather: Gatherer) -> list[Column[MatrixClause]]:
    return [
        Column("文件", 40, lambda clause: clause.title),
        Column("编号", 10, lambda clause: clause.number),
        Column("章节", 30, lambda clause: " › ".join(clause.heading_path)),
        Column("内容", 50, lambda clause: clause.words),
        Column(
            "页",
            6,
            lambda clause: clause.page,
            lambda clause: gather.link(clause.document_id, clause.page, clause.clause_id),
        ),
    ]
