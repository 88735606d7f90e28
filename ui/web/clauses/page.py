"""The page: controls, the view chosen, and the clause chosen in it."""

from __future__ import annotations

import streamlit as st

from ui.web import address
from ui.web.base import errors_shown, knowledge_base, stop_if_empty
from ui.web.clauses import asked as state
from ui.web.clauses import cards, controls, deadlines, heatmap, lineage
from ui.web.shown import style
from ui.web.text import say

VIEWS = {
    "list": cards.draw,
    "matrix": heatmap.draw,
    "timeline": deadlines.draw,
    "lineage": lineage.draw,
}


def page() -> None:
    """Draw the page."""
    style()
    stop_if_empty()
    _body()


@st.fragment
def _body() -> None:
    """Draw what is redrawn when a control is used; the rest of the page stays as it is."""
    address.enter(state.PAGE, state.PARAMS)
    with errors_shown():
        revision = knowledge_base().state()
        if not state.find(state.Asked(), revision, 0).total:
            st.info(say("no_clauses"), icon=":material/rule:")
            return
        asked = controls.draw(revision)
        address.publish(state.PAGE, state.PARAMS)
        VIEWS[state.held("view")](asked, revision)
        address.publish(state.PAGE, state.PARAMS)
