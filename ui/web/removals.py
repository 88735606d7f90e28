"""Documents about to be removed: hidden at once, gone after some seconds, until then undone.

A server that stops meanwhile removes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

import streamlit as st

from kb import KBError
from ui.facade import Facade
from ui.web.opened import knowledge_base

#: Seconds in which a removal can be undone.
DELAY = 10.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    """What is about to be removed, when, and whether somebody has been told how long that is."""

    title: str
    until: float
    timer: threading.Timer
    told: bool


class Removals:
    """The removals of this server that can still be undone; safe to share between threads."""

    def __init__(self, base: Facade, delay: float = DELAY) -> None:
        self._base = base
        self._delay = delay
        self._guard = threading.Lock()
        self._due: dict[str, _Due] = {}

    def remove(self, document_id: str, title: str) -> None:
        """Remove a document after the delay, or that long after it was first told of."""
        with self._guard:
            if document_id not in self._due:
                self._due[document_id] = self._begun(document_id, title, told=False)

    def _begun(self, document_id: str, title: str, *, told: bool) -> _Due:
        timer = threading.Timer(self._delay, self._now, [document_id])
        timer.daemon = True
        timer.start()
        return _Due(title, time.monotonic() + self._delay, timer, told)

    def undo(self, document_id: str) -> None:
        """Keep a document after all, where it is not too late."""
        with self._guard:
            entry = self._due.pop(document_id, None)
        if entry is not None:
            entry.timer.cancel()

    def pending(self) -> dict[str, tuple[str, int]]:
        """Return the documents about to be removed: their titles and the seconds left."""
        with self._guard:
            for document_id, due in list(self._due.items()):
                if not due.told:
                    # A page that is slow to come takes none of the time to undo.
                    due.timer.cancel()
                    self._due[document_id] = self._begun(document_id, due.title, told=True)
            now = time.monotonic()
            return {
                document_id: (due.title, max(0, round(due.until - now)))
                for document_id, due in self._due.items()
            }

    def _now(self, document_id: str) -> None:
        with self._guard:
            if document_id not in self._due:
                return
        try:
            self._base.remove([document_id])
        except KBError as error:
            logger.warning("%s was not removed: %s", document_id, error.message)
        finally:
            with self._guard:
                self._due.pop(document_id, None)


@st.cache_resource(show_spinner=False)
def removals() -> Removals:
    """Return the removals of this server's knowledge base."""
    return Removals(knowledge_base())
