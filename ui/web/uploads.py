"""Files on their way in: in the queue of the knowledge base, where they outlive this server.

Whoever looks sees all that wait there, whichever process took them. Where the knowledge base is on
this machine, this server works them off as well as others do: one process at a time.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import streamlit as st

from kb import (
    FileReport,
    InvalidInput,
    KBError,
    KnowledgeBase,
    UploadJob,
    UploadQueue,
    UploadWorker,
)
from ui.facade import Queue
from ui.web.opened import knowledge_base, queue

State: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]
GOING: frozenset[State] = frozenset({"waiting", "running"})
#: Seconds for which what the queue said is believed: several parts of a page ask at a time.
FRESH = 0.4
#: Bytes sent as one job; a server takes 200 MiB of one request.
MOST_AT_ONCE = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: how far it is, and what became of it."""

    job_id: str
    name: str
    state: State = "waiting"
    stage: str = "waiting"
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
    replaces: str = ""


class Uploads:
    """The files that wait, are read or were read today; safe to share between threads."""

    def __init__(self, waiting: Queue, base: KnowledgeBase | None = None) -> None:
        """Look at a queue, and work it off for `base` where it is of this machine."""
        self._queue = waiting
        self._base = base
        self._guard = threading.Lock()
        self._worker: UploadWorker | None = None
        self._seen: tuple[float, list[UploadJob]] = (0.0, [])
        self._refused: list[Upload] = []
        self._dismissed: set[str] = set()

    def add(self, orders: Sequence[Order]) -> None:
        """Take files; those that cannot be taken are told of as failed."""
        for batch in _batches(orders):
            try:
                self._submit(batch)
            except InvalidInput:
                # One name that is none holds up no other file.
                for order in batch:
                    self._submit_or_refuse([order])
            except KBError as error:
                self._refuse(batch, error)
        self._jobs(anew=True)

    def _submit(self, batch: Sequence[Order]) -> None:
        uploads = [(order.name, io.BytesIO(order.data)) for order in batch]
        within, replaces = batch[0].collection, batch[0].replaces
        self._queue.submit(uploads, collection=within, replaces=replaces)

    def _submit_or_refuse(self, batch: Sequence[Order]) -> None:
        try:
            self._submit(batch)
        except KBError as error:
            self._refuse(batch, error)

    def _refuse(self, batch: Sequence[Order], error: KBError) -> None:
        refused = [Upload("", one.name, "failed", error=error.message) for one in batch]
        with self._guard:
            self._refused += refused

    def files(self) -> tuple[Upload, ...]:
        """Return all files that were not dismissed, in the order they came; raises `KBError`."""
        jobs = [job for job in self._jobs() if job.job_id not in self._dismissed]
        return (*(one for job in jobs for one in _files_of(job)), *self._refused)

    def busy(self) -> bool:
        """Tell whether a file is waiting or being read."""
        return any(one.state in GOING for one in self.files())

    def cancel(self) -> None:
        """Leave out what is not in yet."""
        for job_id in dict.fromkeys(one.job_id for one in self.files() if one.state in GOING):
            self._queue.cancel(job_id)
        self._jobs(anew=True)

    def dismiss(self) -> None:
        """Show no more the files of jobs that are through."""
        going = {one.job_id for one in self.files() if one.state in GOING}
        with self._guard:
            self._refused = []
            self._dismissed |= {one.job_id for one in self._seen[1]} - going

    def _jobs(self, *, anew: bool = False) -> list[UploadJob]:
        with self._guard:
            at, jobs = self._seen
            if anew or time.monotonic() > at + FRESH:
                jobs = self._queue.jobs()
                if not self._seen[0]:
                    # What went well before this server began is no news.
                    self._dismissed |= {job.job_id for job in jobs if _went_well(job)}
                self._seen = time.monotonic(), jobs
                self._see_to(jobs)
            return jobs

    def _see_to(self, jobs: Iterable[UploadJob]) -> None:
        """Have what waits worked off, where that is for this machine to do."""
        if self._base is None or self._base.read_only or not isinstance(self._queue, UploadQueue):
            return
        if all(job.state not in {"queued", "running"} for job in jobs):
            return
        if self._worker is None or not self._worker.is_working():
            self._worker = UploadWorker(self._base, self._queue, until_idle=True)
            self._worker.start()


def _batches(orders: Sequence[Order]) -> Iterator[list[Order]]:
    """Yield orders as jobs take them: of one place, each name once, not too much together."""
    left = list(orders)
    while left:
        batch, names, size = [left[0]], {left[0].name}, len(left[0].data)
        rest: list[Order] = []
        for order in left[1:]:
            same = (order.collection, order.replaces) == (left[0].collection, left[0].replaces)
            fits = same and not order.replaces and order.name not in names
            if fits and size + len(order.data) <= MOST_AT_ONCE:
                batch.append(order)
                names.add(order.name)
                size += len(order.data)
            else:
                rest.append(order)
        yield batch
        left = rest


def _files_of(job: UploadJob) -> Iterator[Upload]:
    reports = {report.path: report for report in job.reports}
    running = {at.path: at for at in job.running}
    for name in job.files:
        report, at = reports.get(name), running.get(name)
        if report is not None:
            state: State = "failed" if report.status == "failed" else "done"
            yield Upload(job.job_id, name, state, "done", report=report)
        elif at is not None:
            yield Upload(
                job.job_id, name, "running", at.stage, at.page, at.pages, rate=at.file_rate
            )
        else:
            yield Upload(job.job_id, name, _state_of(job), error=job.error or "")


def _went_well(job: UploadJob) -> bool:
    failed = any(report.status == "failed" for report in job.reports)
    return job.state in {"done", "cancelled"} and not failed


def _state_of(job: UploadJob) -> State:
    """Return the state of a file of which nothing is known but its job's."""
    match job.state:
        case "cancelled" | "failed" | "done":
            return job.state
        case _:
            return "waiting"


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """Return the files on their way into the knowledge base of this server."""
    base = knowledge_base()
    return Uploads(queue(), base if isinstance(base, KnowledgeBase) else None)
