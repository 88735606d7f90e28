"""What is asked of the knowledge base at every turn, asked once and kept until it changes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from threading import Thread
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from kb import KBError
from ui.web.opened import knowledge_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kb import ClauseInfo, DocumentInfo

_T = TypeVar("_T")
logger = logging.getLogger(__name__)


class Kept:
    """Values of one revision, shared by all sessions: they are not to be changed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._revision = -1
        self._values: dict[str, Any] = {}
        self._dear: dict[str, tuple[int, Any]] = {}
        self._making: set[str] = set()

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

    def recent(self, name: str, revision: int, make: Callable[[], _T]) -> _T:
        """Return the value of a name, at once where it is known of any revision.

        For what is dear to make and may be some seconds old: it is made anew behind the page.
        """
        with self._guard:
            known = self._dear.get(name)
            stale = known is not None and known[0] != revision and name not in self._making
            if stale:
                self._making.add(name)
        if known is None:
            return self._made(name, revision, make)
        if stale:
            Thread(target=self._remake, args=(name, revision, make), daemon=True).start()
        found: _T = known[1]
        return found

    def _made(self, name: str, revision: int, make: Callable[[], _T]) -> _T:
        made = make()
        with self._guard:
            self._dear[name] = revision, made
        return made

    def _remake(self, name: str, revision: int, make: Callable[[], object]) -> None:
        try:
            self._made(name, revision, make)
        except KBError as error:
            logger.warning("%s stays as it was: %s", name, error.message)
        finally:
            with self._guard:
                self._making.discard(name)


@st.cache_resource(show_spinner=False)
def kept() -> Kept:
    """Return what this server keeps."""
    return Kept()


def documents(*, replaced: bool = False) -> tuple[DocumentInfo, ...]:
    """Return the documents, newest first; replaced versions too where asked."""
    base = knowledge_base()
    name = "replaced" if replaced else "documents"
    return kept().get(name, base.state(), lambda: base.documents(replaced=replaced))


def by_id() -> Mapping[str, DocumentInfo]:
    """Return the documents by their ids."""
    revision = knowledge_base().state()
    return kept().get(
        "by-id", revision, lambda: MappingProxyType({one.document_id: one for one in documents()})
    )


def collections() -> Mapping[str, int]:
    """Return the collections, each with how many documents are in it."""
    base = knowledge_base()
    return kept().get("collections", base.state(), base.collections)


def ministries() -> Mapping[str, int]:
    """Return in how many clauses each body is named, most first; of some seconds ago at most."""
    base = knowledge_base()

    def counted() -> Mapping[str, int]:
        return MappingProxyType({one.name: one.total for one in base.clauses(limit=1).counts})

    return kept().recent("ministries", base.state(), counted)


def sampled_clauses(number: int) -> tuple[ClauseInfo, ...]:
    """Return some clauses of the documents present, of some seconds ago at most."""
    base = knowledge_base()
    return kept().recent(
        f"clauses-{number}", base.state(), lambda: base.clauses(limit=number).clauses
    )
