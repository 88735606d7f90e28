"""The matrix as a heat map: a row for each body, a column for each clause, its role the colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from kb import ClauseInfo, Matrix
from ui.web.clauses import asked as state
from ui.web.clauses import cards
from ui.web.clauses.asked import Asked
from ui.web.clauses.charts import cell_picked
from ui.web.text import say

if TYPE_CHECKING:
    import altair

#: Strongest role first: where a body has several in a clause, that is the cell's colour.
COLOURS = {"lead": "#c2453b", "joint": "#d9a400", "participant": "#4f86bd"}
MOST_BODIES = 60
#: Columns drawn at once; with more, numbers can no longer be read at any width.
MOST_CLAUSES = 40
#: Columns of a chart that leaves room for the clause beside it.
BESIDE = 18
#: Pixels of a cell, and of the names beside the cells.
CELL, NAMES = 27, 200
#: Signs of a clause's number that fit over a cell, and their pixels.
LONGEST_FLAT = 2
FLAT_SIZE = 10


def draw(asked: Asked, revision: int) -> None:
    """Draw the matrix of the clauses asked for, and below it the clause whose cell was clicked."""
    matrix = state.matrix(asked.of_matrix(), revision)
    found = state.find(asked, revision, state.MOST)
    wanted = {(clause.clause_id, clause.document_id) for clause in found.clauses}
    columns = [
        at
        for at, clause in enumerate(matrix.clauses)
        if (clause.clause_id, clause.document_id) in wanted
    ]
    if not columns:
        st.info(say("matrix_empty"), icon=":material/grid_off:")
        return
    first = _first(len(columns))
    shown = columns[first : first + MOST_CLAUSES]
    cells = cells_of(matrix, shown)
    rows = list(dict.fromkeys(cell["body"] for cell in cells))
    bodies = len({cell.ministry for cell in matrix.cells if cell.clause in set(columns)})
    counts = (bodies, len(columns), len(rows), first + 1, first + len(shown))
    st.caption(f"{say('matrix_hint')} {say('matrix_some', *counts)}")
    chart = _chart(cells, rows, len(shown))
    if len(shown) <= BESIDE:
        left, right = st.columns([7, 5], gap="large")
        with left:
            clause = _clicked(chart)
        with right:
            _chosen(clause)
        return
    clause = _clicked(chart)
    left, right = st.columns([5, 6], gap="large")
    if clause is not None:
        with left:
            cards.whole(clause)
        with right:
            cards.beside(clause)


def _clicked(chart: altair.Chart) -> ClauseInfo | None:
    """Draw the chart; return the clause that is chosen, by a click on it or before."""
    with st.container(key="chart"):
        picked = cell_picked(chart, "matrix-chart")
    if picked:
        state.choose(*picked)
    return state.chosen()


def _chosen(clause: ClauseInfo | None) -> None:
    if clause is not None:
        cards.whole(clause)
        cards.beside(clause)


def _first(total: int) -> int:
    pages = -(-total // MOST_CLAUSES)
    if pages <= 1:
        return 0
    return ((st.pagination(pages, key="matrix-page") or 1) - 1) * MOST_CLAUSES


def cells_of(matrix: Matrix, columns: Sequence[int]) -> list[dict[str, Any]]:
    """Return the cells of some columns as rows of data, bodies in the matrix's order."""
    places = {column: place for place, column in enumerate(columns)}
    named = sorted({cell.ministry for cell in matrix.cells if cell.clause in places})
    kept = frozenset(named[:MOST_BODIES])
    cells = []
    for cell in matrix.cells:
        if cell.clause not in places or cell.ministry not in kept:
            continue
        clause = matrix.clauses[cell.clause]
        roles = [role for role in COLOURS if role in cell.roles]
        cells.append(
            {
                "clause_id": clause.clause_id,
                "document_id": clause.document_id,
                "body": matrix.ministries[cell.ministry].name,
                "column": f"{places[cell.clause]:04}|{_bare(clause.number)}",
                "role": say(f"role_{roles[0]}"),
                "roles": "、".join(say(f"role_{role}") for role in roles),
                "written": "、".join(cell.as_written),
                "words": clause.words,
                "number": clause.number,
                "title": clause.title,
                "strength": 0.45 if cell.implicit else 1.0,
            }
        )
    return cells


def _bare(number: str) -> str:
    """Return a clause's number without the signs around it."""
    return number.strip("第条款项（）()、.． ")


def _chart(cells: list[dict[str, Any]], rows: Sequence[str], columns: int) -> altair.Chart:
    import altair as alt

    long = any(len(cell["column"]) > LONGEST_FLAT + len("0000|") for cell in cells)
    angle = -90 if long else 0
    picked = alt.selection_point(name="cell", fields=["clause_id", "document_id", "body"])
    roles = {say(f"role_{role}"): colour for role, colour in COLOURS.items()}
    tooltip = [
        alt.Tooltip(f"{field}:N", title=say(word))
        for field, word in (
            ("body", "ministry"),
            ("roles", "role"),
            ("written", "as_written"),
            ("number", "clause"),
            ("words", "clause_text_short"),
            ("title", "document"),
        )
    ]
    chart: altair.Chart = (
        alt.Chart(alt.InlineData(values=cells), autosize="pad")
        .properties(width=columns * CELL, height=len(rows) * CELL)
        .mark_rect(cornerRadius=3, cursor="pointer", tooltip=True)
        .encode(
            x=alt.X(
                "column:O",
                title=None,
                axis=alt.Axis(
                    labelExpr="split(datum.value, '|')[1]",
                    labelAngle=angle,
                    orient="top",
                    labelOverlap=False,
                    ticks=False,
                    domain=False,
                    labelPadding=6,
                    labelFontSize=FLAT_SIZE if angle == 0 else 12,
                ),
                scale=alt.Scale(paddingInner=0.12),
            ),
            y=alt.Y(
                "body:N",
                title=None,
                sort=list(rows),
                axis=alt.Axis(labelLimit=NAMES, labelOverlap=False, ticks=False, domain=False),
                scale=alt.Scale(paddingInner=0.12),
            ),
            color=alt.Color(
                "role:N",
                title=None,
                scale=alt.Scale(domain=list(roles), range=list(roles.values())),
                legend=alt.Legend(orient="top", symbolOpacity=1),
            ),
            opacity=alt.condition(picked, alt.Opacity("strength:Q", scale=None), alt.value(0.3)),
            tooltip=tooltip,
        )
        .add_params(picked)
    )
    return chart
