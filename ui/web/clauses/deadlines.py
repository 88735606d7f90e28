"""The deadlines that clauses set, on a line of time and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from kb import TimelineEntry, timeline
from ui.web.clauses import asked as state
from ui.web.clauses import cards
from ui.web.clauses.asked import Asked
from ui.web.clauses.charts import cell_picked
from ui.web.text import say

if TYPE_CHECKING:
    import altair

COLOURS = {"past": "#8a93a0", "ahead": "#c2453b"}
#: Later than any deadline: asked for, it leaves the clauses that set one.
LAST_DAY = date(9999, 12, 31)
WIDTH, ROW = 900, 40
#: Characters of a title beside the line.
LONGEST_TITLE = 22


def draw(asked: Asked, revision: int) -> None:
    """Draw the deadlines of the clauses asked for, and the clause of the one that was clicked."""
    found = state.find(replace(asked, due=asked.due or LAST_DAY), revision, state.MOST)
    entries = timeline(found.clauses, asked.due)
    if not entries:
        st.info(say("timeline_empty"), icon=":material/event_busy:")
        return
    st.caption(say("timeline_hint"))
    with st.container(key="chart"):
        picked = cell_picked(_chart(entries), "timeline-chart")
    left, right = st.columns([5, 6], gap="large")
    with left:
        picked = picked or _table(entries)
        if picked:
            state.choose(*picked)
        clause = state.chosen()
        if clause is not None:
            cards.whole(clause)
    with right:
        if clause is not None:
            cards.beside(clause)


def _table(entries: Sequence[TimelineEntry]) -> tuple[str, str] | None:
    rows = [
        {
            say("due"): entry.due,
            say("as_written"): entry.as_written,
            say("clause"): entry.number,
            say("document"): entry.title,
        }
        for entry in entries
    ]
    event: Any = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="timeline-table",
        height=min(38 + 35 * len(rows), 320),
    )
    selected = event["selection"]["rows"]
    clicked = entries[selected[0]] if selected and selected[0] < len(entries) else None
    named = (clicked.clause_id, clicked.document_id) if clicked else None
    if named == st.session_state.get("timeline-table-seen"):
        return None
    st.session_state["timeline-table-seen"] = named
    return named


def _chart(entries: Sequence[TimelineEntry]) -> altair.Chart:
    import altair as alt

    today = date.today()
    rows = [
        {
            "clause_id": entry.clause_id,
            "document_id": entry.document_id,
            "due": entry.due.isoformat(),
            "written": entry.as_written,
            "number": entry.number,
            "title": entry.title,
            "short": _short(entry.title),
            "state": say("past" if entry.due < today else "ahead"),
        }
        for entry in entries
    ]
    picked = alt.selection_point(name="cell", fields=["clause_id", "document_id", "due"])
    titles = list(dict.fromkeys(row["short"] for row in rows))
    states = {say(name): colour for name, colour in COLOURS.items()}
    chart: altair.Chart = (
        alt.Chart(alt.InlineData(values=rows), autosize="pad")
        .properties(width=WIDTH, height=ROW * len(titles))
        .mark_circle(size=180, cursor="pointer")
        .encode(
            x=alt.X("due:T", title=None, axis=alt.Axis(format="%Y-%m", labelOverlap=True)),
            y=alt.Y(
                "short:N",
                title=None,
                sort=titles,
                axis=alt.Axis(labelLimit=260, labelOverlap=False, grid=True),
            ),
            color=alt.Color(
                "state:N",
                title=None,
                scale=alt.Scale(domain=list(states), range=list(states.values())),
                legend=alt.Legend(orient="top", symbolOpacity=1),
            ),
            opacity=alt.condition(picked, alt.value(0.9), alt.value(0.3)),
            tooltip=[
                alt.Tooltip("due:T", title=say("due"), format="%Y-%m-%d"),
                alt.Tooltip("written:N", title=say("as_written")),
                alt.Tooltip("number:N", title=say("clause")),
                alt.Tooltip("title:N", title=say("document")),
            ],
        )
        .add_params(picked)
    )
    return chart


def _short(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
