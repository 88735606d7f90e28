"""Uploads that wait their turn: they outlive the process that took them.

They are kept in the home's folder (`kb.upload_folder`), or, where several hosts share a store, in
that (`kb.upload_table`). Any process may take uploads, tell of them and cancel them; what it tells
is what the events say.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, Self, get_args

from kb.errors import InvalidInput, QueueFull
from kb.intake import checked_collection
from kb.jsonable import jsonable
from kb.seams import errors_mapped
from kb.selecting import safe_name
from kb.types import FileError, FileReport, OcrMode
from kb.upload_folder import ENDED, UploadFolder

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

UploadState = Literal["queued", "running", "done", "cancelled", "failed"]

FOLDER = "uploads"
MOST_WAITING = 100
MOST_FILES = 1000
#: Seconds that an ended job can still be asked about.
KEPT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """What was asked for: files into a collection, by a key that sees `collections` or all.

    `replaces` is the document in whose place the one file goes, empty for none.
    """

    job_id: str
    created_at: str
    owner: str | None
    collections: tuple[str, ...]
    collection: str
    ocr: OcrMode | None
    names: tuple[str, ...]
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """How far a job is: one file's stage and page; `eta_seconds` is None until that is known.

    `pages_per_second` is of the job, `file_rate` of the file's own pages as they come.
    """

    path: str
    stage: str
    page: int
    pages: int
    files_done: int
    files_total: int
    pages_per_second: float
    eta_seconds: float | None
    file_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class UploadEvent:
    """Something that happened to a job: a `state`, `progress` or a `file` and what became of it."""

    number: int
    kind: Literal["state", "progress", "file"]
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UploadJob:
    """A job as its events have it; `error` says why it failed.

    `running` says of each file that is being read how far it is, `progress` what was told last.
    """

    job_id: str
    created_at: str
    state: UploadState
    collection: str
    files: tuple[str, ...]
    reports: tuple[FileReport, ...]
    progress: UploadProgress | None = None
    error: str | None = None
    running: tuple[UploadProgress, ...] = ()


class UploadStorage(Protocol):
    """Where uploads are kept, as plain values; jobs that are unknown are NotFound."""

    def add(
        self, asked: dict[str, Any], contents: Sequence[BinaryIO], first: dict[str, Any]
    ) -> None:
        """Keep a job with its files and its first event, of kind `state`, all or nothing."""
        ...

    def waiting(self, has_ended: Callable[[str], bool]) -> int:
        """Return how many jobs have not ended."""
        ...

    def asked(self, job_id: str) -> dict[str, Any]:
        """Return what a job was asked to do."""
        ...

    def all_asked(self) -> list[dict[str, Any]]:
        """Return what the jobs that are known were asked to do."""
        ...

    def events(self, job_id: str, after: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Return what happened to a job after the event of a number: number, kind, data."""
        ...

    def tell(self, job_id: str, kind: str, data: dict[str, Any]) -> None:
        """Add an event; only the worker that has the job does."""
        ...

    def cancel(self, job_id: str) -> None:
        """Note that a job is to stop."""
        ...

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        ...

    def file(self, job_id: str, number: int, name: str) -> Path:
        """Return where a job's file lies."""
        ...

    def end(self, job_id: str) -> None:
        """Note that a job has ended, and remove its files."""
        ...

    def forget(self, older: float, has_ended: Callable[[str], bool]) -> None:
        """Forget jobs that ended more than some seconds ago."""
        ...

    def working(self, job_id: str) -> AbstractContextManager[Callable[[], bool] | None]:
        """Be the one who works on a job; gives what tells whether one still is, None if not."""
        ...


