"""Uploads that wait their turn, kept on disk: they outlive the process that took them.

HOME/uploads/<job id>/job.json       what was asked for, and by whom
HOME/uploads/<job id>/events.jsonl   what has happened to it, a line each; only ever added to
HOME/uploads/<job id>/files/<n>/…    the files, each under its own name, until they are in
HOME/uploads/<job id>/cancel         there once the job is to stop
HOME/uploads/worker.lock             held by the one process that works (`kb.uploading`)

Any process may take uploads, tell of them and cancel them; what it tells is what the events say.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from kb.errors import InvalidInput, NotFound, QueueFull
from kb.intake import checked_collection
from kb.jsonable import jsonable
from kb.seams import errors_mapped
from kb.selecting import safe_name
from kb.types import FileError, FileReport, OcrMode

UploadState = Literal["queued", "running", "done", "cancelled", "failed"]
ENDED = frozenset({"done", "cancelled", "failed"})

FOLDER = "uploads"
MOST_WAITING = 100
MOST_FILES = 1000
#: Seconds that an ended job can still be asked about.
KEPT = 24 * 3600.0
_ID = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1 << 20


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


class UploadQueue:
    """The uploads of a home; safe to share between threads and processes."""

    def __init__(self, home: Path) -> None:
        """Hold the queue of the knowledge base in a folder."""
        self.folder = home / FOLDER
        self._ended: dict[str, UploadJob] = {}

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
            datetime.now(UTC).isoformat(),
            owner,
            tuple(collections),
            checked_collection(collection),
            _checked_ocr(ocr),
            tuple(safe_name(name) for name, _ in uploads),
            replaces,
        )
        _check_names(order.names, most=1 if replaces else MOST_FILES)
        if sum(not self._has_ended(job_id) for job_id in self._ids()) >= MOST_WAITING:
            raise QueueFull(f"{MOST_WAITING} uploads are waiting: try again in a minute")
        draft = self.folder / f".{order.job_id}"
        try:
            _write(draft, order, [data for _, data in uploads])
            draft.rename(self.folder / order.job_id)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        return self.job(order.job_id)

    @errors_mapped()
    def job(self, job_id: str) -> UploadJob:
        """Return a job; NotFound."""
        self._folder_of(job_id)
        found = self._ended.get(job_id)
        if found is None:
            found = _told(self.order(job_id), self.events(job_id))
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
        folder = self._folder_of(job_id)
        (folder / "cancel").touch()
        return self.job(job_id)

    @errors_mapped()
    def events(self, job_id: str, after: int = 0) -> list[UploadEvent]:
        """Return what happened to a job after the event of a number; NotFound."""
        path = self._folder_of(job_id) / "events.jsonl"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        # A line without its end is still being written.
        whole = [line for line in lines if line.endswith("\n")]
        return [
            UploadEvent(number, **json.loads(line))
            for number, line in enumerate(whole[after:], start=after + 1)
        ]

    def owner_of(self, job_id: str) -> str | None:
        """Return the id of the key that a job came with; NotFound."""
        return self.order(job_id).owner

    def order(self, job_id: str) -> UploadOrder:
        """Return what a job was asked to do; NotFound."""
        plain = json.loads((self._folder_of(job_id) / "job.json").read_text("utf-8"))
        for name in ("names", "collections"):
            plain[name] = tuple(plain[name])
        return UploadOrder(**plain)

    def orders(self) -> list[UploadOrder]:
        """Return what the jobs that are known were asked to do, in the order they came."""
        found = (self.order(job_id) for job_id in self._ids())
        return sorted(found, key=lambda order: (order.created_at, order.job_id))

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        return (self.folder / job_id / "cancel").exists()

    def file(self, order: UploadOrder, number: int) -> Path:
        """Return where a job's file lies."""
        return self.folder / order.job_id / "files" / str(number) / order.names[number]

    def tell(self, job_id: str, kind: str, data: object) -> None:
        """Add an event; only the one process that works does."""
        _append(self.folder / job_id / "events.jsonl", kind, data)

    def discard_files(self, job_id: str) -> None:
        """Remove a job's files: they are in, or will never be."""
        shutil.rmtree(self.folder / job_id / "files", ignore_errors=True)

    def forget_old(self) -> None:
        """Forget jobs that ended long ago, and what was cut short while it was taken."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            age = time.time() - path.stat().st_mtime
            ended = path.name.startswith(".") or (
                _ID.fullmatch(path.name) is not None and self._has_ended(path.name)
            )
            if path.is_dir() and age > KEPT and ended:
                shutil.rmtree(path, ignore_errors=True)
                self._ended.pop(path.name, None)

    def _has_ended(self, job_id: str) -> bool:
        return self.job(job_id).state in ENDED

    def _ids(self) -> Iterator[str]:
        if self.folder.is_dir():
            yield from (path.name for path in self.folder.iterdir() if _ID.fullmatch(path.name))

    def _folder_of(self, job_id: str) -> Path:
        folder = self.folder / job_id
        if not _ID.fullmatch(job_id) or not folder.is_dir():
            raise NotFound(f"there is no upload {job_id!r}: those that ended are kept for a day")
        return folder


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


def _write(folder: Path, order: UploadOrder, contents: Sequence[BinaryIO]) -> None:
    for number, (name, content) in enumerate(zip(order.names, contents, strict=True)):
        path = folder / "files" / str(number) / name
        path.parent.mkdir(parents=True)
        with path.open("xb") as file:
            shutil.copyfileobj(content, file, _BLOCK)
    (folder / "job.json").write_text(json.dumps(jsonable(order), ensure_ascii=False), "utf-8")
    _append(folder / "events.jsonl", "state", {"state": "queued"})


def _append(path: Path, kind: str, data: object) -> None:
    line = json.dumps({"kind": kind, "data": jsonable(data)}, ensure_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


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
