"""Charts that one can click."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

if TYPE_CHECKING:
    import altair

#: The colour of text in each theme, as `.streamlit/config.toml` has it.
INK: Final = {"light": "#22201d", "dark": "#ece8e1"}


def cell_picked(chart: altair.Chart, key: str) -> tuple[str, str] | None:
    """Draw a chart whose selection is named "cell"; return the clause clicked just now, if any.

    That is its id and its document's. A click that was told of once is not told of again, so that
    what is chosen elsewhere afterwards stays.
    """
    event: Any = st.altair_chart(
        legible(chart), key=key, on_select="rerun", selection_mode="cell", width="content"
    )
    points = event["selection"].get("cell") or []
    clicked = (points[0].get("clause_id"), points[0].get("document_id")) if points else None
    seen = f"{key}-seen"
    if clicked == st.session_state.get(seen):
        return None
    st.session_state[seen] = clicked
    return clicked if clicked and all(clicked) else None


def legible(chart: altair.Chart) -> altair.Chart:
    """Return a chart whose words have the page's own colour; Streamlit draws them pale."""
    ink = INK.get(str(st.context.theme.type))
    if ink is None:
        return chart
    legible: altair.Chart = chart.configure_axis(labelColor=ink).configure_legend(labelColor=ink)
    return legible
