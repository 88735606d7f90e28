"""A child process that parses files, as its parent sees it: what it is on, and its limits."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.context import BaseContext
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.child import serve
from ingest.errors import DocumentError, LimitExceeded, UnreadableFile
from ingest.model import Document
from ingest.parse import ParseOptions, Progress
from ingest.rescue import Attempt, next_attempt

_POLITE_EXIT = 2.0
# A new child may need this long, on a busy machine, before it starts on its file.
_STARTING = 60.0
# A page that has taken this share of its file's time is what the file is stuck on.
_STUCK = 0.25
FIRST = Attempt()


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
class FileResult:
    """What became of one file: a document and its bytes' SHA-256, or the error.

    `sha256` is None when the file could not be read at all, or its child was lost.
    """

    path: Path
    document: Document | None
    error: DocumentError | None
    sha256: str | None
    seconds: float


class Worker:
    """One child process, and the file it is on."""

    def __init__(self, context: BaseContext, options: ParseOptions, limits: Limits) -> None:
        self._limits = limits
        self.pipe, theirs = context.Pipe()
        process: Any = context.Process  # type: ignore[attr-defined]
        self.process = process(
            target=serve, args=(theirs, options, limits.memory, limits.timeout), daemon=True
        )
        with _ignoring_interrupt(), _nameless_main():
            self.process.start()
        theirs.close()
        self.path: Path | None = None
        self.progress = Progress("reading")
        self.ocr_threads, self.attempt = 1, FIRST
        self._began = self._moved = self._deadline = self.spent = 0.0

    def begin(
        self, path: Path, ocr_threads: int, attempt: Attempt = FIRST, spent: float = 0.0
    ) -> None:
        """Hand the child a file, and say how many threads OCR of its pages may use.

        `spent` is the seconds that earlier attempts took.
        """
        self.spent = spent
        self.path = path
        self.ocr_threads, self.attempt = ocr_threads, attempt
        self.progress = Progress("reading")
        self._start_clock(_STARTING)
        self.pipe.send((path, ocr_threads, attempt))

    def moved(self, progress: Progress) -> Progress:
        """Note the child's progress; a page read by OCR earns the file more time."""
        if progress.stage == "reading":
            self._start_clock()
        elif progress.stage == "ocr":
            self._deadline += self._limits.ocr_page_timeout
            progress = replace(progress, pages=self.progress.pages)
        self.progress = progress
        self._moved = time.monotonic()
        return progress

    def _start_clock(self, grace: float = 0.0) -> None:
        self._began = self._moved = time.monotonic()
        self._deadline = self._began + grace + (self._limits.timeout or float("inf"))

    def result(
        self, document: Document | None, error: DocumentError | None, sha: str | None
    ) -> FileResult:
        """Make the result of the file the child is on, and free the child."""
        path = self.path or Path()
        self.path = None
        return FileResult(path, document, error, sha, self.seconds)

    @property
    def seconds(self) -> float:
        """The seconds that the file has taken, earlier attempts included."""
        return self.spent + time.monotonic() - self._began

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

    def next_attempt(self, error: DocumentError) -> Attempt | None:
        """Return how to try the file again that failed with an error, if that is of use."""
        now = time.monotonic()
        late = now > self._deadline
        slow = late and now - self._moved < _STUCK * (self._limits.timeout or 0.0)
        return next_attempt(self.attempt, self.progress, slow=slow, why=str(error))

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
        if at.stage == "ocr":
            return f"while OCR read the picture of a page, number {at.page} to need it"
        if not at.page:
            return "before its first page was done"
        return f"after page {at.page} of {at.pages}"


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


@contextmanager
def _nameless_main() -> Iterator[None]:
    """Keep a child from importing the program that started us.

    Without this a script that ingests at its top level would run again in each child, and a
    Streamlit server would be imported there; a child needs nothing but `ingest`.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


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
