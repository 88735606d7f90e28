"""Files that are with the cluster: how many at a time, and which of them to send again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import DocumentError, LimitExceeded, UnreadableFile
from ingest.parse import Progress
from ingest.process import FileResult

#: Files sent beyond what the workers are free for, so that none waits for its next.
AHEAD = 2
#: Bytes of files that may be on their way at once; one file is always let through.
BYTES = 256 << 20
#: Times a file may take its worker down, and times a worker may be lost to it for other reasons.
CRASHES, LOSSES = 3, 10
#: What the scheduler is told that a file takes, in bytes; what it may take is `Limits.memory`.
#: Chosen above what reading took in trials, not from a measurement; too little would let one node
#: take on more files than its memory holds, too much leaves cores idle.
MEMORY, MEMORY_OCR = 512 << 20, 1536 << 20


@dataclass(slots=True)
class Sent:
    """A file that is with the cluster."""

    number: int
    path: Path
    size: int = 0
    reference: Any = None
    crashes: int = 0
    losses: int = 0
    began: float = field(default_factory=time.monotonic)
    progress: Progress = field(default_factory=lambda: Progress("reading"))

    def failed(self, error: DocumentError) -> FileResult:
        """Return the result of a file that no worker will read."""
        return FileResult(self.path, None, error, None, time.monotonic() - self.began)

    def lost(self, error: Exception) -> FileResult | None:
        """Note what became of its worker; return the file's result where trying on is of no use.

        Only a worker that ended by itself is laid at the file's door: a node that is gone took
        every file on it along.
        """
        if is_crash(error):
            self.crashes += 1
        else:
            self.losses += 1
        if self.crashes < CRASHES and self.losses < LOSSES:
            return None
        where = (
            f"after page {self.progress.page}" if self.progress.page else "before its first page"
        )
        if is_out_of_memory(error):
            return self.failed(
                LimitExceeded(
                    f"{self.path.name} took more memory than its worker has, {self.crashes} times, "
                    f"{where}: split the file, or give the workers more"
                )
            )
        return self.failed(
            UnreadableFile(
                f"{self.path.name} lost the worker that read it, {self.crashes + self.losses} "
                f"times, {where} ({reason(error)}): print it to a new PDF and try that"
            )
        )


def is_crash(error: Exception) -> bool:
    """Tell whether a worker ended in the middle of its file, its node staying."""
    from ray.exceptions import OutOfMemoryError, RayTaskError, WorkerCrashedError

    return isinstance(error, WorkerCrashedError | OutOfMemoryError | RayTaskError)


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether a worker was ended because its node ran out of memory."""
    from ray.exceptions import OutOfMemoryError

    return isinstance(error, OutOfMemoryError)


def reason(error: Exception) -> str:
    """Return an error's last line that says something: Ray puts its traces first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300] if lines else type(error).__name__
