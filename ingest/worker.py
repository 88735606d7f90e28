"""Files parsed in child processes, so that a bad one costs only itself.

The parent hands each child one file at a time over a pipe and watches it: a child that crashes,
hangs past its time, or outgrows its memory is stopped and a new child takes its place, which reads
the file without the page it was at (see `rescue.py`); where that fails too, the file is reported
with that page. Progress and results come back over the same pipe.

Results are pickled, as `multiprocessing` does; they come only from our own children over pipes
no one else can write to, and never touch disk.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from pathlib import Path

from ingest.child import Done, Failed, Moved
from ingest.errors import DocumentError
from ingest.parse import ParseOptions, Progress
from ingest.process import FileResult, Limits, Worker

# How often memory is looked at; a process can touch about 1 GB in this time.
_TICK = 0.25


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Where the parsing of one file of a run stands."""

    path: Path
    progress: Progress


OnFileProgress = Callable[[FileProgress], None]


def parse_files(
    paths: Iterable[str | Path],
    options: ParseOptions | None = None,
    limits: Limits | None = None,
    *,
    workers: int | None = None,
    on_progress: OnFileProgress | None = None,
) -> Generator[FileResult, None, None]:
    """Parse files in child processes; yield each result as it is finished, in any order.

    `workers` is the number of processes (default: the processors at hand). `paths` is drawn on
    one ahead of what children are free for. Closing the iterator, or Ctrl-C while it waits, stops
    every child at once.
    """
    count = workers if workers is not None else default_workers()
    if count < 1:
        raise ValueError(f"workers must be 1 or more, not {count}")
    pool = _Pool(count, options or ParseOptions(), limits or Limits(), on_progress)
    try:
        yield from pool.run(iter(paths))
    finally:
        pool.close()


def default_workers() -> int:
    """Return the number of processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


class _Pool:
    def __init__(
        self, count: int, options: ParseOptions, limits: Limits, on_progress: OnFileProgress | None
    ) -> None:
        self._context = _context()
        self._count = count
        self._options = options
        self._limits = limits
        self._on_progress = on_progress
        self._workers: list[Worker] = []

    def run(self, paths: Iterator[str | Path]) -> Iterator[FileResult]:
        upcoming = next(paths, None)
        while True:
            while upcoming is not None and (worker := self._free()) is not None:
                path, upcoming = Path(upcoming), next(paths, None)
                self._begin(worker, path, last=upcoming is None)
            busy = [worker for worker in self._workers if worker.path is not None]
            if not busy:
                return
            yield from self._listen(busy)

    def close(self) -> None:
        for worker in self._workers:
            if worker.path is None:
                worker.dismiss()
            else:
                worker.stop()
        self._workers = []

    def _begin(self, worker: Worker, path: Path, *, last: bool) -> None:
        # Files side by side keep the processors busy; the threads of one page are for the last.
        alone = self._count == 1 or (last and not any(other.path for other in self._workers))
        threads = self._options.ocr_threads if alone else 1
        try:
            worker.begin(path, threads)
        except (BrokenPipeError, ConnectionResetError):
            # The child was ended from outside while it had nothing to do.
            self._replace(worker).begin(path, threads)

    def _free(self) -> Worker | None:
        for worker in self._workers:
            if worker.path is None:
                return worker
        if len(self._workers) < self._count:
            self._workers.append(Worker(self._context, self._options, self._limits))
            return self._workers[-1]
        return None

    def _replace(self, worker: Worker) -> Worker:
        worker.stop()
        fresh = Worker(self._context, self._options, self._limits)
        self._workers[self._workers.index(worker)] = fresh
        return fresh

    def _listen(self, busy: list[Worker]) -> Iterator[FileResult]:
        ready = wait([worker.pipe for worker in busy], timeout=_TICK)
        for worker in busy:
            result = self._message(worker) if worker.pipe in ready else None
            still = worker in self._workers
            if result is None and still and (error := worker.trouble()) is not None:
                result = self._rescue(worker, error)
            if result is not None:
                yield result

    def _rescue(self, worker: Worker, error: DocumentError) -> FileResult | None:
        """Try a file again without what it failed at; return its error where that is of no use."""
        attempt = worker.next_attempt(error)
        path, threads, spent = worker.path, worker.ocr_threads, worker.seconds
        if attempt is None or path is None:
            result = worker.result(None, error, None)
            self._replace(worker)
            return result
        self._replace(worker).begin(path, threads, attempt, spent)
        return None

    def _message(self, worker: Worker) -> FileResult | None:
        """Take in one message of a child; return its file's result once there is one."""
        try:
            message: Done | Failed | Moved = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            return self._rescue(worker, worker.crash())
        if isinstance(message, Moved):
            progress = worker.moved(message.progress)
            if self._on_progress is not None and worker.path is not None:
                self._on_progress(FileProgress(worker.path, progress))
            return None
        if isinstance(message, Done):
            return worker.result(message.document, None, message.sha256)
        return worker.result(None, message.error, message.sha256)


def _context() -> BaseContext:
    """Choose how children start: from a server that has the parser loaded, where there is one.

    Never by plain fork: the parent may have threads (the web server has), and a child forked in
    the middle of one's work inherits its locks.
    """
    if sys.platform == "win32" or sys.platform == "darwin":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ingest.preload"])
    return context
