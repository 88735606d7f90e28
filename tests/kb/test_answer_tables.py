"""The cell of a table that a question asks for."""

from __future__ import annotations

import pytest

from kb.answering.features import look_at_question
from kb.answering.tables import best_cell
from kb.answering.text import Range, sentences
from kb.answering.words import table

TEXT = (
    "表2 主要商品出口情况\n"
    "商品\t数量（万吨）\t同比增长（%）\n"
    "大豆油\t36.2\t-4.5\n"
    "棉纱\t58\t11.8\n"
    "资料来源：海关"
)


def picked(question: str, row: str) -> str | None:
    asked = look_at_question(question, table())
    span = next(one for one in sentences(TEXT) if TEXT[one.start :].startswith(row))
    cell = best_cell(asked, TEXT, span, table())
    return TEXT[cell.start : cell.end] + cell.unit if cell is not None else None


@pytest.mark.parametrize(
    ("question", "row", "expected"),
    [
        ("棉纱出口同比增长多少？", "棉纱", "11.8%"),
        ("棉纱出口数量是多少？", "棉纱", "58万吨"),
        ("大豆油出口同比增长多少？", "大豆油", "-4.5%"),
        ("棉纱同比增长多少？", "商品", None),
    ],
)
def test_the_row_and_the_column_decide(question: str, row: str, expected: str | None) -> None:
    assert picked(question, row) == expected


def test_the_right_row_is_more_about_the_question_than_another() -> None:
    asked = look_at_question("棉纱出口同比增长多少？", table())
    rows = [one for one in sentences(TEXT) if "\t" in TEXT[one.start : one.end]][1:]
    cells = [best_cell(asked, TEXT, row, table()) for row in rows]
    covers = [cell.cover for cell in cells if cell is not None]
    assert len(covers) == 2
    assert covers[1] > covers[0]


def test_a_row_without_headings_above_it_is_its_own_heading() -> None:
    asked = look_at_question("多少？", table())
    assert best_cell(asked, "甲\t1\t2", Range(0, 5), table()) is None
