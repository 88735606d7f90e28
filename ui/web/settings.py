"""Settings: the encoder, a language model, the registry of bodies, storage, care."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import streamlit as st

from kb import KnowledgeBase, VerifyReport
from ui.remote import RemoteKnowledgeBase
from ui.web import server
from ui.web.base import errors_shown, knowledge_base, show_error
from ui.web.marked import markdown_text, message_text
from ui.web.opened import here
from ui.web.tasks import Task, Tell, tasks
from ui.web.text import meaning, say

KIND: Final = "care"
_MEGABYTE: Final = 1_000_000


def page() -> None:
    """Draw the page."""
    with errors_shown():
        opened = knowledge_base()
        if isinstance(opened, RemoteKnowledgeBase):
            server.draw(opened, _task)
            st.caption(say("set_language"))
            return
        base = here()
        left, right = st.columns(2, gap="large")
        with left:
            _encoder(base)
            _language_model(base)
        with right:
            _registry(base)
            _storage(base)
            _care(base)
        st.caption(say("set_language"))


def _encoder(base: KnowledgeBase) -> None:
    st.subheader(say("set_encoder"), anchor=False)
    with st.container(border=True):
        model = base.model()
        st.write(markdown_text(say("encoder_now", model.name, model.dimension)))
        if model.index_matches:
            st.caption(say("encoder_matches", model.index_passages))
        else:
            st.warning(say("encoder_differs"), icon=":material/warning:")
        with st.form("encoder", border=False):
            wanted = st.selectbox(
                say("encoder_choose"),
                base.models(),
                index=None,
                accept_new_options=True,
                placeholder=say("encoder_hint"),
                help=say("encoder_warn"),
            )
            if st.form_submit_button(say("use")) and wanted:
                with st.spinner(), errors_shown():
                    base.use_model(wanted)
                st.rerun()
        _task("rebuild", lambda tell: _rebuilt(base, tell))


def _rebuilt(base: KnowledgeBase, tell: Tell) -> int:
    return base.rebuild(lambda progress: tell(progress.page, progress.pages))


def _language_model(base: KnowledgeBase) -> None:
    st.subheader(say("set_llm"), anchor=False)
    with st.container(border=True):
        st.caption(say("llm_intro"))
        present = base.language_model()
        with st.form("llm", border=False):
            url = st.text_input(
                say("llm_url"), present.url, placeholder="http://127.0.0.1:11434/v1"
            )
            name = st.text_input(say("llm_model"), present.model, placeholder="qwen3:8b")
            if st.form_submit_button(say("save")):
                with errors_shown():
                    base.use_language_model(url, name)
                st.toast(say("saved"), icon=":material/check:")
                st.rerun()
        st.caption(say("llm_key_set" if present.key_set else "llm_key_unset"))


def _registry(base: KnowledgeBase) -> None:
    st.subheader(say("set_registry"), anchor=False)
    with st.container(border=True):
        bodies = base.registry()
        own = sum(body.own for body in bodies)
        st.write(say("registry_now", len(bodies), own, len(base.unknown_bodies())))
        file = st.file_uploader(
            say("registry_upload"), type=["csv"], max_upload_size=5, key="registry-file"
        )
        if file is not None and st.button(say("use"), key="use-registry"):
            with tempfile.TemporaryDirectory(prefix="policykb-") as folder, errors_shown():
                path = Path(folder) / "bodies.csv"
                path.write_bytes(file.getvalue())
                report = base.use_registry(path)
            st.success(say("registry_done", report.bodies, report.renamed))
        if own and st.button(say("registry_remove")):
            with errors_shown():
                base.remove_registry()
            st.rerun()


def _storage(base: KnowledgeBase) -> None:
    st.subheader(say("set_storage"), anchor=False)
    with st.container(border=True):
        st.caption(markdown_text(say("storage_place", base.home)))
        documents = base.documents()
        st.write(say("documents", len(documents), sum(one.passages for one in documents)))
        sizes = base.sizes()
        for cell, (name, size) in zip(st.columns(len(sizes)), sizes.items(), strict=True):
            cell.metric(say(f"storage_{name}"), f"{size / _MEGABYTE:,.1f} MB")


def _care(base: KnowledgeBase) -> None:
    st.subheader(say("set_care"), anchor=False)
    with st.container(border=True):
        _task("verify", lambda _: base.verify())
        _task("repair", lambda _: base.verify(repair=True))
        _task("backup", lambda _: _backed_up(base))
        st.caption(say("restore_hint"))


def _backed_up(base: KnowledgeBase) -> Path:
    """Write a backup; the one before it makes room for it."""
    target = Path(_folder().name) / "policykb-backup.zip"
    base.back_up(target, force=True)
    return target


@st.cache_resource(show_spinner=False)
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder of this server's own, removed when it stops."""
    return tempfile.TemporaryDirectory(prefix="policykb-backup-")


def _task(name: str, work: Callable[[Tell], object]) -> None:
    known = tasks(f"{KIND}-{name}")
    task = next((known.get(one) for one in known.ids()), None)
    running = task is not None and not task.ended
    if st.button(say(name), key=f"start-{name}", disabled=running, icon=_ICONS[name]):
        known.start(name, work)
        st.rerun()
    if task is None:
        return
    if running:
        _running(task)
    elif task.error:
        show_error(task.error)
    else:
        _ended(name, task)


_ICONS: Final = {
    "rebuild": ":material/refresh:",
    "verify": ":material/verified:",
    "repair": ":material/build:",
    "backup": ":material/archive:",
}


@st.fragment(run_every=1.0)
def _running(task: Task) -> None:
    if task.total:
        st.progress(min(1.0, task.done / task.total), text=say("rebuilding", task.done, task.total))
    else:
        st.caption("…")
    if task.ended:
        st.rerun()


def _ended(name: str, task: Task) -> None:
    result = task.result
    if isinstance(result, VerifyReport):
        if result.ok:
            st.success(say("verify_ok"), icon=":material/check:")
        else:
            st.warning(say("verify_wrong", len(result.problems)), icon=":material/warning:")
        for problem in result.problems:
            st.caption(f"**{meaning(problem.code)}**  \n{message_text(problem.message)}")
    elif isinstance(result, Path) and result.is_file():
        size = f"{result.stat().st_size / _MEGABYTE:.1f}"
        st.download_button(
            say("backup_download", size),
            result.read_bytes,
            file_name=result.name,
            icon=":material/download:",
            key=f"take-{name}",
            on_click="ignore",
        )
    elif isinstance(result, int):
        st.caption(say("rebuilt", result))
