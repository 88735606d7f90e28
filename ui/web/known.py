"""What is asked of the knowledge base at every turn, asked once and kept until it changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from ui.web.opened import knowledge_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb import DocumentInfo

_T = TypeVar("_T")


class Kept:
    """Values of one revision, shared by all sessions: they are not to be changed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._revision = -1
        self._values: dict[str, Any] = {}

    def get(self, name: str, revision: int, make: Callable[[], _T]) -> _T:
        """Return the value of a name, made where it is not of this revision."""
        with self._guard:
            if revision != self._revision:
                self._revision, self._values = revision, {}
            if name in self._values:
                found: _T = self._values[name]
                return found
        made = make()
        with self._guard:
            if revision == self._revision:
                self._values[name] = made
        return made


@st.cache_resource(show_spinner=False)
def kept() -> Kept:
    """Return what this server keeps."""
    return Kept()


def documents(*, replaced: bool = False) -> tuple[DocumentInfo, ...]:
    """Return the documents, newest first; replaced versions too where asked."""
    base = knowledge_base()
    name = "replaced" if replaced else "documents"
    return kept().get(name, base.revision(), lambda: base.documents(replaced=replaced))


def by_id() -> Mapping[str, DocumentInfo]:
    """Return the documents by their ids."""
    revision = knowledge_base().revision()
    return kept().get(
        "by-id", revision, lambda: MappingProxyType({one.document_id: one for one in documents()})
    )


def collections() -> Mapping[str, int]:
    """Return the collections, each with how many documents are in it."""
    base = knowledge_base()
    return kept().get("collections", base.revision(), base.collections)
