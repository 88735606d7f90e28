"""Files parsed in child processes, so that a bad one costs only itself.

The parent hands each child one file at a time over a pipe and watches it: a child that crashes,
hangs past its time, or outgrows its memory is stopped, its file is reported with the page it was
at, and a new child takes its place. Progress and results come back over the same pipe.

Results are pickled, as `multiprocessing` does; they come only from our own children over pipes
no one else can write to, and never touch disk.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from ingest.child import Done, Failed, Moved, serve
from ingest.errors import DocumentError, LimitExceeded, UnreadableFile
from ingest.model import Document
from ingest.parse import ParseOptions, Progress

# How often memory is looked at; a process can touch about 1 GB in this time.
_TICK = 0.25
_POLITE_EXIT = 2.0
# A new child may need this long, on a busy machine, before it starts on its file.
_STARTING = 60.0
# What nearly every file needs, loaded once in the server that children are forked from.
_PRELOADED = ["ingest.child", "ingest.pdf", "ingest.clauses", "ingest.passages", "pymupdf"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take: seconds, seconds more per page read by OCR, bytes of memory.

    Memory is a process's resident size, watched where the system shows it (Linux); None lifts
    a limit.
    """

    timeout: float | None = 120.0
    ocr_page_timeout: float = 60.0
    memory: int | None = 3 << 30


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Where the parsing of one file of a run stands."""

    path: Path
    progress: Progress


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file: a document and its bytes' SHA-256, or the error.

    `sha256` is None when the file could not be read at all, or its child was lost.
    """

    path: Path
    document: Document | None
    error: DocumentError | None
    sha256: str | None
    seconds: float


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


class _Worker:
    """One child process, and the file it is on."""

    def __init__(self, context: BaseContext, options: ParseOptions, limits: Limits) -> None:
        self._limits = limits
        self.pipe, theirs = context.Pipe()
        process: Any = context.Process  # type: ignore[attr-defined]
        self.process = process(
            target=serve, args=(theirs, options, limits.memory, limits.timeout), daemon=True
        )
        with _ignoring_interrupt():
            self.process.start()
        theirs.close()
        self.path: Path | None = None
        self.progress = Progress("reading")
        self._began = self._deadline = 0.0

    def begin(self, path: Path, ocr_threads: int) -> None:
        """Hand the child a file, and say how many threads OCR of its pages may use."""
        self.path = path
        self.progress = Progress("reading")
        self._start_clock(_STARTING)
        self.pipe.send((path, ocr_threads))

    def moved(self, progress: Progress) -> Progress:
        """Note the child's progress; a page read by OCR earns the file more time."""
        if progress.stage == "reading":
            self._start_clock()
        elif progress.stage == "ocr":
            self._deadline += self._limits.ocr_page_timeout
            progress = replace(self.progress, stage="ocr")
        self.progress = progress
        return progress

    def _start_clock(self, grace: float = 0.0) -> None:
        self._began = time.monotonic()
        self._deadline = self._began + grace + (self._limits.timeout or float("inf"))

    def result(
        self, document: Document | None, error: DocumentError | None, sha: str | None
    ) -> FileResult:
        """Make the result of the file the child is on, and free the child."""
        path = self.path or Path()
        self.path = None
        return FileResult(path, document, error, sha, time.monotonic() - self._began)

    def trouble(self) -> DocumentError | None:
        """Tell what limit the child is over, if any."""
        if self.path is None:
            return None
        if time.monotonic() > self._deadline:
            limit = self._limits.timeout or 0.0
            return LimitExceeded(
                f"{self.path.name} took longer than {limit:g} s and was stopped {self._where()}: "
                "raise the limit with --timeout"
            )
        memory = self._limits.memory
        used = resident_bytes(self.process.pid) if memory is not None else None
        if memory is not None and used is not None and used > memory:
            return LimitExceeded(
                f"{self.path.name} took more than {memory >> 20} MiB of memory and was stopped "
                f"{self._where()}: split the file"
            )
        return None

    def crash(self) -> DocumentError:
        """Say that the child is gone in the middle of its file."""
        self.process.join(_POLITE_EXIT)
        code = self.process.exitcode or 0
        how = f"killed by {_signal_name(-code)}" if code < 0 else f"exit status {code}"
        name = self.path.name if self.path else "the file"
        return UnreadableFile(
            f"{name} crashed the parser ({how}) {self._where()}: print it to a new PDF and try that"
        )

    def stop(self) -> None:
        """End the child now, whatever it is doing."""
        self.pipe.close()
        if self.process.is_alive():
            # Native code need not return for SIGKILL to work, as it must for SIGTERM.
            self.process.kill()
        self.process.join()
        self.process.close()

    def dismiss(self) -> None:
        """Let an idle child leave by itself; its pipe's end tells it to."""
        self.pipe.close()
        self.process.join(_POLITE_EXIT)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()

    def _where(self) -> str:
        at = self.progress
        if at.stage == "structure":
            return "after its last page, while its structure was read"
        if not at.pages:
            return "before its first page was done"
        return f"after page {at.page} of {at.pages}"


class _Pool:
    def __init__(
        self, count: int, options: ParseOptions, limits: Limits, on_progress: OnFileProgress | None
    ) -> None:
        self._context = _context()
        self._count = count
        self._options = options
        self._limits = limits
        self._on_progress = on_progress
        self._workers: list[_Worker] = []

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

    def _begin(self, worker: _Worker, path: Path, *, last: bool) -> None:
        # Files side by side keep the processors busy; the threads of one page are for the last.
        alone = self._count == 1 or (last and not any(other.path for other in self._workers))
        threads = self._options.ocr_threads if alone else 1
        try:
            worker.begin(path, threads)
        except (BrokenPipeError, ConnectionResetError):
            # The child was ended from outside while it had nothing to do.
            self._replace(worker).begin(path, threads)

    def _free(self) -> _Worker | None:
        for worker in self._workers:
            if worker.path is None:
                return worker
        if len(self._workers) < self._count:
            self._workers.append(_Worker(self._context, self._options, self._limits))
            return self._workers[-1]
        return None

    def _replace(self, worker: _Worker) -> _Worker:
        worker.stop()
        fresh = _Worker(self._context, self._options, self._limits)
        self._workers[self._workers.index(worker)] = fresh
        return fresh

    def _listen(self, busy: list[_Worker]) -> Iterator[FileResult]:
        ready = wait([worker.pipe for worker in busy], timeout=_TICK)
        for worker in busy:
            result = self._message(worker) if worker.pipe in ready else None
            if result is None and (error := worker.trouble()) is not None:
                result = worker.result(None, error, None)
                self._replace(worker)
            if result is not None:
                yield result

    def _message(self, worker: _Worker) -> FileResult | None:
        """Take in one message of a child; return its file's result once there is one."""
        try:
            message: Done | Failed | Moved = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            result = worker.result(None, worker.crash(), None)
            self._replace(worker)
            return result
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
    context.set_forkserver_preload(_PRELOADED)
    return context


class _ignoring_interrupt:  # noqa: N801
    """Keep Ctrl-C from a child until it has its own handling; a no-op outside the main thread."""

    def __enter__(self) -> None:
        self._before: Any = None
        try:
            self._before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        except ValueError:
            return

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)


def resident_bytes(pid: int | None) -> int | None:
    """Return a process's resident size in bytes; None where the system does not show it."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
