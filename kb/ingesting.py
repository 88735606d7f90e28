"""Run an ingest over files on the disk, or over one that was uploaded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.intake import IngestOptions
from kb.jobs import IngestRun
from kb.selecting import safe_name, select
from kb.types import FileReport, IngestReport, ProgressListener


def ingest_paths(
    home: Home,
    keeper: IndexKeeper,
    paths: Sequence[str | Path],
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> IngestReport:
    """Add what the paths stand for, under the writer's lock."""
    with home.lock.held():
        keeper.check()
        home.sweep()
        return IngestRun(home, keeper.publish, options, on_progress).run(select(paths))


def ingest_upload(
    home: Home,
    keeper: IndexKeeper,
    name: str,
    data: bytes,
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> FileReport:
    """Add one file that is known by its name alone, under the writer's lock."""
    name = safe_name(name)
    # The same name in two collections is two files.
    path = f"{options.collection}/{name}" if options.collection else name
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder, home.lock.held():
        source = Path(folder) / name
        keeper.check()
        source.write_bytes(data)
        run = IngestRun(home, keeper.publish, options, on_progress)
        return run.run_upload(source, path)
