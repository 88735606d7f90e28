"""Uploads of one home, kept as files of its own.

HOME/uploads/<job id>/job.json       what was asked for, and by whom
HOME/uploads/<job id>/events.jsonl   what has happened to it, a line each; only ever added to
HOME/uploads/<job id>/files/<n>/…    the files, each under its own name, until they are in
HOME/uploads/<job id>/cancel         there once the job is to stop
HOME/uploads/worker.lock             held by the one process that works (`kb.uploading`)
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kb.errors import NotFound
from kb.originals import flush, sync_folder

Plain = dict[str, Any]
#: The states in which nothing happens to a job any more.
ENDED = frozenset({"done", "cancelled", "failed"})
_ID = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1 << 20


class UploadFolder:
    """Keeps uploads in a folder; safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, asked: Plain, contents: Sequence[BinaryIO], first: Plain) -> None:
        """Keep a job with its files and its first event, of kind `state`, all or nothing."""
        draft = self._folder / f".{asked['job_id']}"
        try:
            for number, (name, content) in enumerate(zip(asked["names"], contents, strict=True)):
                path = draft / "files" / str(number) / name
                path.parent.mkdir(parents=True)
                with path.open("xb") as file:
                    shutil.copyfileobj(content, file, _BLOCK)
                    flush(file)
                sync_folder(path.parent)
            with (draft / "job.json").open("x", encoding="utf-8") as file:
                json.dump(asked, file, ensure_ascii=False)
                flush(file)
            _append(draft / "events.jsonl", "state", first)
            for folder in (draft / "files", draft):
                sync_folder(folder)
            draft.rename(self._folder / asked["job_id"])
            sync_folder(self._folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise

    def waiting(self, has_ended: Callable[[str], bool]) -> int:
        """Return how many jobs have not ended."""
        return sum(not has_ended(job_id) for job_id in self._ids())

    def asked(self, job_id: str) -> Plain:
        """Return what a job was asked to do; NotFound."""
        found: Plain = json.loads((self._of(job_id) / "job.json").read_text("utf-8"))
        return found

    def all_asked(self) -> list[Plain]:
        """Return what the jobs that are known were asked to do."""
        return [self.asked(job_id) for job_id in self._ids()]

    def events(self, job_id: str, after: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Return what happened to a job after the event of a number; NotFound."""
        # What is after the last end is still being written; names may hold other ends of lines.
        lines = (self._of(job_id) / "events.jsonl").read_bytes().split(b"\n")[:-1]
        whole = map(json.loads, lines[after:])
        return [
            (number, line["kind"], line["data"]) for number, line in enumerate(whole, after + 1)
        ]

    def tell(self, job_id: str, kind: str, data: Plain) -> None:
        """Add an event; only the one process that works does."""
        _append(self._folder / job_id / "events.jsonl", kind, data)

    def cancel(self, job_id: str) -> None:
        """Note that a job is to stop; NotFound."""
        (self._of(job_id) / "cancel").touch()

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        return (self._folder / job_id / "cancel").exists()

    def file(self, job_id: str, number: int, name: str) -> Path:
        """Return where a job's file lies."""
        return self._folder / job_id / "files" / str(number) / name

    def end(self, job_id: str) -> None:
        """Remove a job's files: they are in, or will never be."""
        shutil.rmtree(self._folder / job_id / "files", ignore_errors=True)

    @contextmanager
    def working(self, _job_id: str) -> Iterator[Callable[[], bool] | None]:
        """Work on a job: whoever asks for this holds `worker.lock`, and so nobody else does."""
        yield lambda: True

    def forget(self, older: float, has_ended: Callable[[str], bool]) -> None:
        """Forget jobs that ended long ago, and what was cut short while it was taken."""
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            age = time.time() - path.stat().st_mtime
            ended = path.name.startswith(".") or (
                _ID.fullmatch(path.name) is not None and has_ended(path.name)
            )
            if path.is_dir() and age > older and ended:
                shutil.rmtree(path, ignore_errors=True)

    def _ids(self) -> Iterator[str]:
        if self._folder.is_dir():
            yield from (path.name for path in self._folder.iterdir() if _ID.fullmatch(path.name))

    def _of(self, job_id: str) -> Path:
        folder = self._folder / job_id
        if not _ID.fullmatch(job_id) or not folder.is_dir():
            raise NotFound(f"there is no upload {job_id!r}: those that ended are kept for a day")
        return folder


def _append(path: Path, kind: str, data: Plain) -> None:
    """Add a line in the place of one that was cut short, by a kill or on a full disk.

    How a job stands is on the disk before its files are removed.
    """
    line = json.dumps({"kind": kind, "data": data}, ensure_ascii=False)
    with path.open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(end - 1, 0))
        if end and file.read(1) != b"\n":
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line.encode() + b"\n")
        if kind == "state":
            flush(file)
