"""Ask: a question, its cited answer, and the page with the sentence marked.

The address holds the questions of a conversation, in their order, and the citation shown: it can
be shared, and reloading it asks them again.
"""

from __future__ import annotations

import re

import streamlit as st

from kb import Answer, Citation, ClauseInfo, Hit
from ui.web import evidence, exporting
from ui.web.answers import answer_of, known
from ui.web.base import errors_shown, is_phone, knowledge_base, stop_if_empty
from ui.web.evidence import Evidence
from ui.web.known import documents, sampled_clauses
from ui.web.marked import answer_html, asked_html, markdown_text, passage_html, where_html
from ui.web.text import say
from ui.web.wording import reasoned

MAX_EXAMPLES = 4
#: Questions of one conversation that its address holds.
MOST_TURNS = 8
#: Conversations of a session that are offered again.
MOST_KEPT = 12
#: Clauses whose subjects example questions are made of.
MOST_SAMPLED = 200
#: Characters of a clause's own heading, beyond which it is a sentence rather than a subject.
MAX_SUBJECT = 24


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    asked = tuple(st.query_params.get_all("q"))[-MOST_TURNS:]
    _ask_form(asked)
    if not asked:
        _examples()
        return
    _remember(asked)
    with errors_shown():
        _conversation(asked)


def _ask_form(asked: tuple[str, ...]) -> None:
    with st.form("ask", border=False, clear_on_submit=True):
        sizes = [3, 1] if is_phone() else [8, 1]
        row = st.columns(sizes, vertical_alignment="bottom", wrap=False)
        row[0].text_input(
            say("follow_up") if asked else say("question"),
            key="ask-question",
            placeholder=say("follow_up_hint") if asked else say("question_hint"),
        )
        row[1].form_submit_button(
            say("ask_button"), type="primary", width="stretch", on_click=_ask, args=(asked,)
        )
    _options(asked)


def _options(asked: tuple[str, ...]) -> None:
    model = knowledge_base().language_model()
    earlier = [one for one in st.session_state.get("ask-history", []) if one != asked]
    if not (asked or earlier or model.is_set):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="ask-options"):
        if asked:
            st.button(say("new_topic"), icon=":material/add:", on_click=_go, args=((),))
        if earlier:
            with st.popover(say("history"), icon=":material/history:"):
                for number, one in enumerate(earlier):
                    name = " → ".join(map(markdown_text, one))
                    st.button(
                        name, key=f"past-{number}", type="tertiary", on_click=_go, args=(one,)
                    )
        if model.is_set:
            st.toggle(
                say("use_llm", markdown_text(model.model)),
                value=True,
                key="ask-llm",
                persist_state="session",
            )


def _ask(asked: tuple[str, ...]) -> None:
    typed = str(st.session_state.get("ask-question", "")).strip()
    if typed:
        _go((*asked, typed))


def _go(questions: tuple[str, ...]) -> None:
    st.query_params.pop("cite", None)
    st.query_params["q"] = list(questions[-MOST_TURNS:])


def _remember(asked: tuple[str, ...]) -> None:
    """Keep the conversation among those of this session, in the place of what it goes on from."""
    kept = [one for one in st.session_state.get("ask-history", []) if asked[: len(one)] != one]
    st.session_state["ask-history"] = [asked, *kept][:MOST_KEPT]


def _conversation(asked: tuple[str, ...]) -> None:
    llm = bool(st.session_state.get("ask-llm")) and knowledge_base().language_model().is_set
    revision = knowledge_base().state()
    place = st.empty()
    if not known(asked, revision, llm):
        with place.container():
            st.html(asked_html(asked[-1]))
            answer_of(asked, revision, llm, streamed=True)
    answers = [
        answer_of(asked[: number + 1], revision, llm, streamed=False)
        for number in range(len(asked))
    ]
    with place.container():
        _latest(answers[-1])
        _earlier(answers[:-1])


@st.fragment
def _latest(answer: Answer) -> None:
    """Draw the answer, its citations and the page of the one chosen; only this part redraws."""
    shown = _sources(answer)
    wanted = st.query_params.get("cite", "1")
    at = int(wanted) - 1 if wanted.isascii() and wanted.isdecimal() else 0
    at = at if 0 <= at < len(shown) else 0
    if is_phone():
        _show(answer, at, inside=True)
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        _show(answer, at, inside=False)
    with right, st.container(key="beside"):
        if shown:
            evidence.show(shown[at])


