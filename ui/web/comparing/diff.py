"""Diff: two versions clause by clause, side by side, the words marked."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from kb import Change, ComparedClause, Diff, Upload, diff_page
from ui.web import address, evidence
from ui.web.address import Param, number, some_of
from ui.web.base import errors_shown, knowledge_base
from ui.web.comparing.sources import choose_source
from ui.web.evidence import Evidence
from ui.web.shown import style, text_html, words_html
from ui.web.text import say

PAGE: Final = "diff"
STATUSES: Final = ("changed", "added", "removed", "moved", "moved+changed", "unchanged")
PARAMS: Final = (
    Param("old"),
    Param("new"),
    Param("show", None, some_of(*STATUSES)),
    Param("n", None, number),
)
#: Clauses drawn at once.
PAGE_SIZE = 30


def page() -> None:
    """Draw the page."""
    style()
    _body()


@st.fragment
def _body() -> None:
    address.enter(PAGE, PARAMS)
    with errors_shown():
        revision = knowledge_base().state()
        left, right = st.columns(2, gap="large")
        with left:
            old = choose_source(PAGE, "old")
        with right:
            new = choose_source(PAGE, "new")
        if old is None or new is None:
            address.publish(PAGE, PARAMS)
            st.info(say("diff_start"), icon=":material/difference:")
            return
        if old == new:
            address.publish(PAGE, PARAMS)
            st.info(say("same_document"), icon=":material/difference:")
            return
        with st.spinner(say("comparing")):
            found = _compared(old, new, revision)
        _show(found, in_library=(isinstance(old, str), isinstance(new, str)))
        address.publish(PAGE, PARAMS)


@st.cache_data(max_entries=8, show_spinner=False)
def _compared(old: str | Upload, new: str | Upload, revision: int) -> Diff:
    del revision
    return knowledge_base().diff(old, new)


def _show(found: Diff, in_library: tuple[bool, bool]) -> None:
    statuses = [status for status in STATUSES if found.counts[status]]
    changed = [status for status in statuses if status != "unchanged"]
    with st.container(horizontal=True, vertical_alignment="center"):
        shown = st.pills(
            say("status"),
            statuses,
            selection_mode="multi",
            key=f"{PAGE}-show",
            format_func=lambda status: f"{say(f'change_{status}')} {found.counts[status]:,}",
            label_visibility="collapsed",
            on_change=_start_over,
        )
        st.download_button(
            say("download_diff"),
            data=lambda: diff_page(found).encode("utf-8", "replace"),
            file_name="diff.html",
            mime="text/html",
            icon=":material/download:",
            on_click="ignore",
        )
        if all(in_library):
            st.button(say("swap"), icon=":material/swap_horiz:", on_click=_swap)
    if not changed:
        st.success(say("all_same"), icon=":material/check_circle:")
    wanted = shown or changed
    changes = [change for change in found.changes if change.status in wanted]
    pages = max(1, -(-len(changes) // PAGE_SIZE))
    at = min(st.session_state.get(f"{PAGE}-n") or 1, pages)
    for place, change in enumerate(changes[(at - 1) * PAGE_SIZE : at * PAGE_SIZE]):
        _change(change, place, in_library)
    if pages > 1:
        address.pages(pages, f"{PAGE}-n")


def _start_over() -> None:
    address.first_page(f"{PAGE}-n")


def _swap() -> None:
    old, new = f"{PAGE}-old", f"{PAGE}-new"
    st.session_state[old], st.session_state[new] = st.session_state[new], st.session_state[old]


def _change(change: Change, place: int, in_library: tuple[bool, bool]) -> None:
    with st.container(border=True, gap="small"):
        st.html(change_html(change))
        sides = ((change.old, "show_old"), (change.new, "show_new"))
        with st.container(horizontal=True):
            for (clause, label), here in zip(sides, in_library, strict=True):
                if clause is not None and here:
                    st.button(
                        f"{say(label)} · {say('page', clause.page)}",
                        key=f"{PAGE}-{label}-{place}",
                        type="tertiary",
                        icon=":material/find_in_page:",
                        on_click=_open,
                        args=(clause,),
                    )


def change_html(change: Change) -> str:
    """Return what became of a clause: its status, both places, both texts with words marked."""
    kinds = " ".join(f"kb-{kind}" for kind in change.status.split("+"))
    status = f'<span class="kb-status {kinds}">{say(f"change_{change.status}")}</span>'
    old, new = _side(change, change.old, "old"), _side(change, change.new, "new")
    return f'{status}<div class="kb-pair"><div>{old}</div><div>{new}</div></div>'


def _side(change: Change, clause: ComparedClause | None, side: str) -> str:
    named = f'<span class="kb-side">{say(f"{side}_version")} · </span>'
    if clause is None:
        return f'<p class="kb-place">{named}{say("absent")}</p>'
    parts = (*clause.heading_path, clause.number or say("unnumbered"))
    where = " › ".join(html.escape(part) for part in parts)
    changed = "changed" in change.status
    text = _words(change, side) if changed else text_html(clause.text)
    faint = "" if changed or change.status in {"added", "removed"} else ' class="kb-faint"'
    return f'<p class="kb-place">{named}{where}</p><div{faint}>{text}</div>'


def _words(change: Change, side: str) -> str:
    return words_html(change.words, "old" if side == "old" else "new")


def _open(clause: ComparedClause) -> None:
    @st.dialog(clause.number or say("evidence"), width="large")
    def dialog() -> None:
        title = knowledge_base().document(clause.document_id).title
        with errors_shown():
            evidence.show(
                Evidence(clause.document_id, title, clause.page, clause.boxes, clause.text)
            )

    dialog()
