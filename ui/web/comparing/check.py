"""Check: a draft's quotations, titles and numbers, each with its place in the library beside it."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Final

import streamlit as st

from kb import DraftCheck, Finding, Upload
from ui.web import address, evidence
from ui.web.address import Param, number, one_of, some_of
from ui.web.base import errors_shown, is_phone, knowledge_base, stop_if_empty
from ui.web.comparing.sources import library_document, uploaded
from ui.web.comparing.wording import said
from ui.web.evidence import Evidence
from ui.web.marked import markdown_text
from ui.web.shown import style, text_html, words_html
from ui.web.text import say

PAGE: Final = "check"
STATUSES: Final = ("altered", "not-found", "exact")
SOURCES: Final = ("paste", "upload", "library")
PARAMS: Final = (
    Param("source", "paste", one_of(*SOURCES)),
    Param("document"),
    Param("show", None, some_of(*STATUSES)),
    Param("n", None, number),
)
PAGE_SIZE = 30
#: Characters of a draft that is pasted.
LONGEST_TEXT = 200_000
_CHOSEN = f"{PAGE}-chosen"
#: A finding, and which of its places in the library.
Chosen = tuple[Finding, int]


def page() -> None:
    """Draw the page."""
    style()
    stop_if_empty()
    _body()


@st.fragment
def _body() -> None:
    address.enter(PAGE, PARAMS)
    with errors_shown():
        revision = knowledge_base().state()
        draft = _draft()
        if draft is None:
            address.publish(PAGE, PARAMS)
            st.info(say("check_start"), icon=":material/fact_check:")
            return
        with st.spinner(say("checking")):
            checked = _checked(draft, revision)
        _show(checked)
        address.publish(PAGE, PARAMS)


def _draft() -> str | Upload | None:
    source = st.segmented_control(
        say("draft"),
        SOURCES,
        key=f"{PAGE}-source",
        required=True,
        format_func=lambda name: say(f"from_{name}"),
    )
    if source == "library":
        return library_document(f"{PAGE}-document", say("document"))
    if source == "upload":
        return uploaded(f"{PAGE}-file", say("choose_file"))
    with st.form(f"{PAGE}-form", border=False):
        text = st.text_area(
            say("paste"),
            key=f"{PAGE}-text",
            height=180,
            max_chars=LONGEST_TEXT,
            placeholder=say("paste_hint"),
            persist_state="session",
        )
        st.form_submit_button(say("check_button"), type="primary")
    return Upload("draft.txt", text.encode("utf-8", "replace")) if text.strip() else None


@st.cache_data(max_entries=8, show_spinner=False)
def _checked(draft: str | Upload, revision: int) -> DraftCheck:
    del revision
    return knowledge_base().check(draft)


def _show(checked: DraftCheck) -> None:
    if not checked.findings:
        st.info(say("nothing_to_check"), icon=":material/fact_check:")
        return
    shown = st.pills(
        say("status"),
        [status for status in STATUSES if checked.counts[status]],
        selection_mode="multi",
        key=f"{PAGE}-show",
        format_func=lambda status: f"{say(f'finding_{status}')} {checked.counts[status]:,}",
        label_visibility="collapsed",
        on_change=_start_over,
    )
    notes = [say("legend")]
    notes += [say("skipped", checked.counts["skipped"])] if checked.counts["skipped"] else []
    st.caption(" · ".join(notes))
    findings = [each for each in checked.findings if each.status in (shown or STATUSES)]
    pages = max(1, -(-len(findings) // PAGE_SIZE))
    at = min(st.session_state.get(f"{PAGE}-n") or 1, pages)
    some = findings[(at - 1) * PAGE_SIZE : at * PAGE_SIZE]
    chosen = _chosen(some)
    if is_phone():
        _list(some, pages, chosen, under=True)
        return
    left, right = st.columns([5, 6], gap="large")
    with left:
        _list(some, pages, chosen)
    with right:
        first = next(((each, 0) for each in some if each.matches), None)
        _beside(chosen or first)


def _list(
    findings: Sequence[Finding], pages: int, chosen: Chosen | None, *, under: bool = False
) -> None:
    """Draw the findings; with `under`, the place of the one chosen under its card."""
    for place, finding in enumerate(findings):
        _card(finding, place)
        if under and chosen is not None and chosen[0] == finding:
            _beside(chosen)
    if pages > 1:
        address.pages(pages, f"{PAGE}-n")


def _chosen(findings: Sequence[Finding]) -> Chosen | None:
    """Return the finding that was chosen and which of its places, if it is among these."""
    held: Chosen | None = st.session_state.get(_CHOSEN)
    return held if held is not None and held[0] in findings else None


def _start_over() -> None:
    address.first_page(f"{PAGE}-n")
    st.session_state[_CHOSEN] = None


def _choose(finding: Finding, match: int) -> None:
    st.session_state[_CHOSEN] = finding, match


def _card(finding: Finding, place: int) -> None:
    with st.container(border=True, gap="small"):
        st.html(finding_html(finding))
        if not finding.matches:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            for at, match in enumerate(finding.matches[:3]):
                st.button(
                    f"{_short(match.title)} · {say('page', match.page)}",
                    key=f"{PAGE}-match-{place}-{at}",
                    type="tertiary",
                    icon=":material/find_in_page:",
                    on_click=_choose,
                    args=(finding, at),
                )
        more = len(finding.matches) - 3
        if more > 0:
            st.caption(say("more_matches", more))


def finding_html(finding: Finding) -> str:
    """Return a finding: its verdict, its place in the draft, its words against the source's."""
    status = (
        f'<span class="kb-status kb-{finding.status}">{say(f"finding_{finding.status}")}</span>'
    )
    parts = (say(f"kind_{finding.kind}"), say("draft_place", finding.page), finding.clause or "")
    where = " · ".join(html.escape(part) for part in parts if part)
    first = finding.matches[0] if finding.matches else None
    if first is not None and first.differences:
        text = words_html(first.differences)
    else:
        text = text_html(finding.text)
    message = html.escape(said(finding.message)) if finding.message else ""
    note = f'<p class="kb-place">{message}</p>' if message else ""
    return f'{status} <span class="kb-place">{where}</span>{text}{note}'


def _beside(chosen: Chosen | None) -> None:
    if chosen is None:
        st.caption(say("choose_finding"))
        return
    finding, at = chosen
    match = finding.matches[at]
    with st.container(key="beside"):
        st.caption(f"{say('in_base')} · {markdown_text(finding.text[:40])}")
        evidence.show(Evidence(match.document_id, match.title, match.page, match.boxes, match.text))


def _short(title: str) -> str:
    short = title if len(title) <= 18 else f"{title[:17]}…"
    return markdown_text(short)
