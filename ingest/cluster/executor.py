"""Send files to the workers of a Ray cluster, and take in what became of them.

    paths ─► sent, a few more than there are workers ─► task: one file, one processor
                     ▲                                     │ worker or node gone
                     └───────────── sent again ◄───────────┤
    results ◄──────────────────────────────────────────────┘

Ray places the tasks (num_cpus and memory as hints, https://docs.ray.io/en/latest/ray-core/
scheduling/resources.html); trying again is ours, so that a file that takes down its workers is told
from one whose node was lost, and each is seen for what it is.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingest.cluster.flight import AHEAD, BYTES, MEMORY, MEMORY_OCR, Sent
from ingest.cluster.session import connect, connection, losses, reconnect, resources
from ingest.cluster.tasks import Board, program, read_file
from ingest.errors import DocumentError
from ingest.parse import ParseOptions, Progress, read_bytes
from ingest.process import FileResult, Limits
from ingest.worker import FileProgress, OnFileProgress

logger = logging.getLogger(__name__)

#: Seconds between two looks at how far files are.
_TICK = 0.5
#: Seconds between two looks at how large the cluster is: it may grow while it works.
_SURVEY = 10.0
#: Seconds without any news after which it is said that nobody works.
_SILENCE = 60.0


class RayExecutor:
    """The workers of a Ray cluster."""

    def __init__(self, url: str) -> None:
        self._url = url

    def parse(
        self,
        paths: Iterable[str | Path],
        options: ParseOptions | None = None,
        limits: Limits | None = None,
        *,
        workers: int | None = None,
        on_progress: OnFileProgress | None = None,
    ) -> Generator[FileResult, None, None]:
        """Read files on the cluster; see `ingest.executor.Executor`."""
        if workers is not None and workers < 1:
            raise ValueError(f"workers must be 1 or more, not {workers}")
        connect(self._url)
        run = _Run(self._url, options or ParseOptions(), limits or Limits(), workers, on_progress)
        try:
            yield from run.results(iter(paths))
        finally:
            run.cancel()


class _Run:
    """One run over files: what is with the cluster, and what to do about what comes back."""

    def __init__(
        self,
        url: str,
        options: ParseOptions,
        limits: Limits,
        workers: int | None,
        on_progress: OnFileProgress | None,
    ) -> None:
        self._url = url
        self._options = options
        self._limits = limits
        self._workers = workers
        self._on_progress = on_progress
        self._sent: dict[int, Sent] = {}
        self._failed: list[FileResult] = []
        self._count = 0
        self._news = time.monotonic()
        self._room = 0
        self._surveyed = 0.0
        self._prepare()

    def results(self, paths: Iterator[str | Path]) -> Iterator[FileResult]:
        """Yield what becomes of every file."""
        while True:
            self._fill(paths)
            while self._failed:
                yield self._failed.pop()
            if not self._sent:
                return
            try:
                yield from self._listen()
            except losses() as error:
                logger.warning(
                    "the connection to %s was lost (%s)", self._url, type(error).__name__
                )
                self._start_over()

    def cancel(self) -> None:
        """End what is under way; the cluster's answer is not waited for."""
        import ray

        sent, self._sent = self._sent, {}
        if connection() != self._connection or not ray.is_initialized():
            # Over with the connection.
            return
        with suppress(RuntimeError, *losses()):
            for each in sent.values():
                ray.cancel(each.reference)
            ray.kill(self._board)

    def _prepare(self) -> None:
        """Put what the run needs on the cluster."""
        import ray

        self._connection = connection()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            board = ray.remote(Board)
            self._board: Any = board.options(num_cpus=0, max_restarts=-1).remote()
            hint = MEMORY if self._options.ocr == "never" else MEMORY_OCR
            self._task: Any = ray.remote(read_file).options(
                num_cpus=1, memory=min(hint, self._survey()), max_retries=0
            )

    def _survey(self) -> int:
        """Look how many files the cluster can read at a time; return the least a node has to give.

        In bytes of memory.
        """
        nodes = resources()
        processors = int(sum(node.get("CPU", 0) for node in nodes))
        self._room = self._workers or max(1, processors) + AHEAD
        self._surveyed = time.monotonic()
        working = [int(node.get("memory", MEMORY)) for node in nodes if node.get("CPU", 0) >= 1]
        return min(working, default=MEMORY)

    def _fill(self, paths: Iterator[str | Path]) -> None:
        while self._has_room():
            path = next(paths, None)
            if path is None:
                return
            self._count += 1
            self._send(Sent(self._count, Path(path)))

    def _has_room(self) -> bool:
        if not self._sent:
            return not self._failed
        held = sum(each.size for each in self._sent.values())
        return len(self._sent) < self._room and held < BYTES

    def _send(self, sent: Sent) -> None:
        """Hand a file to the cluster, where it can be read at all."""
        try:
            data = read_bytes(sent.path, self._options.max_bytes)
        except DocumentError as error:
            self._failed.append(sent.failed(error))
            return
        sent.size = len(data)
        self._sent[sent.number] = sent
        try:
            sent.reference = self._task.remote(
                sent.number,
                sent.path.name,
                data,
                self._options,
                self._limits,
                self._board,
                program(),
            )
        except losses():
            # Sent again with the others, once the cluster is there again.
            self._start_over()

    def _listen(self) -> Iterator[FileResult]:
        import ray

        if connection() != self._connection:
            raise ConnectionError("it was made anew")
        references = {each.reference: each for each in self._sent.values()}
        done, _ = ray.wait(list(references), num_returns=1, timeout=_TICK)
        self._tell(self._notes())
        for reference in done:
            sent = references[reference]
            # Another one where the connection was lost on the way here.
            result = self._taken(sent) if sent.reference == reference else None
            if result is not None:
                yield result
        if time.monotonic() - self._surveyed > _SURVEY:
            self._survey()

    def _taken(self, sent: Sent) -> FileResult | None:
        """Return a file's result; None where it was sent again, or cannot be."""
        import ray
        from ray.exceptions import RayError

        self._news = time.monotonic()
        try:
            result: FileResult = ray.get(sent.reference)
        except RayError as error:
            failed = sent.lost(error)
            del self._sent[sent.number]
            if failed is None:
                logger.warning("%s is read again: its worker was lost", sent.path.name)
                self._send(sent)
            return failed
        del self._sent[sent.number]
        return FileResult(sent.path, result.document, result.error, result.sha256, result.seconds)

    def _notes(self) -> dict[int, list[Progress]]:
        """Return what workers have told; nothing where the board is just being moved."""
        import ray
        from ray.exceptions import RayError

        try:
            notes: dict[int, list[Progress]] = ray.get(self._board.take.remote(), timeout=_SURVEY)
        except RayError:
            return {}
        return notes

    def _tell(self, notes: dict[int, list[Progress]]) -> None:
        for number, steps in notes.items():
            sent = self._sent.get(number)
            if sent is None:
                continue
            for progress in steps:
                sent.progress = progress
                if self._on_progress is not None:
                    self._on_progress(FileProgress(sent.path, progress))
        now = time.monotonic()
        if notes:
            self._news = now
        elif now - self._news > _SILENCE:
            self._news = now
            logger.warning(
                "no worker of %s has told anything for %.0f s: `ray status` on its head shows "
                "which are there",
                self._url,
                _SILENCE,
            )

    def _start_over(self) -> None:
        """Connect again, and send everything again that was with the cluster."""
        lost, self._sent = list(self._sent.values()), {}
        while True:
            reconnect(self._url, self._connection)
            try:
                self._prepare()
                break
            except losses():
                continue
        for sent in lost:
            self._send(sent)
