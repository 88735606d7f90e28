"""The page beside the answer: its image, with the cited sentence marked."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from kb import Box
from ui.web.base import errors_shown, knowledge_base
from ui.web.marked import passage_html, where_html
from ui.web.text import say

ZOOM = {"75%": 1.1, "100%": 1.5, "150%": 2.2, "200%": 3.0}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What to show: a document's page, the boxes to mark and the words they hold."""

    document_id: str
    title: str
    page: int
    boxes: tuple[Box, ...]
    quote: str


def choose(evidence: Evidence, slot: str) -> None:
    """Make `evidence` what the view named `slot` shows, from its own page on."""
    st.session_state[slot] = evidence
    st.session_state.pop("evidence_shown", None)


def chosen(slot: str) -> Evidence | None:
    """Return what was chosen in the view named `slot`, if anything."""
    found = st.session_state.get(slot)
    return found if isinstance(found, Evidence) else None


def forget(slot: str) -> None:
    """Let the view named `slot` show its first result again."""
    st.session_state.pop(slot, None)


@st.fragment
def show(evidence: Evidence) -> None:
    """Draw the page with its marks, page buttons and zoom; only this part redraws."""
    if st.session_state.get("evidence_shown") != evidence:
        # The page turned to belongs to what was shown then, in this view or another.
        st.session_state["evidence_shown"] = evidence
        st.session_state["evidence_page"] = evidence.page
    page = st.session_state["evidence_page"]
    with errors_shown():
        document = knowledge_base().document(evidence.document_id)
        text = knowledge_base().page_text(evidence.document_id, page)
        st.html(where_html(evidence.title, say("page_of", page, document.pages)))
        if not text.has_image:
            st.caption(say("no_image"))
            st.html(passage_html(text.text, (evidence.quote,)))
            return
        scale = _controls(page, document.pages)
        marks = tuple(box for box in evidence.boxes if box.page == page)
        png = _image(evidence.document_id, page, scale, marks)
    width: int | str = "stretch" if scale <= ZOOM["100%"] else int(text.width * scale)
    with st.container(height=860 if scale > ZOOM["100%"] else "content"):
        st.image(png, width=width, alt=f"{evidence.title} {say('page', page)}")  # type: ignore[arg-type]


def _controls(page: int, pages: int) -> float:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(say("previous"), icon=":material/chevron_left:", disabled=page <= 1):
            _turn(page - 1)
        if st.button(say("next"), icon=":material/chevron_right:", disabled=page >= pages):
            _turn(page + 1)
        zoom = st.selectbox(
            say("zoom"), list(ZOOM), index=1, label_visibility="collapsed", width=110
        )
    return ZOOM[zoom]


def _turn(page: int) -> None:
    st.session_state["evidence_page"] = page
    st.rerun(scope="fragment")


@st.cache_data(max_entries=64, show_spinner=False)
def _image(document_id: str, page: int, scale: float, marks: tuple[Box, ...]) -> bytes:
    return knowledge_base().page_image(document_id, page, scale=scale, highlights=marks)
