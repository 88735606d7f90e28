"""The matrix of bodies and clauses: rows, columns, cells, and the files made of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from kb import ClauseInfo, Filters, InvalidInput, KnowledgeBase, Matrix, NotFound, ResponsibleBody
from kb.exporting.grid import matrix_csv, matrix_markdown
from kb.matrix import matrix_of


def body(name: str, role: str, written: str = "", *, implicit: bool = False) -> ResponsibleBody:
    return ResponsibleBody(name, written or name, role, implicit)  # type: ignore[arg-type]


def clause(number: str, *bodies: ResponsibleBody, text: str = "做好工作。其他。") -> ClauseInfo:
    return ClauseInfo(f"c{number}", "d", "意见", number, ("一",), number + text, 1, (), bodies)


@pytest.fixture
def matrix() -> Matrix:
    return matrix_of(
        [
            clause("（一）", body("各有关部门", "participant", implicit=True)),
            clause("（二）"),
            clause(
                "（三）",
                body("财政部", "joint"),
                body("中国银行业监督管理委员会", "lead", "银监会"),
                body("各有关部门", "participant", implicit=True),
            ),
            clause(
                "（四）",
                body("国家金融监督管理总局", "lead", "金融监管总局"),
                body("国家金融监督管理总局", "joint", "金融监管总局"),
            ),
        ]
    )


def test_rows_are_bodies_of_today_most_clauses_first_and_implied_ones_last(matrix: Matrix) -> None:
    rows = [
        (row.name, row.clauses, row.lead, row.joint, row.participant) for row in matrix.ministries
    ]
    assert rows == [
        ("国家金融监督管理总局", 2, 2, 1, 0),
        ("财政部", 1, 0, 1, 0),
        ("各有关部门", 2, 0, 0, 2),
    ]
    via = matrix.ministries[0].matched_via
    assert {"银监会", "金融监管总局"} <= set(via)
    assert "国家金融监督管理总局" not in via
    assert [row.implicit for row in matrix.ministries] == [False, False, True]


def test_columns_are_clauses_that_make_somebody_responsible(matrix: Matrix) -> None:
    assert [column.number for column in matrix.clauses] == ["（一）", "（三）", "（四）"]
    assert {column.words for column in matrix.clauses} == {"做好工作"}


def test_cells_hold_all_roles_the_strongest_first(matrix: Matrix) -> None:
    cells = {(cell.ministry, cell.clause): cell for cell in matrix.cells}
    assert set(cells) == {(0, 1), (0, 2), (1, 1), (2, 0), (2, 1)}
    assert cells[0, 2].roles == ("lead", "joint")
    assert cells[0, 1].as_written == ("银监会",)
    assert cells[2, 0].implicit


def test_long_first_words_are_cut() -> None:
    made = matrix_of([clause("1", body("财政部", "lead"), text="字" * 100)])
    assert made.clauses[0].words == "字" * 39 + "…"


def test_an_empty_matrix_is_written_too() -> None:
    empty = matrix_of([])
    assert empty == Matrix((), (), ())
    assert matrix_csv(empty).count(b"\r\n") == 1
    assert matrix_markdown(empty).startswith("# 责任".encode())


def test_csv_has_roles_in_words(matrix: Matrix) -> None:
    text = matrix_csv(matrix).decode("utf-8-sig")
    first, _, last = csv.DictReader(io.StringIO(text, newline=""))
    assert (first["责任单位"], first["条款数"]) == ("国家金融监督管理总局", "2")
    assert first["意见 （四）"] == "牵头、共同"
    assert (last["意见 （一）"], last["意见 （四）"]) == ("（参与）", "")


def test_markdown_has_letters_and_a_key(matrix: Matrix) -> None:
    lines = matrix_markdown(matrix).decode().splitlines()
    assert "| 国家金融监督管理总局 |  | 牵 | 牵共 |" in lines
    assert "| 各有关部门 | （参） | （参） |  |" in lines
    assert "2. 意见 （三） 做好工作，第1页" in lines


def test_the_facade_s_matrix_is_that_of_its_clauses(filled: KnowledgeBase) -> None:
    matrix = filled.matrix()
    names = {row.name: row.matched_via for row in matrix.ministries}
    assert names["工业和信息化部"] == ("工信部",)
    assert len(matrix.clauses) == 3
    shared = filled.matrix(Filters(ministry="财政部"))
    assert {row.name for row in shared.ministries} == {"财政部", "工业和信息化部"}
    assert len(shared.clauses) == 1
    with pytest.raises(NotFound):
        filled.matrix(Filters(document="0" * 16))


def test_a_workbook_has_roles_links_and_panes_that_stay(
    filled: KnowledgeBase, tmp_path: Path
) -> None:
    matrix = filled.matrix()
    target = tmp_path / "分工.xlsx"
    filled.export(matrix, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["矩阵", "条款", "来源"]
    sheet = book["矩阵"]
    assert sheet.freeze_panes == "B2"
    header = [cell.value for cell in sheet[1]]
    assert header[:6] == ["责任单位", "文中又作", "条款数", "牵头", "共同", "参与"]
    assert header[6] == "（一）\n完善骨干网络"
    column = 7 + [clause.number for clause in matrix.clauses].index("（二）")
    parts = {row[0].value: row[column - 1].value for row in sheet.iter_rows(min_row=2)}
    assert parts["财政部"] == "共同"
    assert parts["交通运输部"] is None
    opinion = filled.document(matrix.clauses[0].document_id)
    assert sheet.cell(1, 7).hyperlink.target == Path(opinion.path).as_uri()
    assert book["条款"]["F2"].hyperlink.target == Path(opinion.path).as_uri()
    filled_cell = sheet.cell(2, 7).fill.fgColor.rgb, sheet.cell(2, 8).fill.fgColor.rgb
    assert len(set(filled_cell)) == 2


def test_more_clauses_than_columns_of_excel_are_refused(filled: KnowledgeBase) -> None:
    many = matrix_of(clause(str(number), body("财政部", "lead")) for number in range(16_400))
    with pytest.raises(InvalidInput, match=r"export to \.csv"):
        filled.exported(many, "xlsx")
    with pytest.raises(InvalidInput, match="xlsx, csv, md"):
        filled.exported(many, "docx")
