"""Uploads kept in a store that several hosts share: any may take them, any work them off.

A file is laid out in the home of the host that works on it, for as long as it does.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kb.errors import KBError, NotFound
from kb.store.jobs import DEAD_AFTER, MOST_TRIES, JobStore, Plain
from kb.upload_folder import ENDED

logger = logging.getLogger(__name__)

#: Seconds between two heart-beats: three may be missed.
BEAT_EVERY = DEAD_AFTER / 4


class UploadTable:
    """Keeps uploads in the tables of a store; safe to share between threads and hosts."""

    def __init__(self, jobs: JobStore, scratch: Path) -> None:
        """Keep them in `jobs`, and lay files out in `scratch`."""
        self._jobs = jobs
        self._scratch = scratch

    def add(self, asked: Plain, contents: Sequence[BinaryIO], first: Plain) -> None:
        """Keep a job with its files and its first event, of kind `state`, all or nothing."""
        self._jobs.add(asked, contents, first)

    def waiting(self, _has_ended: Callable[[str], bool]) -> int:
        """Return how many jobs have not ended."""
        return self._jobs.waiting()

    def asked(self, job_id: str) -> Plain:
        """Return what a job was asked to do; NotFound."""
        found = self._jobs.asked(job_id)
        if found is None:
            raise NotFound(f"there is no upload {job_id!r}: those that ended are kept for a day")
        return found

    def all_asked(self) -> list[Plain]:
        """Return what the jobs that are known were asked to do."""
        return self._jobs.all_asked()

    def events(self, job_id: str, after: int) -> list[tuple[int, str, dict[str, Any]]]:
        """Return what happened to a job after the event of a number; NotFound."""
        found = self._jobs.events(job_id, after)
        if not found:
            self.asked(job_id)
        return found

    def tell(self, job_id: str, kind: str, data: Plain) -> None:
        """Add an event; only the worker that has the job does."""
        self._jobs.tell(job_id, kind, data, ends=kind == "state" and data["state"] in ENDED)

    def cancel(self, job_id: str) -> None:
        """Note that a job is to stop; NotFound."""
        self._jobs.cancel(job_id)

    def is_cancelled(self, job_id: str) -> bool:
        """Tell whether a job is to stop."""
        return self._jobs.is_cancelled(job_id)

    def file(self, job_id: str, number: int, name: str) -> Path:
        """Lay a job's file out, and return where it lies."""
        path = self._scratch / job_id / str(number) / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.parent / ".part"
            with draft.open("wb") as file:
                file.writelines(self._jobs.parts(job_id, number))
            draft.replace(path)
        return path

    def end(self, job_id: str) -> None:
        """Remove what was laid out of a job's files; the rest went as it was told to have ended."""
        shutil.rmtree(self._scratch / job_id, ignore_errors=True)

    def forget(self, older: float, _has_ended: Callable[[str], bool]) -> None:
        """Forget jobs that ended long ago, and what a kill left of files laid out here."""
        self._jobs.forget(older)
        for path in self._scratch.iterdir() if self._scratch.is_dir() else ():
            if path.is_dir() and time.time() - path.stat().st_mtime > older:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def working(self, job_id: str) -> Iterator[Callable[[], bool] | None]:
        """Claim a job, and say that this worker is alive until the end.

        Gives what tells whether the job is still this worker's; None where another is at it, or
        where it was given up because too many workers have died of it.
        """
        worker = f"{socket.gethostname()[:40]}-{secrets.token_hex(8)}"
        tries = self._jobs.claim(job_id, worker)
        if tries is None:
            yield None
            return
        if tries > MOST_TRIES:
            message = f"{MOST_TRIES} workers died of it: add its files one by one"
            self.tell(job_id, "state", {"state": "failed", "error": message})
            yield None
            return
        done, lost = threading.Event(), threading.Event()
        beating = threading.Thread(target=self._beat, args=(job_id, worker, done, lost))
        beating.start()
        try:
            yield lambda: not lost.is_set()
        finally:
            done.set()
            beating.join()
            self.end(job_id)
            self._jobs.release(job_id, worker)

    def _beat(self, job_id: str, worker: str, done: threading.Event, lost: threading.Event) -> None:
        while not done.wait(BEAT_EVERY):
            try:
                if not self._jobs.beat(job_id, worker):
                    lost.set()
                    return
            except KBError as error:
                # Others cannot claim it either while the store does not answer.
                logger.warning("upload %s: %s", job_id, error)
