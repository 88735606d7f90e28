"""Who reads files: processes of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Protocol

from ingest.parse import ParseOptions
from ingest.process import FileResult, Limits
from ingest.worker import OnFileProgress, parse_files


class Executor(Protocol):
    """Reads files and yields each result as it is finished, in any order."""

    def parse(
        self,
        paths: Iterable[str | Path],
        options: ParseOptions | None = None,
        limits: Limits | None = None,
        *,
        workers: int | None = None,
        on_progress: OnFileProgress | None = None,
    ) -> Generator[FileResult, None, None]:
        """Read files as `ingest.parse_files` does, `workers` at a time, None for all there are.

        `paths` is drawn on as there is room for more. Closing the iterator ends what is under way.
        Raises ExecutorUnavailable where nobody can be asked.
        """
        ...


class LocalExecutor:
    """Processes of this machine."""

    def parse(
        self,
        paths: Iterable[str | Path],
        options: ParseOptions | None = None,
        limits: Limits | None = None,
        *,
        workers: int | None = None,
        on_progress: OnFileProgress | None = None,
    ) -> Generator[FileResult, None, None]:
        """Read files in child processes."""
        return parse_files(paths, options, limits, workers=workers, on_progress=on_progress)


def open_executor(url: str) -> Executor:
    """Return the executor of an address: `ray://host:port`, `ray` for one on this machine, or none.

    Nothing is connected to yet.
    """
    if url.partition("://")[0] != "ray":
        return LocalExecutor()
    from ingest.cluster.executor import RayExecutor

    return RayExecutor(url)
