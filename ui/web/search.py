"""Search: ranked passages with their terms marked, and the page of the chosen one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from kb import DocumentInfo, Filters, Hit, Mode, SearchResult
from ui.web import evidence
from ui.web.base import errors_shown, knowledge_base, stop_if_empty
from ui.web.evidence import Evidence
from ui.web.marked import passage_html, query_terms, where_html
from ui.web.text import say

SLOT = "found_evidence"
MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")
RESULTS = 10


def page() -> None:
    """Draw the page."""
    stop_if_empty()
    query, mode, filters = _controls()
    if not query:
        return
    started = time.perf_counter()
    with errors_shown():
        result = _search(query, mode, filters, knowledge_base().revision())
    milliseconds = round((time.perf_counter() - started) * 1000)
    if not result.hits:
        st.info(say("nothing"), icon=":material/search_off:")
        return
    st.caption(say("found", len(result.hits), milliseconds))
    left, right = st.columns([5, 6], gap="large")
    with left:
        for hit in result.hits:
            _card(hit, query_terms(query))
    with right:
        evidence.show(evidence.chosen(SLOT) or _evidence(result.hits[0]))


def _controls() -> tuple[str, Mode, Filters]:
    row = st.columns([6, 3, 3], vertical_alignment="bottom")
    query = row[0].text_input(
        say("query"),
        key="s",
        bind="query-params",
        type="search",
        live="300ms",
        on_change=evidence.forget,
        args=(SLOT,),
    )
    titles = _titles(knowledge_base().documents())
    document = row[1].selectbox(
        say("document"),
        ["", *titles],
        format_func=lambda key: titles.get(key, say("all_documents")),
        key="doc",
        bind="query-params",
        on_change=evidence.forget,
        args=(SLOT,),
    )
    mode = row[2].segmented_control(
        say("mode"),
        MODES,
        default="hybrid",
        format_func=say,
        key="mode",
        on_change=evidence.forget,
        args=(SLOT,),
    )
    return (query or "").strip(), mode or "hybrid", Filters(document=document or None)


def _titles(documents: Sequence[DocumentInfo]) -> dict[str, str]:
    """Return each document's title by id, with its file name where two share a title.

    The title is what the page's address holds, so it has to be one document's alone.
    """
    often = Counter(document.title for document in documents)
    return {
        document.document_id: document.title
        if often[document.title] == 1
        else f"{document.title} · {document.name}"
        for document in documents
    }


@st.cache_data(max_entries=256, show_spinner=False)
def _search(query: str, mode: Mode, filters: Filters, revision: int) -> SearchResult:
    del revision  # part of the cache key: a changed library is searched anew
    return knowledge_base().search(query, k=RESULTS, mode=mode, filters=filters)


def _card(hit: Hit, terms: tuple[str, ...]) -> None:
    with st.container(border=True):
        st.html(where_html(f"{hit.rank}", hit.title, *hit.heading_path))
        st.html(passage_html(hit.text, terms))
        st.button(
            say("show_page", say("page", hit.page)),
            key=f"hit-{hit.rank}",
            icon=":material/find_in_page:",
            on_click=evidence.choose,
            args=(_evidence(hit), SLOT),
        )


def _evidence(hit: Hit) -> Evidence:
    return Evidence(hit.document_id, hit.title, hit.page, hit.boxes, hit.text)
