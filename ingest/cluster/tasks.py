"""What runs on a worker of the cluster. It needs the program and a file's bytes, nothing else.

A worker reads a file as this machine would: in a child process under the same limits, which is
started anew without the page that stopped it (`ingest.worker`). What the cluster adds is for when
the worker itself is gone.
"""

from __future__ import annotations

import tempfile
import time
from collections import deque
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from ingest.parse import ParseOptions, Progress
from ingest.process import FileResult, Limits
from ingest.worker import FileProgress, parse_files

#: Seconds between two reports of a file's pages; a change of stage is told at once.
_TELL_EVERY = 0.2


class Board:
    """Where workers note how far they are; only the newest of each file is kept."""

    def __init__(self) -> None:
        self._notes: dict[int, deque[Progress]] = {}

    def tell(self, number: int, progress: Progress) -> None:
        """Note where a file stands."""
        notes = self._notes.setdefault(number, deque(maxlen=8))
        if notes and notes[-1].stage == progress.stage:
            notes.pop()
        notes.append(progress)

    def take(self) -> dict[int, list[Progress]]:
        """Return what was noted since the last time."""
        notes, self._notes = self._notes, {}
        return {number: list(each) for number, each in notes.items()}


@cache
def program() -> str:
    """Return the version of the program, which must be the same on both sides."""
    try:
        return version("policykb")
    except PackageNotFoundError:
        return "unknown"


def read_file(
    number: int,
    name: str,
    data: bytes,
    options: ParseOptions,
    limits: Limits,
    board: Any,
    wanted: str,
) -> FileResult:
    """Read one file of the bytes given; `path` of the result is its name alone."""
    if program() != wanted:
        raise RuntimeError(
            f"the worker has policykb {program()}, and {wanted} asks it: install the same there"
        )
    teller = _Teller(number, board)
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        single = replace(options, ocr_threads=1)
        [result] = parse_files([path], single, limits, workers=1, on_progress=teller.moved)
    return replace(result, path=Path(name))


class _Teller:
    """Passes on how far a file is, not too often."""

    def __init__(self, number: int, board: Any) -> None:
        self._number = number
        self._board = board
        self._stage = ""
        self._told = 0.0

    def moved(self, moved: FileProgress) -> None:
        now = time.monotonic()
        stage = moved.progress.stage
        if stage != self._stage or now - self._told >= _TELL_EVERY:
            self._stage, self._told = stage, now
            # Nobody waits for it: a board that is gone holds up no file.
            self._board.tell.remote(self._number, moved.progress)
