"""Search: ranked passages with their terms marked, facets, and the page of the chosen one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import streamlit as st

from kb import Hit, Mode, SearchResult, matched
from ui.web import evidence, exporting
from ui.web.address import Param, enter, one_of, publish, yes
from ui.web.base import errors_shown, is_phone, knowledge_base, stop_if_empty
from ui.web.evidence import Evidence
from ui.web.facets import Chosen, Counts, of_documents, of_hits
from ui.web.known import by_id, documents, ministries
from ui.web.marked import markdown_text, passage_html, where_html
from ui.web.text import language, say
from ui.web.wording import reasoned

PAGE: Final = "search"
MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")
SORTS: Final = ("relevance", "newest", "oldest", "document")
#: Hits shown at first, and with each step more; hits that the facets count.
STEP = 10
MOST = 50
COUNTED = 100
MOST_SUGGESTIONS = 6
FACETS: Final = ("document", "type", "issuer", "ministry", "year")
PARAMS: Final = (
    Param("q", ""),
    *(Param(name, "") for name in FACETS),
    Param("in_force", False, yes),
    Param("sort", "relevance", one_of(*SORTS)),
    Param("mode", "hybrid", one_of(*MODES)),
    Param("hit"),
)


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    enter(PAGE, PARAMS)
    _view()


@st.fragment
def _view() -> None:
    """Draw everything; typing and choosing redraw only this."""
    with errors_shown():
        query = _query()
        chosen, sort, mode = _controls(query)
        publish(PAGE, PARAMS)
        if not query:
            st.info(say("search_start", len(documents())), icon=":material/search:")
            return
        _results(query, chosen, sort, mode)


def _key(name: str) -> str:
    return f"{PAGE}-{name}"


def _held(name: str) -> Any:
    return st.session_state.get(_key(name))


def _query() -> str:
    typed = st.text_input(
        say("query"),
        key=_key("q"),
        type="search",
        live="300ms",
        placeholder=say("search_hint"),
        on_change=_begin_again,
    )
    query = (typed or "").strip()
    if query:
        _suggestions(query)
    return query


def _begin_again() -> None:
    st.session_state.pop(_key("hit"), None)
    st.session_state.pop("search-shown", None)


def _suggestions(query: str) -> None:
    found = _suggested(query, knowledge_base().state())
    if not found:
        return
    with st.container(horizontal=True, gap="small", key="suggestions"):
        for number, text in enumerate(found):
            st.button(
                markdown_text(text),
                key=f"suggestion-{number}",
                type="tertiary",
                icon=":material/north_west:",
                on_click=_take,
                args=(text,),
            )


@st.cache_data(max_entries=256, show_spinner=False)
def _suggested(query: str, revision: int) -> list[str]:
    del revision
    found = knowledge_base().suggest(query, MOST_SUGGESTIONS)
    return [one.text for one in found if one.text != query]


def _take(text: str) -> None:
    st.session_state[_key("q")] = text
    _begin_again()


def _controls(query: str) -> tuple[Chosen, str, Mode]:
    held = _chosen()
    counts = {**_counts(query, knowledge_base().state()), "ministry": ministries()}
    label = say("filters_on", len(held)) if len(held) else say("filters")
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="facets")
    with row.popover(label, icon=":material/tune:") if is_phone() else row:
        for name in FACETS:
            _facet(name, counts[name])
        _select("sort", say("sort"), SORTS, lambda one: say(f"sort_{one}"), 150)
        _select("mode", say("mode"), MODES, say, 110)
        st.checkbox(say("in_force"), key=_key("in_force"), on_change=_begin_again)
        if len(held):
            st.button(
                say("clear_filters"), icon=":material/close:", type="tertiary", on_click=_clear
            )
    return _chosen(), _held("sort") or "relevance", _held("mode") or "hybrid"


def _chosen() -> Chosen:
    values = {name: str(_held(name) or "") for name in FACETS}
    return Chosen(**values, in_force=bool(_held("in_force")))


def _facet(name: str, counts: Counts) -> None:
    """Draw one facet; what is chosen stays among its options whatever is found."""
    held = _held(name) or ""
    options = ["", *counts, *([held] if held and held not in counts else [])]
    known = by_id() if name == "document" else {}

    def named(value: str) -> str:
        if not value:
            return say("facet_any")
        title = known[value].title if value in known else value
        if value not in counts:
            return title
        # Titles are longer than the list is wide.
        count = counts[value]
        return f"{count} · {title}" if name == "document" else f"{title} ({count})"

    _select(name, say(f"facet_{name}"), options, named, 190 if name == "document" else 150)


def _select(
    name: str, label: str, options: Sequence[str], named: Callable[[str], str], width: int
) -> None:
    """Draw a choice of one; its own key has the language, or it would go on showing the other."""
    own = f"{_key(name)}-{language()}"
    st.session_state[own] = _held(name) or options[0]
    st.selectbox(
        label,
        options,
        format_func=named,
        key=own,
        width=width,
        on_change=_take_in,
        args=(name, own),
    )


def _take_in(name: str, own: str) -> None:
    st.session_state[_key(name)] = st.session_state[own]
    _begin_again()


def _clear() -> None:
    for name in FACETS:
        st.session_state[_key(name)] = ""
    st.session_state[_key("in_force")] = False
    _begin_again()


@st.cache_data(max_entries=64, show_spinner=False)
def _counts(query: str, revision: int) -> dict[str, Counts]:
    """Count what the query finds by each facet; without one, what documents there are."""
    del revision
    if query:
        return of_hits(knowledge_base().search(query, k=COUNTED).hits, by_id())
    return of_documents(documents())


def _results(query: str, chosen: Chosen, sort: str, mode: Mode) -> None:
    shown = st.session_state.get("search-shown", STEP)
    started = time.perf_counter()
    result = _search(query, mode, chosen, shown, knowledge_base().state())
    milliseconds = round((time.perf_counter() - started) * 1000)
    if not result.hits:
        st.info(say("nothing"), icon=":material/search_off:")
        return
    hits = _sorted(result.hits, sort)
    if is_phone():
        _list(query, result, hits, shown, milliseconds)
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        _list(query, result, hits, shown, milliseconds)
    with right, st.container(key="beside"):
        evidence.show(_evidence(_chosen_hit(hits)))


@st.cache_data(max_entries=256, show_spinner=False)
def _search(query: str, mode: Mode, chosen: Chosen, k: int, revision: int) -> SearchResult:
    del revision  # part of the cache key: a changed library is searched anew
    return knowledge_base().search(query, k=k, mode=mode, filters=chosen.filters)


def _sorted(hits: Sequence[Hit], sort: str) -> list[Hit]:
    if sort == "relevance":
        return list(hits)
    known = by_id()

    def issued(hit: Hit) -> date:
        document = known.get(hit.document_id)
        return (document.issued_on if document else None) or date.min

    if sort == "document":
        return sorted(hits, key=lambda hit: (hit.title, hit.document_id, hit.page))
    return sorted(hits, key=issued, reverse=sort == "newest")


def _chosen_hit(hits: Sequence[Hit]) -> Hit:
    wanted = _held("hit")
    return next((hit for hit in hits if hit.passage_id == wanted), hits[0])


def _list(
    query: str, result: SearchResult, hits: Sequence[Hit], shown: int, milliseconds: int
) -> None:
    if result.corrected:
        st.caption(say("did_you_mean", markdown_text(query), markdown_text(result.corrected)))
    for note in result.notes:
        st.info(markdown_text(reasoned(note)), icon=":material/info:")
    selected = [hit for hit in hits if st.session_state.get(f"pick-{hit.passage_id}")]
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.caption(say("found", len(hits), milliseconds), width="content")
        label = say("export_selected" if selected else "export_all", len(selected or hits))
        exporting.offer(replace(result, hits=tuple(selected or hits)), "search", label=label)
    current = _chosen_hit(hits).passage_id
    for hit in hits:
        _card(hit, result.corrected or query, chosen=hit.passage_id == current)
    if len(hits) >= shown and shown < MOST:
        st.button(say("more"), icon=":material/expand_more:", on_click=_more, args=(shown,))


def _more(shown: int) -> None:
    st.session_state["search-shown"] = min(MOST, shown + STEP)


def _card(hit: Hit, query: str, *, chosen: bool) -> None:
    with st.container(border=True, gap="small"):
        exact = say("exact_hit") if hit.exact else ""
        st.html(where_html(f"{hit.rank}. {hit.title}", *hit.heading_path, exact))
        st.html(passage_html(hit.text, ranges=matched(query, hit.text)))
        if hit.also_in:
            places = "；".join(f"{one.title} {say('page', one.page)}" for one in hit.also_in)
            st.caption(markdown_text(say("also_in", places)))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                say("show_page", say("page", hit.page)),
                key=f"hit-{hit.passage_id}",
                icon=":material/find_in_page:",
                type="primary" if chosen else "secondary",
                on_click=_choose,
                args=(hit.passage_id,),
            )
            with st.popover(say("neighbours"), icon=":material/unfold_more:"):
                _around(hit)
            st.checkbox(say("select_hit"), key=f"pick-{hit.passage_id}", persist_state="page")
        if chosen and is_phone():
            evidence.show(_evidence(hit))


def _choose(passage_id: str) -> None:
    st.session_state[_key("hit")] = passage_id


def _around(hit: Hit) -> None:
    near = _near(hit.passage_id, knowledge_base().state())
    for number, (offset, text) in enumerate(near):
        if offset > 0 and (number == 0 or near[number - 1][0] < 0):
            st.html(passage_html(hit.text, (hit.text,)))
        st.html(passage_html(text))
    if near and near[-1][0] < 0:
        st.html(passage_html(hit.text, (hit.text,)))


@st.cache_data(max_entries=256, show_spinner=False)
def _near(passage_id: str, revision: int) -> list[tuple[int, str]]:
    del revision
    return [(one.offset, one.text) for one in knowledge_base().neighbours(passage_id)]


def _evidence(hit: Hit) -> Evidence:
    return Evidence(hit.document_id, hit.title, hit.page, hit.boxes, hit.text, hit.clause)
