"""What a document says of others and others of it: as a graph, and each word with its page."""

from __future__ import annotations

import html
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

from kb import DocumentInfo, Relation, Sentence
from ui.web import evidence
from ui.web.base import knowledge_base
from ui.web.clauses.asked import Asked, key
from ui.web.evidence import Evidence
from ui.web.text import say

#: Documents drawn on each side; the table has all.
MOST_NODES = 12


def draw(asked: Asked, revision: int) -> None:
    """Draw the lineage of the document chosen among the filters."""
    document_id = asked.filters.document
    if document_id is None:
        st.info(say("lineage_choose"), icon=":material/account_tree:")
        return
    relations = _relations(document_id, revision)
    document = knowledge_base().document(document_id)
    if not relations:
        st.info(say("lineage_empty"), icon=":material/account_tree:")
        return
    st.html(graph_html(document, relations))
    left, right = st.columns([5, 6], gap="large")
    with left:
        chosen = _table(relations)
        _leads_to(chosen)
    with right, st.container(key="beside"):
        evidence.show(_evidence(document, chosen, revision))


@st.cache_data(max_entries=32, show_spinner=False)
def _relations(document_id: str, revision: int) -> tuple[Relation, ...]:
    del revision
    return knowledge_base().lineage(document_id)


def graph_html(document: DocumentInfo, relations: Sequence[Relation]) -> str:
    """Return the document between those that mention it and those it mentions, escaped."""
    number = document.document_number or ""
    validity = "" if document.validity == "unknown" else say(f"validity_{document.validity}")
    facts = "　".join(filter(None, (number, validity)))
    this = (
        f'<div class="kb-node kb-this">{html.escape(document.title)}'
        f"{f'<small>{html.escape(facts)}</small>' if facts else ''}</div>"
    )
    return (
        f'<div class="kb-lineage" lang="zh"><div class="kb-in">{_side(relations, "in")}</div>'
        f'<div>{this}</div><div class="kb-out">{_side(relations, "out")}</div></div>'
    )


def _side(relations: Sequence[Relation], direction: Literal["in", "out"]) -> str:
    others: dict[tuple[str | None, str], Counter[str]] = defaultdict(Counter)
    for each in relations:
        if each.direction == direction:
            name = each.title or each.number or each.as_written
            others[each.document_id, name][each.kind] += 1
    # What is here comes first: it can be opened.
    ordered = sorted(others.items(), key=lambda item: item[0][0] is None)
    nodes = [_node(name, there is not None, kinds) for (there, name), kinds in ordered]
    more = len(nodes) - MOST_NODES
    rest = f'<p class="kb-place">+ {more}</p>' if more > 0 else ""
    said = say(f"lineage_{direction}")
    none = "" if nodes else f'<p class="kb-place">{say("lineage_none")}</p>'
    return f"<h4>{said}</h4>{''.join(nodes[:MOST_NODES])}{rest}{none}"


def _node(name: str, here: bool, kinds: Counter[str]) -> str:
    parts = [
        say(kind) + (f" {say('times', count)}" if count > 1 else "")
        for kind, count in kinds.most_common()
    ]
    parts += [] if here else [say("not_here")]
    classes = "kb-node" if here else "kb-node kb-away"
    notes = html.escape("　".join(parts))
    return f'<div class="{classes}">{html.escape(name)}<small>{notes}</small></div>'


def _table(relations: Sequence[Relation]) -> Relation:
    rows = [
        {
            " ": "→" if each.direction == "out" else "←",
            say("kind"): say(each.kind),
            say("title"): each.title or each.number or "",
            say("as_written"): each.as_written,
            say("clause"): each.clause or "",
            say("pages"): each.page,
        }
        for each in relations
    ]
    event: Any = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="lineage-table",
        column_config={say("title"): st.column_config.Column(width="medium")},
    )
    selected = event["selection"]["rows"]
    return relations[selected[0] if selected and selected[0] < len(relations) else 0]


def _leads_to(chosen: Relation) -> None:
    if chosen.document_id is not None:
        st.button(
            say("open_lineage"),
            icon=":material/account_tree:",
            on_click=_turn_to,
            args=(chosen.document_id,),
        )


def _turn_to(document_id: str) -> None:
    st.session_state[key("document")] = document_id


def _evidence(document: DocumentInfo, chosen: Relation, revision: int) -> Evidence:
    """Return the sentence where it is said: this document's, or that of the one that says it."""
    there, title = document.document_id, document.title
    if chosen.direction == "in" and chosen.document_id is not None:
        there, title = chosen.document_id, chosen.title or ""
    said = _sentence(there, chosen.start, chosen.end, revision)
    page = said.boxes[0].page if said.boxes else chosen.page
    return Evidence(there, title, page, said.boxes, said.text, chosen.clause)


@st.cache_data(max_entries=256, show_spinner=False)
def _sentence(document_id: str, start: int, end: int, revision: int) -> Sentence:
    del revision
    return knowledge_base().sentence_at(document_id, start, end)
