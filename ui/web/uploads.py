"""Files on their way in: one thread adds them, whoever looks at the page or leaves it.

What is known here is of this server's process: another session, or the same after a reload, sees
the same files.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import streamlit as st

from kb import FileReport, KBError, KnowledgeBase, Progress, Stage
from ui.web.base import knowledge_base

State: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]
#: Pages within which the rate is measured: what a file's first pages took says little.
_WINDOW = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: how far it is, and what became of it."""

    number: int
    name: str
    state: State = "waiting"
    stage: Stage = "waiting"
    page: int = 0
    pages: int = 0
    rate: float = 0.0
    report: FileReport | None = None
    error: str = ""

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds that the rest of its pages will take, None where not known."""
        if self.state != "running" or not self.rate or not self.page:
            return None
        return (self.pages - self.page) / self.rate


@dataclass(frozen=True, slots=True)
class Order:
    """What to add: a file's bytes, into a collection or in the place of a document."""

    name: str
    data: bytes = field(repr=False)
    collection: str = ""
    replaces: str | None = None


class Uploads:
    """The files of this server; safe to share between threads."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base
        self._guard = threading.Lock()
        self._files: dict[int, Upload] = {}
        self._waiting: deque[tuple[int, Order]] = deque()
        self._next = 0
        self._thread: threading.Thread | None = None

    def add(self, orders: Sequence[Order]) -> None:
        """Take files; the thread that adds them is started where it is not running."""
        with self._guard:
            for order in orders:
                self._files[self._next] = Upload(self._next, order.name)
                self._waiting.append((self._next, order))
                self._next += 1
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="uploads", daemon=True)
                self._thread.start()

    def files(self) -> tuple[Upload, ...]:
        """Return all files that were not dismissed, in the order they came."""
        with self._guard:
            return tuple(self._files.values())

    def busy(self) -> bool:
        """Tell whether a file is waiting or being read."""
        return any(one.state in {"waiting", "running"} for one in self.files())

    def cancel(self) -> None:
        """Leave out what is still waiting."""
        with self._guard:
            for number, _ in self._waiting:
                self._files[number] = replace(self._files[number], state="cancelled")
            self._waiting.clear()

    def dismiss(self) -> None:
        """Forget the files that are through."""
        with self._guard:
            self._files = {
                number: one
                for number, one in self._files.items()
                if one.state in {"waiting", "running"}
            }

    def _work(self) -> None:
        while True:
            with self._guard:
                if not self._waiting:
                    self._thread = None
                    return
                number, order = self._waiting.popleft()
            self._change(number, state="running", stage="reading")
            try:
                report = self._added(order, _Watch(self, number))
            except KBError as error:
                self._change(number, state="failed", error=error.message)
                continue
            state: State = "failed" if report.status == "failed" else "done"
            self._change(number, state=state, stage="done", report=report)

    def _added(self, order: Order, watch: _Watch) -> FileReport:
        if order.replaces is not None:
            return self._base.replace(order.replaces, order.name, order.data, on_progress=watch)
        return self._base.ingest_bytes(
            order.name, order.data, collection=order.collection, on_progress=watch
        )

    def _change(self, number: int, **values: object) -> None:
        with self._guard:
            self._files[number] = replace(self._files[number], **values)  # type: ignore[arg-type]


class _Watch:
    """Takes down how far one file is, and how fast its pages go."""

    def __init__(self, uploads: Uploads, number: int) -> None:
        self._uploads = uploads
        self._number = number
        self._seen: deque[tuple[float, int]] = deque(maxlen=_WINDOW)

    def __call__(self, progress: Progress) -> None:
        rate = 0.0
        if progress.page:
            self._seen.append((time.monotonic(), progress.page))
            (began, first), (now, last) = self._seen[0], self._seen[-1]
            rate = (last - first) / (now - began) if now > began and last > first else 0.0
        self._uploads._change(
            self._number,
            stage=progress.stage,
            page=progress.page,
            pages=progress.pages,
            rate=rate,
        )


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """Return the files on their way into this server's knowledge base."""
    return Uploads(knowledge_base())
