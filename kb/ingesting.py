"""Run an ingest over files on the disk, or over one that was uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kb.homes import Home
from kb.indexing import IndexKeeper
from kb.intake import IngestOptions, Job
from kb.jobs import IngestRun
from kb.selecting import safe_name, select
from kb.store.retry import patient
from kb.types import FileReport, IngestReport, ProgressListener


def ingest_paths(
    home: Home,
    keeper: IndexKeeper,
    paths: Sequence[str | Path],
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> IngestReport:
    """Add what the paths stand for, under the writer's lock."""
    with patient(), home.lock.held():
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
    with home.lock.held():
        # First, as the folder to work in goes with what is left over.
        home.sweep_once()
        with home.work_folder() as folder:
            source = folder / safe_name(name)
            source.write_bytes(data)
            report = ingest_uploads(home, keeper, [(name, source)], options, on_progress)
            return report.documents[0]


def ingest_uploads(
    home: Home,
    keeper: IndexKeeper,
    uploads: Sequence[tuple[str, Path]],
    options: IngestOptions,
    on_progress: ProgressListener | None,
) -> IngestReport:
    """Add files that are known by their names alone, under the writer's lock.

    Each is a name, and where its bytes are, in a file that has the suffix of the name.
    """
    # The same name in two collections is two files.
    inside = f"{options.collection}/" if options.collection else ""
    named = [(source, safe_name(name)) for name, source in uploads]
    jobs = [Job(source, inside + name, name) for source, name in named]
    with home.lock.held():
        keeper.check()
        home.sweep_once()
        return IngestRun(home, keeper.publish, options, on_progress).run_uploads(jobs)
