"""Clauses: choose a body, see every clause that names it, by role, beside its page."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from kb import ClauseInfo
from ui.web import evidence
from ui.web.base import errors_shown, knowledge_base, stop_if_empty
from ui.web.evidence import Evidence
from ui.web.marked import passage_html, where_html
from ui.web.text import say

SLOT = "clause_evidence"
ROLES = ("any", "lead", "participant", "joint")
#: Cards drawn at once; more make the page slow to scroll on a phone.
PAGE_SIZE = 20


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    with errors_shown():
        counts = _counts(knowledge_base().revision())
    if not counts:
        st.info(say("no_clauses"), icon=":material/rule:")
        return
    ministry, role = _controls(counts)
    if ministry is None:
        return
    with errors_shown():
        found = knowledge_base().clauses(ministry=ministry, role=role).clauses  # type: ignore[arg-type]
    st.caption(say("clauses_found", len(found)))
    if not found:
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        _list(found, ministry)
    with right:
        evidence.show(evidence.chosen(SLOT) or _evidence(found[0]))


@st.cache_data(max_entries=4, show_spinner=False)
def _counts(revision: int) -> list[tuple[str, int]]:
    """Return the bodies made responsible and in how many clauses, most first."""
    del revision
    clauses = knowledge_base().clauses().clauses
    named = Counter(
        ministry
        for clause in clauses
        for ministry in {body.ministry for body in clause.responsibility}
    )
    return named.most_common()


def _controls(counts: list[tuple[str, int]]) -> tuple[str | None, str]:
    row = st.columns([6, 5], vertical_alignment="bottom")
    ministry = row[0].selectbox(
        say("ministry"),
        [name for name, _ in counts],
        index=None,
        placeholder=say("ministry_hint"),
        key="ministry",
        bind="query-params",
        on_change=evidence.forget,
        args=(SLOT,),
    )
    role = row[1].segmented_control(
        say("role"),
        ROLES,
        default="any",
        format_func=lambda name: say(f"role_{name}"),
        key="role",
        on_change=evidence.forget,
        args=(SLOT,),
    )
    return ministry, role or "any"


def _list(found: tuple[ClauseInfo, ...], ministry: str) -> None:
    pages = -(-len(found) // PAGE_SIZE)
    number = st.pagination(pages, key="clauses-page") if pages > 1 else 1
    first = ((number or 1) - 1) * PAGE_SIZE
    for place, clause in enumerate(found[first : first + PAGE_SIZE], first):
        with st.container(border=True):
            st.html(where_html(clause.title, *clause.heading_path))
            bodies = [body for body in clause.responsibility if body.ministry == ministry]
            st.html(passage_html(clause.text, tuple(body.as_written for body in bodies)))
            st.caption("；".join(_as_role(body.as_written, body.role) for body in bodies))
            st.button(
                say("show_page", say("page", clause.page)),
                key=f"clause-{place}",
                icon=":material/find_in_page:",
                on_click=evidence.choose,
                args=(_evidence(clause), SLOT),
            )


def _as_role(name: str, role: str) -> str:
    return f"{name} · {say(f'role_{role}')}"


def _evidence(clause: ClauseInfo) -> Evidence:
    return Evidence(clause.document_id, clause.title, clause.page, clause.boxes, clause.text)
