"""One document: read with its outline, its facts and their corrections, as parsed, its versions."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Final

import streamlit as st

from kb import ClauseInfo, CorrectedField, DocumentInfo, Fact, Filters, ParsedFile
from ui.web import evidence
from ui.web.base import errors_shown, go_to, is_phone, knowledge_base, may
from ui.web.evidence import Evidence, original
from ui.web.known import documents
from ui.web.marked import block_html, facts_html, markdown_text, pages_html, sheet_html
from ui.web.removals import removals
from ui.web.text import WORDS, say
from ui.web.uploads import Order, uploads
from ui.web.wording import warned

PARTS: Final = ("read", "facts", "parsed", "versions")
FIELDS: Final[tuple[CorrectedField, ...]] = (
    "title",
    "issuers",
    "document_number",
    "issued_on",
    "document_type",
)
LABELS: Final = {
    "title": "title",
    "issuers": "issuer",
    "document_number": "number",
    "issued_on": "date",
    "document_type": "type",
}
#: Clauses listed in an outline; more make the page slow.
MOST_LISTED = 400
_FURNITURE: Final = {"header", "footer", "page_number"}


def draw(document_id: str) -> None:
    """Draw the document that the address names, in the part it names."""
    st.button(say("back_to_list"), icon=":material/arrow_back:", type="tertiary", on_click=_leave)
    with errors_shown():
        info = knowledge_base().document(document_id)
        _head(info)
        part = _bar(info)
        {"read": _read, "facts": _facts, "parsed": _parsed, "versions": _versions}[part](info)


def _leave() -> None:
    for name in ("doc", "part", "page"):
        st.query_params.pop(name, None)
    st.session_state.pop("documents", None)


def _show_part(document_id: str) -> None:
    st.query_params["part"] = st.session_state[f"part-{document_id}"] or PARTS[0]


def _head(info: DocumentInfo) -> None:
    st.subheader(markdown_text(info.title), anchor=False)
    issued = info.issued_on.isoformat() if info.issued_on else ""
    about = ("、".join(info.issuers), info.document_number or "", issued, info.name)
    st.caption(markdown_text(" · ".join(part for part in about if part)))
    for warning in info.warnings:
        st.warning(markdown_text(warned(warning)), icon=":material/info:")
    if info.superseded_by is not None:
        st.info(say("version_replaced"), icon=":material/update:")


def _bar(info: DocumentInfo) -> str:
    """Draw what can be done with a document, and the choice of its parts; returns the chosen."""
    part = st.query_params.get("part", PARTS[0])
    part = part if part in PARTS else PARTS[0]
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.segmented_control(
            say("document"),
            PARTS,
            default=part,
            required=True,
            format_func=lambda name: say(f"part_{name}"),
            key=f"part-{info.document_id}",
            on_change=_show_part,
            args=(info.document_id,),
            label_visibility="collapsed",
        )
        with st.container(horizontal=True, width="content"):
            st.download_button(
                say("download"),
                partial(original, info.document_id),
                file_name=info.name,
                icon=":material/download:",
                key="original",
                on_click="ignore",
            )
            if may("write"):
                st.button(say("remove"), icon=":material/delete:", on_click=_remove, args=(info,))
    return part


def _remove(info: DocumentInfo) -> None:
    removals().remove(info.document_id, info.title)
    _leave()


def _read(info: DocumentInfo) -> None:
    wanted = st.query_params.get("page", "1")
    page = int(wanted) if wanted.isascii() and wanted.isdecimal() else 1
    page = min(max(1, page), max(1, info.pages))
    shown = evidence.chosen(f"reading-{info.document_id}")
    if shown is None or (shown.page != page and not shown.boxes):
        shown = Evidence(info.document_id, info.title, page, (), "")
    left, right = st.columns([4, 7], gap="large")
    with left:
        _outline(info)
    with right, st.container(key="beside"):
        evidence.show(shown)


def _outline(info: DocumentInfo) -> None:
    clauses = _clauses(info.document_id, knowledge_base().state())
    with st.expander(say("outline"), expanded=not is_phone(), icon=":material/toc:"):
        if not clauses:
            st.caption(say("no_outline"))
        with st.container(height=560 if len(clauses) > 14 else "content", border=False, gap=None):
            path: tuple[str, ...] = ()
            for number, clause in enumerate(clauses):
                for depth, heading in enumerate(clause.heading_path):
                    if clause.heading_path[: depth + 1] != path[: depth + 1]:
                        st.markdown(f"**{markdown_text(heading)}**")
                path = clause.heading_path
                st.button(
                    markdown_text(_beginning(clause)),
                    key=f"outline-{number}",
                    type="tertiary",
                    on_click=_go_to,
                    args=(clause,),
                )


@st.cache_data(max_entries=32, show_spinner=False)
def _clauses(document_id: str, revision: int) -> tuple[ClauseInfo, ...]:
    del revision
    filters = Filters(document=document_id)
    return knowledge_base().clauses(filters=filters, limit=MOST_LISTED).clauses


def _beginning(clause: ClauseInfo) -> str:
    text = clause.text.removeprefix(clause.number).lstrip("　 、.")
    return f"{clause.number} {text.split('。')[0][:24]}"


def _go_to(clause: ClauseInfo) -> None:
    shown = Evidence(
        clause.document_id, clause.title, clause.page, clause.boxes, clause.text, clause.number
    )
    st.query_params["page"] = str(clause.page)
    evidence.choose(shown, f"reading-{clause.document_id}")


def _facts(info: DocumentInfo) -> None:
    base = knowledge_base()
    read = {one.field: one.as_read for one in base.corrections(info.document_id)}
    with st.form("facts", border=True):
        st.caption(say("edit_help"))
        title = st.text_input(say("title"), info.title, max_chars=500)
        _as_read(read, "title")
        issuers = st.text_input(say("issuer"), "、".join(info.issuers), help=say("issuers_hint"))
        _as_read(read, "issuers")
        row = st.columns(3)
        with row[0]:
            number = st.text_input(say("number"), info.document_number or "")
            _as_read(read, "document_number")
        with row[1]:
            issued = st.date_input(
                say("date"), info.issued_on, min_value=date(1900, 1, 1), format="YYYY-MM-DD"
            )
            _as_read(read, "issued_on")
        with row[2]:
            kind = st.text_input(say("type"), info.document_type or "")
            _as_read(read, "document_type")
        save = st.form_submit_button(
            say("save"), type="primary", icon=":material/save:", disabled=not may("write")
        )
        if save:
            names = tuple(name.strip() for name in issuers.replace("，", "、").split("、"))
            _correct(
                info,
                {
                    "title": title,
                    "issuers": tuple(name for name in names if name),
                    "document_number": number.strip() or None,
                    "issued_on": issued,
                    "document_type": kind.strip() or None,
                },
            )
    if read and st.button(say("revert"), icon=":material/undo:", disabled=not may("write")):
        _correct(info, read)
    _more_facts(info)


def _as_read(read: dict[CorrectedField, Fact], field: CorrectedField) -> None:
    if field in read:
        st.caption(markdown_text(say("as_read", _shown(read[field]))))


def _shown(value: Fact) -> str:
    text = "、".join(value) if isinstance(value, tuple) else str(value or "")
    return text or say("empty_value")


def _correct(info: DocumentInfo, changes: dict[CorrectedField, Fact]) -> None:
    present: dict[CorrectedField, Fact] = {field: getattr(info, field) for field in FIELDS}
    knowledge_base().correct(
        info.document_id, {field: one for field, one in changes.items() if one != present[field]}
    )
    st.toast(say("saved"), icon=":material/check:")
    st.rerun()


def _more_facts(info: DocumentInfo) -> None:
    facts = {
        say("fact_effective"): info.effective_on.isoformat() if info.effective_on else "",
        say("fact_validity"): say(f"validity_{info.validity}"),
        say("fact_addressees"): "、".join(info.addressees),
        say("pages"): str(info.pages),
        say("passages"): str(info.passages),
        say("fact_characters"): f"{info.characters:,}",
        say("fact_indexed"): f"{info.characters_indexed:,}",
        say("fact_added"): _moment(info.added_at),
        say("file"): info.path,
    }
    st.html(facts_html({name: value for name, value in facts.items() if value}))


def _moment(written: str) -> str:
    """Return a moment by the clock of the reader, to the minute."""
    # As browsers count it, minutes that UTC is ahead; names of zones need tables not all have.
    zone = timezone(timedelta(minutes=-(st.context.timezone_offset or 0)))
    return f"{datetime.fromisoformat(written).astimezone(zone):%Y-%m-%d %H:%M}"


@st.fragment
def _parsed(info: DocumentInfo) -> None:
    """Show a page's blocks beside the page; the file is read again for it, once."""
    with errors_shown():
        with st.spinner(say("parsing_now")):
            parsed = _read_again(info.document_id)
        number = st.number_input(say("go_page"), 1, max(1, len(parsed.pages)), width=160)
        page = parsed.pages[int(number) - 1] if parsed.pages else None
        if page is None:
            return
        kinds = list(dict.fromkeys(block.kind for block in page.blocks))
        body = [kind for kind in kinds if kind not in _FURNITURE]
        chosen = st.pills(
            say("block_kinds"),
            kinds,
            selection_mode="multi",
            default=body,
            format_func=_kind,
            key=f"kinds-{number}",
        )
        blocks = [block for block in page.blocks if block.kind in (chosen or [])]
        texts = [(block.kind, block.text) for block in blocks]
        if page.width <= 0:
            _listed(texts)
            return
        left, right = st.columns(2, gap="large")
        with left:
            _listed(texts)
        with right:
            boxes = tuple(block.box for block in blocks)
            png = knowledge_base().page_image(info.document_id, page.number, highlights=boxes)
            name = say("page", page.number)
            sheet = sheet_html(base64.b64encode(png).decode("ascii"), name, None)
            st.html(pages_html([sheet], 100, name))


