"""Ingest over the engines of a cluster: how fast with how many workers, and what holds it up.

usage: python benchmarks/cluster_ingest.py FILE_OR_FOLDER... [--workers 1 2] [--files N]
           [--store postgresql|sqlite] [--executor ray|local] [--originals s3|folder]

Starts PostgreSQL, an S3 server and Ray with a node of as many processors as there are workers, on
this machine; each run fills an empty knowledge base. Prints, for each number of workers: passages
and pages a second, the seconds workers read (all together), the driver's own processor seconds, the
seconds its index took, and the store's bytes a passage. What the driver does is the bound that
workers cannot lift: passages divided by its seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from clusterlab import PostgresServer, postgres_programs, running_postgres
from objectlab import KEYS, running_s3, s3_program
from raylab import running_ray

from kb import KnowledgeBase
from kb.types import Progress


@dataclass
class Watch:
    """Sums up what a run tells of itself."""

    reading: float = 0.0
    indexing: float = 0.0
    failed: list[str] = field(default_factory=list)
    _began: float | None = None

    def told(self, at: Progress) -> None:
        """Take in one event."""
        now = time.perf_counter()
        if at.stage == "indexing":
            self._began = self._began or now
            if at.page >= at.pages:
                self.indexing += now - self._began
                self._began = None
        if at.report is not None:
            self.reading += at.report.seconds
            if at.report.error is not None:
                self.failed.append(f"{at.path}: {at.report.error.message}")


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def processor_seconds() -> float:
    """Return the processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def database_bytes(server: PostgresServer | None, url: str, home: Path) -> int:
    """Return how large the store has become."""
    if server is None:
        return sum(file.stat().st_size for file in home.glob("store.sqlite3*"))
    import psycopg

    address = url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def measured(
    files: list[Path], workers: int, given: argparse.Namespace, engines: ExitStack
) -> dict[str, float]:
    """Fill an empty knowledge base, and return what it took."""
    settings: dict[str, str] = {}
    server: PostgresServer | None = None
    programs = postgres_programs()
    if given.store == "postgresql" and programs is not None:
        server = engines.enter_context(running_postgres(programs))
        settings["POLICYKB_STORE"] = server.new_database()
    program = s3_program()
    if given.originals == "s3" and program is not None:
        objects = engines.enter_context(running_s3(program))
        settings |= {"POLICYKB_ORIGINALS": objects.url("originals"), **KEYS}
    if given.executor == "ray":
        cluster = engines.enter_context(running_ray(workers))
        settings["POLICYKB_EXECUTOR"] = cluster.url
        from ingest.cluster.session import connect, disconnect

        connect(cluster.url)
        engines.callback(disconnect)
    home = Path(engines.enter_context(tempfile.TemporaryDirectory()))
    watch = Watch()
    with environment(settings), KnowledgeBase.open(home) as base:
        # What a process needs once is not the ingest's: models, connections, workers.
        base.ingest(files[:workers], workers=workers, ocr="never")
        started, processor = time.perf_counter(), processor_seconds()
        report = base.ingest(files[workers:], workers=workers, ocr="never", on_progress=watch.told)
        wall, own = time.perf_counter() - started, processor_seconds() - processor
    for line in watch.failed:
        print("failed:", line)
    passages = sum(each.passages for each in report.documents)
    pages = sum(each.pages for each in report.documents)
    stored = database_bytes(server, settings.get("POLICYKB_STORE", ""), home)
    first = sum(1 for _ in files[:workers])
    return {
        "workers": workers,
        "files": len(files) - first,
        "pages": pages,
        "passages": passages,
        "seconds": wall,
        "passages/s": passages / wall,
        "pages/s": pages / wall,
        "reading s": watch.reading,
        "driver s": own,
        "indexing s": watch.indexing,
        "driver bound passages/s": passages / own,
        "store B/passage": stored / max(1, passages),
    }


def found(paths: list[Path], count: int) -> list[Path]:
    """Return the PDFs among files and folders, at most `count`."""
    files: list[Path] = []
    for path in paths:
        files += sorted(path.rglob("*.pdf")) if path.is_dir() else [path]
    return files[:count]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--workers", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--store", choices=["postgresql", "sqlite"], default="postgresql")
    parser.add_argument("--executor", choices=["ray", "local"], default="ray")
    parser.add_argument("--originals", choices=["s3", "folder"], default="s3")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    files = found(given.paths, given.files)
    rows = []
    for workers in given.workers:
        with ExitStack() as engines:
            rows.append(measured(files, workers, given, engines))
    for name in rows[0]:
        print(f"{name:26}" + "".join(f"{row[name]:12.1f}" for row in rows))
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
