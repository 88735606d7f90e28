"""The controls: body, document, words, role; the further filters; the view; exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import streamlit as st

from kb import MEDIA_TYPES, Exportable, ExportKind, MinistryCount
from ui.web.address import first_page
from ui.web.base import knowledge_base
from ui.web.clauses import asked as state
from ui.web.clauses.asked import Asked, key
from ui.web.known import documents
from ui.web.text import say

#: Short names shown with a body in the picker, beyond which its name is too long to read.
MOST_ALIASES = 3


def draw(revision: int) -> Asked:
    """Draw the controls and return what they ask for."""
    titles = _titles()
    if state.held("document") not in titles:
        st.session_state[key("document")] = None
    row = st.columns([4, 4, 3])
    with row[0]:
        _ministry(revision)
    with row[1]:
        _document(titles)
    row[2].text_input(
        say("clause_text"),
        key=key("text"),
        type="search",
        placeholder=say("clause_text_hint"),
        live="400ms",
        on_change=start_over,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            say("view"),
            state.VIEWS,
            key=key("view"),
            required=True,
            format_func=lambda view: say(f"view_{view}"),
        )
        _role(revision)
        with st.container(horizontal=True, vertical_alignment="bottom", width="content"):
            _further()
            _exports(revision)
    return state.asked()


def start_over() -> None:
    """Go to the first page of what is found; the clause chosen may not be among it."""
    first_page(key("n"))
    st.session_state[key("clause")] = None


def _ministry(revision: int) -> None:
    counts = {count.name: count for count in _counts(revision)}
    names = state.aliases(revision)
    st.selectbox(
        say("ministry"),
        list(counts),
        index=None,
        key=key("ministry"),
        placeholder=say("ministry_hint"),
        format_func=lambda name: _named(name, counts, names),
        accept_new_options=True,
        on_change=start_over,
    )


def _counts(revision: int) -> tuple[MinistryCount, ...]:
    """Return the bodies named in the clauses that all else leaves."""
    now = state.asked()
    others = Asked(None, "any", now.text, now.obligation, now.due, now.filters)
    return state.find(others, revision, 0).counts


def _named(
    name: str, counts: Mapping[str, MinistryCount], aliases: Mapping[str, tuple[str, ...]]
) -> str:
    if name not in counts:
        return name
    short = "、".join(aliases.get(name, ())[:MOST_ALIASES])
    return f"{name} · {counts[name].total}{f'（{short}）' if short else ''}"


def _titles() -> dict[str, str]:
    """Return each document's title by id, with its file name where two share a title."""
    found = documents()
    often = Counter(document.title for document in found)
    return {
        document.document_id: document.title
        if often[document.title] == 1
        else f"{document.title} · {document.name}"
        for document in found
    }


def _document(titles: Mapping[str, str]) -> None:
    st.selectbox(
        say("document"),
        list(titles),
        index=None,
        key=key("document"),
        placeholder=say("any_document"),
        format_func=lambda document_id: titles.get(document_id, document_id),
        on_change=start_over,
    )


def _role(revision: int) -> None:
    now = state.asked()
    counts: dict[str, int] = {}
    if now.ministry:
        anyhow = Asked(now.ministry, "any", now.text, now.obligation, now.due, now.filters)
        found = state.find(anyhow, revision, 0)
        counts = _roles(found.counts, found.ministry.name if found.ministry else "", found.total)

    def named(role: str) -> str:
        return say(f"role_{role}") + (f" {counts[role]}" if role in counts else "")

    st.segmented_control(
        say("role"),
        state.ROLES,
        key=key("role"),
        required=True,
        format_func=named,
        on_change=start_over,
    )


def _roles(counts: tuple[MinistryCount, ...], name: str, total: int) -> dict[str, int]:
    for count in counts:
        if count.name == name:
            return {
                "any": total,
                "lead": count.lead,
                "joint": count.joint,
                "participant": count.participant,
            }
    return {}


def _further() -> None:
    on = sum(bool(state.held(name)) for name in state.FURTHER)
    label = say("filters_on", on) if on else say("filters")
    with st.popover(label, icon=":material/tune:"):
        found = documents()
        issuers = Counter(name for document in found for name in document.issuers)
        types = Counter(document.document_type for document in found if document.document_type)
        _choice("issuer", say("issuer"), [name for name, _ in issuers.most_common()], new=True)
        _choice("type", say("type"), [name for name, _ in types.most_common()], new=True)
        _choice("obligation", say("obligation"), list(state.OBLIGATIONS), said=True)
        for row in (("since", "until"), ("due", "as_of")):
            for column, name in zip(st.columns(2), row, strict=True):
                label = say("due_before" if name == "due" else name)
                column.date_input(label, value=None, key=key(name), on_change=start_over)
        st.toggle(say("only_in_force"), key=key("in_force"), on_change=start_over)
        st.button(
            say("clear_filters"),
            icon=":material/filter_alt_off:",
            disabled=not on,
            on_click=_clear,
        )


def _choice(
    name: str, label: str, options: list[str], *, new: bool = False, said: bool = False
) -> None:
    st.selectbox(
        label,
        options,
        index=None,
        key=key(name),
        placeholder=say("any"),
        format_func=say if said else str,
        accept_new_options=new,
        on_change=start_over,
    )


def _clear() -> None:
    for name in state.FURTHER:
        st.session_state[key(name)] = False if name == "in_force" else None
    start_over()


def _exports(revision: int) -> None:
    now = state.asked()

    def save(label: str, name: str, kind: ExportKind, make: Callable[[], Exportable]) -> None:
        st.download_button(
            say(label),
            data=lambda: knowledge_base().exported(make(), kind),
            file_name=f"{name}.{kind}",
            mime=MEDIA_TYPES[kind],
            key=key(label),
            on_click="ignore",
            width="stretch",
        )

    with st.popover(say("export"), icon=":material/download:"):
        for kind in MEDIA_TYPES:
            save(f"export_{kind}", "clauses", kind, lambda: state.find(now, revision, None))
        save("export_matrix", "matrix", "xlsx", lambda: state.matrix(now.of_matrix(), revision))