class UploadQueue:
    """The uploads of a knowledge base; safe to share between threads and processes."""

    def __init__(self, home: Path, storage: UploadStorage | None = None) -> None:
        """Hold the queue of the knowledge base in a folder, kept there or in a `storage`."""
        self.folder = home / FOLDER
        self._storage: UploadStorage = storage or UploadFolder(self.folder)
        self._ended: dict[str, UploadJob] = {}

    @classmethod
    def of(cls, base: KnowledgeBase) -> Self:
        """Return the queue of an open knowledge base, shared where its store is."""
        store = base._home.store
        if not store.is_shared:
            return cls(base.home)
        from kb.store.jobs import JobStore
        from kb.upload_table import UploadTable

        return cls(base.home, UploadTable(JobStore.beside(store), base.home / FOLDER))

    @errors_mapped()
    def submit(
        self,
        uploads: Sequence[tuple[str, BinaryIO]],
        *,
        owner: str | None = None,
        collections: Sequence[str] = (),
        collection: str = "",
        ocr: OcrMode | None = None,
        replaces: str = "",
    ) -> UploadJob:
        """Keep files, each a name and its bytes, to be added when their turn comes.

        One file may be the new version of the document `replaces`, in its place. InvalidInput for
        a name that is none or given twice, no files or too many; QueueFull.
        """
        order = UploadOrder(
            secrets.token_hex(16),
            self._next_moment(),
            owner,
            tuple(collections),
            checked_collection(collection),
            _checked_ocr(ocr),
            tuple(safe_name(name) for name, _ in uploads),
            replaces,
        )
        _check_names(order.names, most=1 if replaces else MOST_FILES)
        if self._storage.waiting(self._has_ended) >= MOST_WAITING:
            raise QueueFull(f"{MOST_WAITING} uploads are waiting: try again in a minute")
        self._storage.add(jsonable(order), [data for _, data in uploads], {"state": "queued"})
        return self.job(order.job_id)

    def _next_moment(self) -> str:
        """Return now, or just after the last job where the clock went back: in turn is in turn."""
        now = datetime.now(UTC)
        known = [order.created_at for order in self.orders()[-1:]]
        after = [datetime.fromisoformat(last) + timedelta(microseconds=1) for last in known]
        return max([now, *after]).isoformat(timespec="microseconds")

    @errors_mapped()
    def job(self, job_id: str) -> UploadJob:
        """Return a job; NotFound."""
        order = self.order(job_id)
        found = self._ended.get(job_id)
        if found is None:
            found = _told(order, self.events(job_id))
            if found.state in ENDED:
                # Nothing happens to it any more.
                self._ended[job_id] = found
        return found

    @errors_mapped()
    def jobs(self) -> list[UploadJob]:
        """Return the jobs that are known, in the order they came."""
        return [self.job(order.job_id) for order in self.orders()]

    @errors_mapped()
    def cancel(self, job_id: str) -> UploadJob:
        """Let a job stop: at once where it waits, else after the page it is at; NotFound.

        What it has reported as added stays.
        """
        self._storage.cancel(job_id)
        return self.job(job_id)

    @errors_mapped()
    def events(self, job_id: str, after: int = 0) -> list[UploadEvent]:
        """Return what happened to a job after the event of a number; NotFound."""
        found = self._storage.events(job_id, after)
        return [UploadEvent(*event) for event in found]  # type: ignore[arg-type]

    def owner_of(self, job_id: str) -> str | None:
        """Return the id of the key that a job came with; NotFound."""
        return self.order(job_id).owner

    def order(self, job_id: str) -> UploadOrder:
        """Return what a job was asked to do; NotFound."""
        return _order(self._storage.asked(job_id))

    def orders(self) -> list[UploadOrder]:
        """Return what the jobs that are known were asked to do, in the order they came."""
        found = map(_order, self._storage.all_asked())
        return sorted(found, key=lambda order: (order.created_at, order.job_id))

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        return self._storage.is_cancelled(job_id)

    def file(self, order: UploadOrder, number: int) -> Path:
        """Return where a job's file lies."""
        return self._storage.file(order.job_id, number, order.names[number])

    def tell(self, job_id: str, kind: str, data: object) -> None:
        """Add an event; only the worker that has the job does."""
        self._storage.tell(job_id, kind, jsonable(data))

    def discard_files(self, job_id: str) -> None:
        """Remove a job's files: they are in, or will never be."""
        self._storage.end(job_id)

    def working(self, job_id: str) -> AbstractContextManager[Callable[[], bool] | None]:
        """Be the one who works on a job; gives what tells whether one still is, None if not."""
        return self._storage.working(job_id)

    def forget_old(self) -> None:
        """Forget jobs that ended long ago, and what was cut short while it was taken."""
        self._storage.forget(KEPT, self._has_ended)
        self._ended.clear()

    def is_busy(self) -> bool:
        """Tell whether anything waits or is being worked on."""
        return self._storage.waiting(self._has_ended) > 0

    def _has_ended(self, job_id: str) -> bool:
        return self.job(job_id).state in ENDED


def _order(plain: dict[str, Any]) -> UploadOrder:
    tuples = {name: tuple(plain[name]) for name in ("names", "collections")}
    return UploadOrder(**{**plain, **tuples})


def _told(order: UploadOrder, events: Sequence[UploadEvent]) -> UploadJob:
    """Return a job as its events have it."""
    state: UploadState = "queued"
    error: str | None = None
    progress: UploadProgress | None = None
    reports: dict[str, FileReport] = {}
    running: dict[str, UploadProgress] = {}
    for event in events:
        if event.kind == "state":
            state, error = event.data["state"], event.data.get("error")
            running.clear()
        elif event.kind == "file":
            report = report_of(event.data)
            reports[report.path] = report
            running.pop(report.path, None)
        else:
            progress = UploadProgress(**event.data)
            if progress.path and progress.path not in reports:
                running[progress.path] = progress
    return UploadJob(
        order.job_id,
        order.created_at,
        state,
        order.collection,
        order.names,
        tuple(reports.values()),
        progress,
        error,
        tuple(running.values()),
    )


def report_of(plain: dict[str, Any]) -> FileReport:
    """Return a report as it was before it was written down."""
    error = plain["error"]
    return FileReport(
        **{
            **plain,
            "warnings": tuple(plain["warnings"]),
            "error": FileError(**error) if error else None,
        }
    )


def _check_names(names: Sequence[str], most: int) -> None:
    if not 1 <= len(names) <= most:
        give = "one, the new version" if most == 1 else f"1 to {most}"
        raise InvalidInput(f"{len(names)} files: give {give}", field="files")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        message = f"two files are named {twice[0]}: the second would replace the first"
        raise InvalidInput(message, field="files")


def _checked_ocr(ocr: OcrMode | None) -> OcrMode | None:
    if ocr is not None and ocr not in get_args(OcrMode):
        message = f"ocr is {ocr!r}: give one of {', '.join(get_args(OcrMode))}"
        raise InvalidInput(message, field="ocr")
    return ocr
