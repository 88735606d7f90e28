"""Library: add files and watch each one, list them, read their pages, remove them."""

from __future__ import annotations

import time
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from kb import DocumentInfo, FileReport, Progress
from ui.web import evidence
from ui.web.base import errors_shown, knowledge_base
from ui.web.evidence import Evidence
from ui.web.marked import markdown_text
from ui.web.text import say

ICONS = {
    "failed": ":red[:material/error:]",
    "partial": ":orange[:material/warning:]",
    "unchanged": ":gray[:material/check_circle:]",
}
SUFFIXES = ["pdf", "ofd", "docx", "xlsx", "html", "htm", "md", "txt"]


def page() -> None:
    """Draw the page."""
    _upload()
    with errors_shown():
        documents = knowledge_base().documents()
    if not documents:
        st.info(say("empty_title"), icon=":material/inbox:")
        return
    passages = sum(document.passages for document in documents)
    st.caption(say("documents", len(documents), passages))
    chosen = _table(documents)
    if chosen is not None:
        _detail(chosen)


def _upload() -> None:
    batch = st.session_state.setdefault("upload_batch", 0)
    files = st.file_uploader(
        say("upload"),
        type=SUFFIXES,
        accept_multiple_files=True,
        help=say("upload_help"),
        key=f"upload-{batch}",
    )
    _show_reports(st.session_state.get("upload_reports", []))
    if files:
        st.session_state["upload_reports"] = _ingest(files)
        st.session_state["upload_batch"] = batch + 1
        st.rerun()


def _ingest(files: Sequence[UploadedFile]) -> list[FileReport]:
    reports = []
    with st.status(say("uploading", len(files)), expanded=True) as status:
        for file in files:
            watcher = _Watcher(st.progress(0.0, text=file.name), file.name)
            with errors_shown():
                report = knowledge_base().ingest_bytes(
                    file.name, file.getvalue(), on_progress=watcher
                )
            watcher.finish(report)
            reports.append(report)
        failed = sum(report.status == "failed" for report in reports)
        status.update(
            label=say("upload_done", len(reports) - failed, failed),
            state="error" if failed else "complete",
        )
    return reports


class _Watcher:
    """Shows one file's stage, page n of N, rate and time left."""

    def __init__(self, bar: DeltaGenerator, name: str) -> None:
        self.bar = bar
        self.name = name
        self.started = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        stage = say(f"stage_{progress.stage}")
        text = f"{markdown_text(self.name)} · {stage}"
        share = progress.page / progress.pages if progress.pages else 0.0
        if progress.pages and progress.page:
            rate = progress.page / max(time.monotonic() - self.started, 1e-3)
            left = round((progress.pages - progress.page) / rate)
            where = say("page_of", progress.page, progress.pages)
            text += f" · {where} · {say('eta', round(rate, 1), left)}"
        self.bar.progress(min(share, 1.0), text=text)

    def finish(self, report: FileReport) -> None:
        """Show what became of the file."""
        self.bar.progress(
            1.0, text=f"{markdown_text(self.name)} · {say(f'status_{report.status}')}"
        )


def _show_reports(reports: Sequence[FileReport]) -> None:
    """Say what became of each file of the last upload, its warnings and error beneath it."""
    if not reports:
        return
    with st.container(border=True, gap="small"):
        for report in reports:
            icon = ICONS.get(report.status, ":green[:material/check_circle:]")
            st.markdown(f"{icon} {markdown_text(report.path)} · {say(f'status_{report.status}')}")
            notes = [report.error.message] if report.error else list(report.warnings)
            for note in notes:
                st.caption(markdown_text(note))


def _table(documents: Sequence[DocumentInfo]) -> DocumentInfo | None:
    rows = [
        {
            say("title"): document.title,
            say("issuer"): "、".join(document.issuers),
            say("number"): document.document_number or "",
            say("date"): document.issued_on.isoformat() if document.issued_on else "",
            say("type"): document.document_type or "",
            say("pages"): document.pages,
            say("passages"): document.passages,
            say("file"): document.name,
        }
        for document in documents
    ]
    event = st.dataframe(
        rows, hide_index=True, on_select="rerun", selection_mode="single-row", key="documents"
    )
    selected = event["selection"]["rows"]
    return documents[selected[0]] if selected and selected[0] < len(documents) else None


def _detail(document: DocumentInfo) -> None:
    st.subheader(markdown_text(document.title), anchor=False)
    for warning in document.warnings:
        st.warning(markdown_text(warning))
    with st.container(horizontal=True):
        with errors_shown():
            name, data = knowledge_base().original(document.document_id)
        st.download_button(say("download"), data, file_name=name, icon=":material/download:")
        if st.button(say("remove"), icon=":material/delete:"):
            _confirm(document)
    evidence.show(Evidence(document.document_id, document.title, 1, (), ""))


def _confirm(document: DocumentInfo) -> None:
    @st.dialog(say("remove"))
    def dialog() -> None:
        st.write(markdown_text(document.title))
        st.write(say("remove_confirm"))
        if st.button(say("remove"), type="primary", key="confirm-remove"):
            with errors_shown():
                knowledge_base().remove([document.document_id])
            st.toast(say("removed", document.title))
            st.rerun()

    dialog()
