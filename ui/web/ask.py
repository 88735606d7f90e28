"""Ask: a question, its cited answer, and the page with the sentence marked."""

from __future__ import annotations

import re

import streamlit as st

from kb import Answer, Citation, ClauseInfo, Hit
from ui.web import evidence
from ui.web.base import errors_shown, knowledge_base, stop_if_empty
from ui.web.evidence import Evidence
from ui.web.marked import answer_html, passage_html, where_html
from ui.web.text import say

SLOT = "cited_evidence"
MAX_EXAMPLES = 3
#: Characters of a clause's own heading, beyond which it is a sentence rather than a subject.
MAX_SUBJECT = 24


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    question = _question()
    if not question:
        _examples()
        return
    with errors_shown():
        answer = _answer(question, knowledge_base().revision())
    if st.session_state.get("answered_question") != question:
        st.session_state["answered_question"] = question
        _choose_first(answer)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _show(answer)
    with right:
        shown = evidence.chosen(SLOT)
        if shown is not None:
            evidence.show(shown)


def _question() -> str:
    with st.form("ask", border=False):
        row = st.columns([8, 1], vertical_alignment="bottom")
        typed = row[0].text_input(
            say("question"), key="q", bind="query-params", placeholder=say("question_hint")
        )
        row[1].form_submit_button(say("ask_button"), type="primary", width="stretch")
    return (typed or "").strip()


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(question: str, revision: int) -> Answer:
    del revision  # part of the cache key: a changed library answers anew
    return knowledge_base().ask(question)


def _choose_first(answer: Answer) -> None:
    evidence.forget(SLOT)
    if answer.citations:
        evidence.choose(_cited(answer.citations[0]), SLOT)
    elif answer.nearest:
        evidence.choose(_near(answer.nearest[0]), SLOT)


def _show(answer: Answer) -> None:
    if not answer.answered:
        st.warning(answer.reason or say("refused"), icon=":material/help:")
        if answer.nearest:
            st.subheader(say("nearest"), anchor=False)
        for hit in answer.nearest:
            _card(_near(hit), hit.heading_path, f"near-{hit.rank}")
        return
    st.subheader(say("answer"), anchor=False)
    st.html(answer_html(answer.answer or ""))
    st.subheader(say("citations"), anchor=False)
    for index, citation in enumerate(answer.citations):
        key = f"cite-{index}"
        _card(_cited(citation), (), key, marker=f"[{citation.marker}]")


def _card(shown: Evidence, headings: tuple[str, ...], key: str, marker: str = "") -> None:
    with st.container(border=True):
        st.html(where_html(marker, shown.title, *headings))
        st.html(passage_html(shown.quote, quote=True))
        label = say("show_page", say("page", shown.page))
        st.button(
            label,
            key=key,
            icon=":material/find_in_page:",
            on_click=evidence.choose,
            args=(shown, SLOT),
        )


def _cited(citation: Citation) -> Evidence:
    return Evidence(
        citation.document_id, citation.title, citation.page, citation.boxes, citation.quote
    )


def _near(hit: Hit) -> Evidence:
    return Evidence(hit.document_id, hit.title, hit.page, hit.boxes, hit.text)


def _examples() -> None:
    st.caption(say("examples"))
    with errors_shown():
        for number, example in enumerate(_example_questions(knowledge_base().revision())):
            st.button(
                example,
                key=f"example-{number}",
                type="tertiary",
                icon=":material/arrow_outward:",
                on_click=_put,
                args=(example,),
            )


def _put(question: str) -> None:
    st.session_state["q"] = question


@st.cache_data(max_entries=4, show_spinner=False)
def _example_questions(revision: int) -> list[str]:
    """Return questions the documents present can answer."""
    del revision
    clauses = knowledge_base().clauses().clauses
    subjects = [_subject(clause) for clause in clauses if clause.responsibility]
    named = list(dict.fromkeys(subject for subject in subjects if subject))
    spread = named[:: max(1, len(named) // 2)][: MAX_EXAMPLES - 1]
    questions = [say("example_responsible", f"“{subject}”") for subject in spread]
    titles = [document.title for document in knowledge_base().documents()]
    questions += [
        say("example_about", title if "《" in title else f"《{title}》") for title in titles
    ]
    return questions[:MAX_EXAMPLES]


def _subject(clause: ClauseInfo) -> str:
    """Return what a clause says it is about: its short first sentence; empty if it has none."""
    text = clause.text.removeprefix(clause.number).lstrip("　 、.")
    first = re.split(r"[。\n]", text, maxsplit=1)[0].strip()
    return first if 4 <= len(first) <= MAX_SUBJECT else ""