def _sources(answer: Answer) -> list[Evidence]:
    if answer.answered:
        return [_cited(citation) for citation in answer.citations]
    return [_near(hit) for hit in answer.nearest]


def _show(answer: Answer, at: int, *, inside: bool) -> None:
    st.html(asked_html(answer.question))
    if answer.asked and answer.asked != answer.question:
        st.caption(say("understood_as", markdown_text(answer.asked)))
    if answer.answered:
        st.html(answer_html(answer.answer or ""))
        _written(answer)
        exporting.offer(answer, "ask")
        st.subheader(say("citations"), anchor=False)
        labels = [(f"[{one.marker}] {one.title}", *one.heading_path) for one in answer.citations]
    else:
        st.warning(markdown_text(_refusal(answer)), icon=":material/help:")
        if answer.nearest:
            st.subheader(say("nearest"), anchor=False)
        labels = [("", hit.title, *hit.heading_path) for hit in answer.nearest]
    for number, (shown, label) in enumerate(zip(_sources(answer), labels, strict=True)):
        _card(shown, label, number, chosen=number == at, inside=inside)


def _refusal(answer: Answer) -> str:
    return reasoned(answer.reason) if answer.reason else say("refused")


def _written(answer: Answer) -> None:
    """Say what was sent to a language model, and what became of its words."""
    if answer.written is None:
        return
    sent = answer.written.sent
    told = say("sent", sent.model, sent.host, sent.passages, sent.characters)
    note = answer.written.note
    st.caption(markdown_text(f"{told} {note}" if note else told))


def _card(
    shown: Evidence, label: tuple[str, ...], number: int, *, chosen: bool, inside: bool
) -> None:
    with st.container(border=True, gap="small"):
        st.html(where_html(*label))
        st.html(passage_html(shown.quote, quote=True))
        st.button(
            say("show_page", say("page", shown.page)),
            key=f"source-{number}",
            icon=":material/find_in_page:",
            type="primary" if chosen else "secondary",
            on_click=_choose,
            args=(number,),
        )
        if chosen and inside:
            evidence.show(shown)


def _choose(number: int) -> None:
    st.query_params["cite"] = str(number + 1)


def _cited(citation: Citation) -> Evidence:
    return Evidence(
        citation.document_id,
        citation.title,
        citation.page,
        citation.boxes,
        citation.quote,
        citation.clause,
    )


def _near(hit: Hit) -> Evidence:
    return Evidence(hit.document_id, hit.title, hit.page, hit.boxes, hit.text, hit.clause)


def _earlier(answers: list[Answer]) -> None:
    if not answers:
        return
    st.subheader(say("earlier"), anchor=False)
    for answer in reversed(answers):
        with st.expander(markdown_text(answer.question)):
            if answer.answered:
                st.html(answer_html(answer.answer or ""))
                for one in answer.citations:
                    st.html(where_html(f"[{one.marker}]", one.title, say("page", one.page)))
            else:
                st.write(markdown_text(_refusal(answer)))


def _examples() -> None:
    st.caption(say("examples"))
    with errors_shown():
        for number, example in enumerate(_example_questions()):
            st.button(
                markdown_text(example),
                key=f"example-{number}",
                type="tertiary",
                icon=":material/arrow_outward:",
                on_click=_go,
                args=((example,),),
            )


def _example_questions() -> list[str]:
    """Return questions the documents present can answer."""
    clauses = sampled_clauses(MOST_SAMPLED)
    subjects = [_subject(clause) for clause in clauses if clause.responsibility]
    named = list(dict.fromkeys(subject for subject in subjects if subject))
    spread = named[:: max(1, len(named) // 2)][: MAX_EXAMPLES // 2]
    questions = [say("example_responsible", f"“{subject}”") for subject in spread]
    titles = [document.title for document in documents()[:MAX_EXAMPLES]]
    questions += [
        say("example_about", title if "《" in title else f"《{title}》") for title in titles
    ]
    return questions[:MAX_EXAMPLES]


def _subject(clause: ClauseInfo) -> str:
    """Return what a clause says it is about: its short first sentence; empty if it has none."""
    text = clause.text.removeprefix(clause.number).lstrip("　 、.")
    first = re.split(r"[。\n]", text, maxsplit=1)[0].strip()
    return first if 4 <= len(first) <= MAX_SUBJECT else ""
