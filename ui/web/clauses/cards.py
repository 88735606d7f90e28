"""Clauses as cards, and the clause chosen beside its page."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from kb import ClauseInfo, ClauseList, ResponsibleBody, matched
from ui.web import address, evidence
from ui.web.base import is_phone
from ui.web.clauses import asked as state
from ui.web.clauses.asked import Asked, key
from ui.web.evidence import Evidence
from ui.web.marked import markdown_text, where_html
from ui.web.shown import labels_html, text_html
from ui.web.text import say

#: Cards drawn at once; more make the page slow to scroll on a phone.
PAGE_SIZE = 20


def draw(asked: Asked, revision: int) -> None:
    """Draw the clauses found and, beside them, the page of the one chosen."""
    number = state.held("n") or 1
    found = state.find(asked, revision, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    pages = max(1, -(-found.total // PAGE_SIZE))
    if number > pages:
        number = pages
        found = state.find(asked, revision, PAGE_SIZE, (number - 1) * PAGE_SIZE)
    _summary(found, (number - 1) * PAGE_SIZE)
    if not found.clauses:
        st.info(say("no_match"), icon=":material/filter_alt_off:")
        return
    chosen = state.chosen()
    if is_phone():
        _list(found, asked, pages, chosen, under=True)
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        _list(found, asked, pages, chosen or found.clauses[0])
    with right:
        beside(chosen or found.clauses[0])


def _list(
    found: ClauseList,
    asked: Asked,
    pages: int,
    chosen: ClauseInfo | None,
    *,
    under: bool = False,
) -> None:
    """Draw the cards; with `under`, the page of the one chosen under its card."""
    for clause in found.clauses:
        open_now = chosen is not None and _place(clause) == _place(chosen)
        _card(clause, asked, open_now=open_now)
        if under and open_now:
            beside(clause)
    if pages > 1:
        address.pages(pages, key("n"))


def _place(clause: ClauseInfo) -> tuple[str, str]:
    return clause.clause_id, clause.document_id


def whole(clause: ClauseInfo) -> None:
    """Draw a clause's text, where it stands and what is known of it."""
    with st.container(border=True, gap="small"):
        _text(clause)


def beside(clause: ClauseInfo) -> None:
    """Draw a clause's page with it marked; what is cited there is the clause."""
    with st.container(key="beside"):
        evidence.show(
            Evidence(
                clause.document_id,
                clause.title,
                clause.page,
                clause.boxes,
                clause.text,
                clause.number,
                clause.clause_id,
            )
        )


def labels(clause: ClauseInfo) -> Iterator[tuple[str, str, str]]:
    """Yield what is known of a clause as labels: its bodies by role, what it asks and by when."""
    for role in ("lead", "joint", "participant"):
        bodies = dict.fromkeys(_named(body) for body in clause.responsibility if body.role == role)
        if bodies:
            yield role, say(f"role_{role}"), "、".join(bodies)
    for obligation in clause.obligations:
        yield "obligation", say("obligation"), say(obligation)
    for deadline in clause.deadlines:
        yield "deadline", say("deadline"), f"{deadline.due} {deadline.as_written}"
    for target in clause.targets:
        yield "target", say("target"), target


def _summary(found: ClauseList, first: int) -> None:
    shown = len(found.clauses)
    if shown < found.total:
        said = say("clauses_some", f"{found.total:,}", first + 1, first + shown)
    else:
        said = say("clauses_found", found.total)
    match = found.ministry
    if match is not None and match.matched_via:
        chains = [" → ".join(chain) for chain in match.chains if len(chain) > 2]
        via = "、".join(chains or match.matched_via)
        said = f"{said} · {say('matched_via', via)}"
    st.caption(markdown_text(said))


def _card(clause: ClauseInfo, asked: Asked, *, open_now: bool) -> None:
    with st.container(border=True, gap="small"):
        _text(clause, asked.text)
        st.button(
            say("show_page", say("page", clause.page)),
            key=f"{key('show')}-{clause.clause_id}-{clause.document_id}",
            type="primary" if open_now else "secondary",
            icon=":material/find_in_page:",
            on_click=state.choose,
            args=(clause.clause_id, clause.document_id),
        )


def _text(clause: ClauseInfo, words: str | None = None) -> None:
    st.html(where_html(clause.title, *clause.heading_path))
    marks = matched(words, clause.text) if words else ()
    st.html(text_html(clause.text, (body.as_written for body in clause.responsibility), marks))
    known = labels_html(labels(clause))
    if known:
        st.html(known)


def _named(body: ResponsibleBody) -> str:
    notes = [body.as_written] if body.as_written != body.ministry else []
    notes += [say("implicit")] if body.implicit else []
    return body.ministry + (f"（{'，'.join(notes)}）" if notes else "")
