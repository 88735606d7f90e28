"""What is compared or checked: a document of the library, a file that is not kept."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

import streamlit as st

from kb import DocumentInfo, Upload
from ui.web.known import documents
from ui.web.text import say

SUFFIXES: Final = ["pdf", "ofd", "docx", "xlsx", "html", "htm", "md", "txt"]
SOURCES: Final = ("library", "upload")


def choose_source(page: str, side: Literal["old", "new"]) -> str | Upload | None:
    """Draw the choice of one side; return a document's id or a file, None for neither yet."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say(f'{side}_version')}**", width="content")
        source = st.segmented_control(
            say("source"),
            SOURCES,
            key=f"{page}-{side}-source",
            default="library",
            required=True,
            format_func=lambda name: say(f"from_{name}"),
            label_visibility="collapsed",
        )
    if source == "upload":
        return uploaded(f"{page}-{side}-file", say(f"{side}_version"))
    return library_document(f"{page}-{side}", say(f"{side}_version"))


def library_document(key: str, label: str) -> str | None:
    """Draw the choice of a document; return its id."""
    titles = _titles(documents(replaced=True))
    if st.session_state.get(key) not in titles:
        st.session_state[key] = None
    return st.selectbox(
        label,
        list(titles),
        index=None,
        key=key,
        placeholder=say("choose_document"),
        format_func=lambda document_id: titles.get(document_id, document_id),
        label_visibility="collapsed",
    )


def uploaded(key: str, label: str) -> Upload | None:
    """Draw the choice of a file; return its name and bytes."""
    file = st.file_uploader(label, type=SUFFIXES, key=key, label_visibility="collapsed")
    return Upload(file.name, file.getvalue()) if file is not None else None


def _titles(documents: tuple[DocumentInfo, ...]) -> dict[str, str]:
    often = Counter(document.title for document in documents)
    return {
        document.document_id: document.title
        if often[document.title] == 1
        else f"{document.title} · {document.name}"
        for document in documents
    }
