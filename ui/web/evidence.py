"""The page beside the answer: its image with the cited sentence marked, its clause, a reference."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal
from urllib.parse import quote

import streamlit as st

from kb import Box, ClauseInfo, DocumentInfo, Filters, PageText
from ui.web.base import errors_shown, is_phone, knowledge_base, link_to
from ui.web.marked import pages_html, passage_html, sheet_html, where_html, words_html
from ui.web.text import say

#: Width of a page in the width of its frame, and pixels drawn for each of its points.
ZOOM: Final = {"75%": (75, 1.5), "100%": (100, 2.0), "150%": (150, 2.6), "200%": (200, 3.2)}
STYLES: Final[tuple[Literal["gbt7714", "bibtex", "plain"], ...]] = ("gbt7714", "plain", "bibtex")
#: Pages of one quote drawn at once, and characters shown around one where pages have no image.
MOST_PAGES = 4
AROUND = 1500
_SHOWN = "evidence_shown"
_PAGE = "evidence_page"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What to show: a document's page, the boxes to mark and the words they hold."""

    document_id: str
    title: str
    page: int
    boxes: tuple[Box, ...]
    quote: str
    clause: str | None = None
    #: The clause that is shown as such: what is cited, and linked to, is the clause.
    clause_id: str | None = None


def choose(evidence: Evidence, slot: str) -> None:
    """Make `evidence` what the view named `slot` shows, from its own page on."""
    st.session_state[slot] = evidence
    st.session_state.pop(_SHOWN, None)


def chosen(slot: str) -> Evidence | None:
    """Return what was chosen in the view named `slot`, if anything."""
    found = st.session_state.get(slot)
    return found if isinstance(found, Evidence) else None


def forget(slot: str) -> None:
    """Let the view named `slot` show its first result again."""
    st.session_state.pop(slot, None)


@st.fragment
def show(evidence: Evidence) -> None:
    """Draw the page with its marks, page buttons and zoom; only this part redraws."""
    if st.session_state.get(_SHOWN) != evidence:
        # The page turned to belongs to what was shown then, in this view or another.
        st.session_state[_SHOWN] = evidence
        st.session_state[_PAGE] = evidence.page
    with errors_shown(), st.container(key="evidence"):
        document = knowledge_base().document(evidence.document_id)
        page = min(max(1, st.session_state[_PAGE]), max(1, document.pages))
        pages = _spread(evidence, page)
        text = knowledge_base().page_text(evidence.document_id, page)
        st.html(where_html(evidence.title, say("page_of", page, document.pages)))
        zoom = _controls(evidence, document, pages, zoomable=text.has_image)
        if text.has_image:
            _sheets(evidence, pages, zoom)
        else:
            _words(text, evidence.quote)
        _clause(evidence)


def _spread(evidence: Evidence, page: int) -> list[int]:
    """Return the pages to show: all that the quote is on, where it is on the one turned to."""
    marked = sorted({box.page for box in evidence.boxes})
    return marked[:MOST_PAGES] if page in marked[:MOST_PAGES] else [page]


def _controls(
    evidence: Evidence, document: DocumentInfo, pages: list[int], *, zoomable: bool
) -> str:
    zoom: str | None = "100%"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="page-bar"):
        first, last = pages[0], pages[-1]
        for label, icon, to, off, pressed in (
            ("previous", "chevron_left", first - 1, first <= 1, "Left"),
            ("next", "chevron_right", last + 1, last >= document.pages, "Right"),
        ):
            st.button(
                say(label),
                icon=f":material/{icon}:",
                disabled=off,
                on_click=_turn,
                args=(to,),
                key=f"page-{label}",
                shortcut=None if is_phone() else pressed,
            )
        if zoomable:
            zoom = st.selectbox(
                say("zoom"),
                list(ZOOM),
                index=1,
                label_visibility="collapsed",
                width=96,
                key="page-zoom",
                persist_state="session",
            )
        with st.popover(say("cite"), icon=":material/format_quote:"):
            _references(evidence, document.name, first)
    return zoom or "100%"


def _turn(page: int) -> None:
    st.session_state[_PAGE] = page


