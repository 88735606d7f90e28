"""The knowledge base, opened once per server, and its errors as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from kb import KBError, KnowledgeBase
from ui.web.text import say


@st.cache_resource(show_spinner=False)
def knowledge_base() -> KnowledgeBase:
    """Open the knowledge base that `policykb ui --home` named, once for all sessions."""
    return KnowledgeBase.open()


def is_phone() -> bool:
    """Tell whether the browser says that it is a phone's: there, one column has to do."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def link_to(page: str, /, **params: str) -> str:
    """Return the whole address of a page of this UI."""
    here = urlsplit(st.context.url or "http://localhost/")
    root, _, last = here.path.rpartition("/")
    known = {one.url_path for one in st.session_state.get("pages", {}).values()}
    folder = root if last in known else here.path.rstrip("/")
    return urlunsplit((here.scheme, here.netloc, f"{folder}/{page}", urlencode(params), ""))


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `KBError` as one sentence instead of a traceback, and stop the page there."""
    try:
        yield
    except KBError as error:
        st.error(error.message, icon=":material/error:")
        st.stop()


def stop_if_empty() -> None:
    """Tell what to do first where there are no documents yet, and stop the page."""
    with errors_shown():
        if knowledge_base().documents():
            return
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader(say("empty_title"), anchor=False)
        st.write(say("empty_body"))
        st.page_link(
            st.session_state["pages"]["library"],
            label=say("go_library"),
            icon=":material/upload_file:",
        )
    st.stop()
