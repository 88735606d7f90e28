"""What every page stands on: the knowledge base, links, errors as one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from kb import KBError
from ui.web.known import documents
from ui.web.marked import message_text
from ui.web.opened import knowledge_base, may
from ui.web.text import in_addresses, meaning, say

__all__ = [
    "errors_shown",
    "go_to",
    "is_phone",
    "knowledge_base",
    "link_to",
    "may",
    "show_error",
    "stop_if_empty",
]


def is_phone() -> bool:
    """Tell whether the browser says that it is a phone's: there, one column has to do."""
    return "Mobi" in (st.context.headers.get("User-Agent") or "")


def link_to(page: str, /, **params: str) -> str:
    """Return the whole address of a page of this UI."""
    here = urlsplit(st.context.url or "http://localhost/")
    root, _, last = here.path.rpartition("/")
    known = {one.url_path for one in st.session_state.get("pages", {}).values()}
    folder = root if last in known else here.path.rstrip("/")
    query = urlencode({**params, **in_addresses()})
    return urlunsplit((here.scheme, here.netloc, f"{folder}/{page}", query, ""))


def go_to(page: str, label: str, icon: str, /, **params: str) -> None:
    """Draw a link to a page of this UI, in the language that this one is in."""
    st.page_link(
        st.session_state["pages"][page],
        label=label,
        icon=icon,
        query_params={**params, **in_addresses()} or None,
    )


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a `KBError` in words instead of a traceback, and stop the page there."""
    try:
        yield
    except KBError as error:
        show_error(error)
        st.stop()


def show_error(error: KBError) -> None:
    """Say what went wrong in the session's language, and beneath it the message, in English."""
    st.error(f"**{meaning(error.code)}**  \n{message_text(error.message)}", icon=":material/error:")


def stop_if_empty() -> None:
    """Tell what to do first where there are no documents yet, and stop the page."""
    with errors_shown():
        if documents():
            return
    with st.container(border=True):
        st.subheader(say("empty_title"), anchor=False)
        st.write(say("empty_body"))
        if st.button(say("go_library"), type="primary", icon=":material/upload_file:"):
            st.switch_page(st.session_state["pages"]["library"], query_params=in_addresses())
    st.stop()
