"""Work off the uploads that wait (`kb.uploads`): one process of a home at a time, in their order.

A job is added some files at a time, so that others who write get their turn; what was reported is
in. A process that stops or dies leaves the rest, and the next one goes on from there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kb.errors import HomeLocked, KBError, StorageProblem, StoreUnavailable
from kb.locking import WriterLock
from kb.store.retry import patient
from kb.types import Progress
from kb.upload_folder import ENDED
from kb.uploads import UploadOrder, UploadProgress, UploadQueue

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

logger = logging.getLogger(__name__)

#: Files added under one writer's lock.
AT_A_TIME = 20
#: Seconds between looks at the queue, between tries where another process writes, and between
#: two events that only move a page on.
PAUSE = 0.5
PATIENCE = 1.0
#: Seconds between tries where the disk is full or fails: each reads files anew.
STORAGE_PATIENCE = 30.0
TELL_EVERY = 0.5
#: Pages within which a file's rate is measured: what its first pages took says little.
WINDOW = 20


class UploadWorker:
    """A thread that adds what waits, until it is stopped."""

    def __init__(
        self, base: KnowledgeBase, queue: UploadQueue, *, until_idle: bool = False
    ) -> None:
        """Work for `base`, which stays open as long as this runs.

        With `until_idle` it leaves off by itself where nothing waits.
        """
        self._base = base
        self._queue = queue
        self._until_idle = until_idle
        self._stop = threading.Event()
        self._lock = WriterLock(queue.folder / "worker.lock", patience=0.0)
        self._thread = threading.Thread(target=self._work, name="policykb-uploads", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def is_working(self) -> bool:
        """Tell whether it has begun and not left off."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Leave off at the next page, and wait for that; what is left is done after a start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(PAUSE):
            try:
                # Here, so that a disk that is full keeps nobody from reading.
                self._queue.folder.mkdir(parents=True, exist_ok=True)
                with self._lock.held():
                    self._work_off()
                if self._until_idle and not self._queue.is_busy():
                    return
            except HomeLocked:
                # Another process works, or writes: it will not be long.
                self._stop.wait(PATIENCE)
            except (KBError, OSError) as error:
                logger.warning("uploads wait: %s", error)
                full = isinstance(error, StorageProblem | OSError)
                self._stop.wait(STORAGE_PATIENCE if full else PATIENCE)

    def _work_off(self) -> None:
        self._queue.forget_old()
        for order in self._queue.orders():
            if self._stop.is_set():
                return
            if self._queue.job(order.job_id).state in ENDED:
                continue
            with self._queue.working(order.job_id) as still, patient():
                if still is not None:
                    _Run(self._base, self._queue, order, self._stop, still).run()


class _Halted(Exception):
    """The job is to stop here."""


@dataclass(slots=True)
class _Run:
    """One job on its way in."""

    base: KnowledgeBase
    queue: UploadQueue
    order: UploadOrder
    stop: threading.Event
    #: Tells whether the job is still this worker's.
    still: Callable[[], bool] = lambda: True
    started: float = field(default_factory=time.monotonic)
    told: dict[str, tuple[str, float]] = field(default_factory=dict)
    seen: dict[str, deque[tuple[float, int]]] = field(default_factory=dict)
    pages: int = 0
    reported: set[str] = field(default_factory=set)
    before: int = 0

    def run(self) -> None:
        """Add what is left of it, and say how it ended."""
        job_id = self.order.job_id
        self.reported = {report.path for report in self.queue.job(job_id).reports}
        self.before = len(self.reported)
        if self.queue.is_cancelled(job_id):
            self._end("cancelled")
            return
        self.queue.tell(job_id, "state", {"state": "running"})
        try:
            while left := self._left():
                self._check()
                self._add(left[:AT_A_TIME])
        except _Halted:
            if self.queue.is_cancelled(job_id):
                self._end("cancelled")
            elif self.still():
                self.queue.tell(job_id, "state", {"state": "queued"})
        except StoreUnavailable:
            # It cannot be told there either; the job waits until it is taken up again.
            raise
        except (HomeLocked, StorageProblem) as error:
            # The files are here, and can be added once there is room.
            self.queue.tell(job_id, "state", {"state": "queued", "error": error.message})
            raise
        except KBError as error:
            self._end("failed", error.message)
        else:
            self._end("done")

    def _add(self, numbers: Sequence[int]) -> None:
        order = self.order
        base = self.base.restricted(order.collections) if order.collections else self.base
        if order.replaces:
            self._replace(base)
            return
        uploads = [(order.names[number], self.queue.file(order, number)) for number in numbers]
        base.ingest_uploads(
            uploads, ocr=order.ocr, collection=order.collection, on_progress=self._moved
        )

    def _replace(self, base: KnowledgeBase) -> None:
        order, name = self.order, self.order.names[0]
        data = self.queue.file(order, 0).read_bytes()
        base.replace(order.replaces, name, data, ocr=order.ocr, on_progress=self._moved)

    def _left(self) -> list[int]:
        names = self.order.names
        return [number for number, name in enumerate(names) if name not in self.reported]

    def _moved(self, at: Progress) -> None:
        if at.report is not None:
            self.pages += at.report.pages
            self.reported.add(at.report.path)
            self.queue.tell(self.order.job_id, "file", at.report)
        self._check()
        now = time.monotonic()
        rate = self._rate(at, now)
        stage, told_at = self.told.get(at.path, ("", 0.0))
        if now - told_at < TELL_EVERY and at.stage == stage:
            return
        self.told[at.path] = at.stage, now
        told = UploadProgress(
            path=at.path,
            stage=at.stage,
            page=at.page,
            pages=at.pages,
            files_done=len(self.reported),
            files_total=len(self.order.names),
            pages_per_second=round(self.pages / max(now - self.started, 0.001), 2),
            eta_seconds=self._seconds_left(now),
            file_rate=round(rate, 2),
        )
        self.queue.tell(self.order.job_id, "progress", told)

    def _rate(self, at: Progress, now: float) -> float:
        """Return how many of a file's pages are read in a second."""
        if at.report is not None:
            self.seen.pop(at.path, None)
        if not at.page or at.report is not None:
            return 0.0
        seen = self.seen.setdefault(at.path, deque(maxlen=WINDOW))
        seen.append((now, at.page))
        (began, first), (_, last) = seen[0], seen[-1]
        return (last - first) / (now - began) if now > began and last > first else 0.0

    def _seconds_left(self, now: float) -> float | None:
        """Return the seconds left, if the files to come take as long as those that are in."""
        taken = len(self.reported) - self.before
        if not taken:
            return None
        return round((now - self.started) / taken * len(self._left()), 1)

    def _check(self) -> None:
        halted = self.stop.is_set() or not self.still()
        if halted or self.queue.is_cancelled(self.order.job_id):
            raise _Halted

    def _end(self, state: str, error: str | None = None) -> None:
        self.queue.tell(self.order.job_id, "state", {"state": state, "error": error})
        self.queue.discard_files(self.order.job_id)