def _listed(texts: Sequence[tuple[str, str]]) -> None:
    st.caption(say("blocks_count", len(texts)))
    for kind, text in texts:
        st.html(block_html(_kind(kind), text))


def _kind(kind: str) -> str:
    return say(f"block_{kind}" if f"block_{kind}" in WORDS else "block_other")


@st.cache_resource(max_entries=4, show_spinner=False)
def _read_again(document_id: str) -> ParsedFile:
    return knowledge_base().parsed(document_id)


def _versions(info: DocumentInfo) -> None:
    family = [
        one
        for one in documents(replaced=True)
        if one.document_id != info.document_id and _succeeds(info, one)
    ]
    if not family:
        st.caption(say("no_versions"))
    for one in family:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            label = say("version_replaced" if one.superseded_by else "version_now")
            st.markdown(f"{markdown_text(one.title)} · {one.added_at[:10]} · {label}")
            if "pages" in st.session_state:
                old, new = (one, info) if one.superseded_by else (info, one)
                go_to(
                    "diff",
                    say("compare_versions"),
                    ":material/difference:",
                    old=old.document_id,
                    new=new.document_id,
                )
    _replace(info)


def _succeeds(info: DocumentInfo, other: DocumentInfo) -> bool:
    return other.superseded_by == info.document_id or info.superseded_by == other.document_id


def _replace(info: DocumentInfo) -> None:
    if info.superseded_by is not None or not may("write"):
        return
    file = st.file_uploader(
        say("replace_with"),
        type=[Path(info.path).suffix.removeprefix(".").lower()],
        help=say("replace_help"),
        key=f"replace-{info.document_id}",
    )
    if file is not None and st.button(
        say("replace_with"), type="primary", icon=":material/upload_file:"
    ):
        uploads().add([Order(file.name, file.getvalue(), replaces=info.document_id)])
        _leave()
        st.rerun()