def original(document_id: str) -> bytes:
    """Return a document's file; what a button saves is fetched when it is pressed."""
    return knowledge_base().original(document_id)[1]


def _references(evidence: Evidence, name: str, page: int) -> None:
    for style in STYLES:
        st.caption(say(f"style_{style}"))
        st.code(
            _reference(evidence, page, style, knowledge_base().state()),
            language=None,
            wrap_lines=True,
        )
    st.caption(say("link"))
    st.code(address(evidence, page), language=None, wrap_lines=True)
    _permalink(evidence)
    st.download_button(
        say("download"),
        partial(original, evidence.document_id),
        file_name=name,
        icon=":material/download:",
        key="page-original",
        on_click="ignore",
    )


def address(evidence: Evidence, page: int) -> str:
    """Return the address of what is shown: of its clause, where it is one, else of the page."""
    if evidence.clause_id is not None:
        return link_to("clauses", clause=f"{evidence.clause_id}@{evidence.document_id}")
    return link_to("library", doc=evidence.document_id, page=str(page))


def _permalink(evidence: Evidence) -> None:
    """Show the address that the clause has on the service, where others reach that."""
    root = knowledge_base().public_url
    clause = _clause_of(evidence) if root else None
    if clause is not None:
        st.caption(say("permalink"))
        address = f"{root}/c/{quote(clause.clause_id, safe='')}"
        st.code(address, language=None, wrap_lines=True)


@st.cache_data(max_entries=256, show_spinner=False)
def _reference(
    evidence: Evidence, page: int, style: Literal["gbt7714", "bibtex", "plain"], revision: int
) -> str:
    del revision  # part of the cache key: facts may be corrected
    clause = (evidence.clause or None) if evidence.clause_id is not None else None
    return knowledge_base().reference(evidence.document_id, page=page, clause=clause, style=style)


def _sheets(evidence: Evidence, pages: list[int], zoom: str) -> None:
    width, scale = ZOOM[zoom]
    drawn = []
    for page in pages:
        size = knowledge_base().page_text(evidence.document_id, page)
        marks = tuple(box for box in evidence.boxes if box.page == page)
        png = base64.b64encode(_image(evidence.document_id, page, scale, marks)).decode("ascii")
        top = min((box.y0 for box in marks), default=None)
        share = None if top is None or size.height <= 0 else 100 * top / size.height
        drawn.append(sheet_html(png, f"{evidence.title} {say('page', page)}", share))
    st.html(pages_html(drawn, width, evidence.title))


def _words(text: PageText, quote: str) -> None:
    """Show the words of a page that has no image, around the quote where it is long."""
    st.caption(say("no_image"))
    at = text.text.find(quote) if quote else -1
    if at < 0:
        at, quote = 0, ""
    before = text.text[max(0, at - AROUND) : at]
    rest = text.text[at + len(quote) :]
    cut = "…" if at > AROUND else "", "…" if len(rest) > AROUND else ""
    st.html(words_html(cut[0] + before, quote, rest[:AROUND] + cut[1]))


def _clause(evidence: Evidence) -> None:
    """Offer the whole clause that the quote stands in."""
    found = _clause_of(evidence)
    if found is None or found.text.strip() == evidence.quote.strip():
        return
    with st.expander(say("clause_around", found.number), icon=":material/article:"):
        st.html(where_html(*found.heading_path))
        st.html(passage_html(found.text, (evidence.quote,)))


def _clause_of(evidence: Evidence) -> ClauseInfo | None:
    if evidence.clause is None:
        return None
    revision = knowledge_base().state()
    return _around(evidence.document_id, evidence.clause, evidence.quote, revision)


@st.cache_data(max_entries=256, show_spinner=False)
def _around(document_id: str, number: str, quote: str, revision: int) -> ClauseInfo | None:
    del revision
    filters = Filters(document=document_id)
    clauses = knowledge_base().clauses(number=number, filters=filters, limit=50).clauses
    return next((clause for clause in clauses if quote[:20] in clause.text), None)


@st.cache_data(max_entries=64, show_spinner=False)
def _image(document_id: str, page: int, scale: float, marks: tuple[Box, ...]) -> bytes:
    return knowledge_base().page_image(document_id, page, scale=scale, highlights=marks)
