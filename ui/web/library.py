"""Library: add files and watch each one, list the documents; one of them is `document.py`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from kb import DocumentInfo, Filters
from ui.web import document
from ui.web.base import errors_shown, go_to, knowledge_base, may
from ui.web.known import collections, documents
from ui.web.marked import markdown_text
from ui.web.removals import removals
from ui.web.text import meaning, say
from ui.web.uploads import Order, Upload, uploads
from ui.web.wording import warned

SUFFIXES: Final = ["pdf", "ofd", "docx", "xlsx", "html", "htm", "md", "txt"]
ICONS: Final = {
    "waiting": ":gray[:material/schedule:]",
    "running": ":blue[:material/progress_activity:]",
    "failed": ":red[:material/error:]",
    "cancelled": ":gray[:material/block:]",
    "done": ":green[:material/check_circle:]",
    "partial": ":orange[:material/warning:]",
}
#: Pixels of the list's head and of a row, as Streamlit draws them, and of the whole list at most.
HEAD, ROW, TALLEST = 38, 35, 740
#: Seconds between two looks at files on their way in.
LOOK_EVERY = 1.0
#: Files shown one by one; of more, those that are through and well are counted.
MOST_SHOWN = 8


def page() -> None:
    """Draw the list of documents, or the one that the address names."""
    wanted = st.query_params.get("doc")
    if wanted:
        document.draw(wanted)
        return
    with errors_shown():
        if may("write"):
            _upload()
            _going_on()
        else:
            st.caption(say("read_only"))
        _documents()


def _upload() -> None:
    batch = st.session_state.setdefault("upload-batch", 0)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        files = st.file_uploader(
            say("upload"),
            type=SUFFIXES,
            accept_multiple_files=True,
            help=say("upload_help"),
            key=f"upload-{batch}",
        )
        with errors_shown():
            names = [name for name in collections() if name]
        collection = st.selectbox(
            say("collection"),
            names,
            index=None,
            accept_new_options=True,
            placeholder=say("collection_hint"),
            key="upload-collection",
            width=240,
        )
    if files:
        uploads().add(
            [Order(one.name, one.getvalue(), (collection or "").strip()) for one in files]
        )
        st.session_state["upload-batch"] = batch + 1
        st.rerun()


def _going_on() -> None:
    """Show the files on their way in, and removals; looked at again while there are any."""
    active = uploads().busy() or bool(removals().pending())
    st.fragment(_progress, run_every=LOOK_EVERY if active else None)(active)


def _progress(active: bool) -> None:
    files = uploads().files()
    if files:
        _files(files)
    pending = removals().pending()
    for document_id, (title, seconds) in pending.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(say("removing", markdown_text(title), seconds), width="stretch")
            st.button(
                say("undo"),
                key=f"undo-{document_id}",
                icon=":material/undo:",
                on_click=removals().undo,
                args=(document_id,),
            )
    seen = (sum(one.state == "done" for one in files), len(pending))
    before = st.session_state.get("library-seen")
    st.session_state["library-seen"] = seen
    still = uploads().busy() or bool(pending)
    if (before is not None and seen != before) or (active and not still):
        # Documents came or went: the list beneath shows it.
        st.rerun()


def _files(files: Sequence[Upload]) -> None:
    done = sum(one.state == "done" for one in files)
    failed = sum(one.state == "failed" for one in files)
    waiting = sum(one.state == "waiting" for one in files)
    with st.container(border=True, gap="small", key="uploads"):
        if uploads().busy():
            st.progress((done + failed) / len(files), text=say("reading_files", done, len(files)))
            if waiting:
                st.caption(say("waiting_files", waiting))
        else:
            st.markdown(say("all_read", done, failed))
        for one in _worth_showing(files):
            _file(one)
        with st.container(horizontal=True, vertical_alignment="center"):
            if waiting:
                st.button(
                    say("stop_rest"), icon=":material/stop_circle:", on_click=uploads().cancel
                )
            if done and "pages" in st.session_state:
                go_to("ask", say("ask_now"), ":material/forum:")
            if done or failed:
                st.button(say("dismiss"), icon=":material/close:", on_click=uploads().dismiss)


def _worth_showing(files: Sequence[Upload]) -> list[Upload]:
    """Return the files to show: all of a few, else those that are not simply done or waiting."""
    if len(files) <= MOST_SHOWN:
        return list(files)
    odd = [one for one in files if one.state in {"running", "failed"} or _notes(one)]
    latest = [one for one in files if one.state == "done" and one not in odd]
    return odd + latest[-max(0, MOST_SHOWN - len(odd)) :]


def _file(one: Upload) -> None:
    status = one.report.status if one.report is not None else ""
    icon = ICONS["partial" if status == "partial" else one.state]
    parts = [markdown_text(one.name)]
    if one.state == "running":
        parts.append(say(f"stage_{one.stage}"))
        if one.page:
            parts.append(say("page_of", one.page, one.pages))
        if one.seconds_left is not None and one.seconds_left >= 1:
            parts.append(say("eta", f"{one.rate:.1f}", round(one.seconds_left)))
    elif status:
        parts += [say(f"status_{status}"), *([say("ready")] if one.state == "done" else [])]
    else:
        parts.append(say("status_failed" if one.state == "failed" else _idle(one)))
    st.markdown(f"{icon} {' · '.join(parts)}")
    for note in _notes(one):
        st.caption(markdown_text(note))


def _idle(one: Upload) -> str:
    return "status_cancelled" if one.state == "cancelled" else "stage_waiting"


def _notes(one: Upload) -> list[str]:
    if one.error:
        return [one.error]
    if one.report is None:
        return []
    error = one.report.error
    if error is not None:
        return [f"{meaning(error.code)} · {error.message}"]
    return [warned(warning) for warning in one.report.warnings]


@st.fragment
def _documents() -> None:
    """Draw the list; typing and choosing redraw only this."""
    with errors_shown():
        _listed()


def _listed() -> None:
    hidden = removals().pending()
    shown = [one for one in documents() if one.document_id not in hidden]
    if not shown:
        if not uploads().files():
            st.info(say("library_empty"), icon=":material/inbox:")
        return
    known = collections()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            say("filter_documents"),
            key="library-words",
            type="search",
            live="200ms",
            width=360,
            placeholder="",
        )
        if set(known) - {""}:
            chosen = st.selectbox(
                say("collection_filter"),
                [None, *known],
                format_func=lambda name: (
                    say("facet_any") if name is None else name or say("no_collection")
                ),
                key="library-collection",
                width=200,
            )
            if chosen is not None:
                within = knowledge_base().documents(Filters(collections=(chosen,)))
                inside = {one.document_id for one in within}
                shown = [one for one in shown if one.document_id in inside]
    shown = [one for one in shown if _fits(one, (words or "").split())]
    st.caption(say("documents", len(shown), sum(one.passages for one in shown)))
    _table(shown)


def _fits(one: DocumentInfo, words: Sequence[str]) -> bool:
    text = "\n".join((one.title, one.document_number or "", one.name, *one.issuers)).lower()
    return all(word.lower() in text for word in words)


def _table(documents: Sequence[DocumentInfo]) -> None:
    rows = [
        {
            say("title"): one.title,
            say("issuer"): "、".join(one.issuers),
            say("number"): one.document_number or "",
            say("date"): one.issued_on.isoformat() if one.issued_on else "",
            say("type"): one.document_type or "",
            say("pages"): one.pages,
            say("passages"): one.passages,
            say("warnings"): str(len(one.warnings) or ""),
            say("file"): one.name,
        }
        for one in documents
    ]
    event = st.dataframe(
        rows,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(HEAD + ROW * len(rows), TALLEST),
        column_config={
            say("title"): st.column_config.TextColumn(width=360),
            say("date"): st.column_config.TextColumn(width=96),
        },
        key="documents",
    )
    selected = event["selection"]["rows"]
    if selected and selected[0] < len(documents):
        st.query_params["doc"] = documents[selected[0]].document_id
        st.rerun()
