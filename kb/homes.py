"""The folder a knowledge base lives in.

HOME/policykb.toml    settings (kb.config)
HOME/store.sqlite3    the store, unless the setting `store` names another
HOME/originals/       the files as added, unless the setting `originals` names another place
HOME/index/           the search index, by generation; made from the store
HOME/models/          encoders that were imported
HOME/write.lock       held by the one process that writes
HOME/uploads/         files that were uploaded and wait to be added (kb.uploads)
HOME/.restore/        a backup that is taking this home's place (kb.restoring)
HOME/.work/           what is being read and was not a file of its own; left only by a kill

A home that this process may not write to, such as one on a CD or of another user, opens for reading
only by itself.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlalchemy.engine import URL, Engine

from kb.config import Settings, default_home, load_settings
from kb.errors import HomeLocked, HomeProblem
from kb.locking import WriterLock
from kb.migrations import is_current, migrate
from kb.originals import Originals
from kb.store.dialect import is_shared
from kb.store.engine import connect, connect_read_only
from kb.store.locks import StoreLocks
from kb.store.retry import persistent
from kb.store.writing import SqlStore

DATABASE = "store.sqlite3"
ORIGINALS = "originals"
LOCK = "write.lock"
#: A backup that is taking over; `kb.restoring` says how.
RESTORE = ".restore"
#: A backup that is being unpacked, and what is left of one that took over.
UNFINISHED = (f"{RESTORE}.part", f"{RESTORE}.done")
WORK = ".work"
#: Seconds to wait for whoever is creating or migrating the same home.
OPENING_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Home:
    """An opened home: where it is, how it is set, and what it keeps."""

    path: Path
    settings: Settings
    store: SqlStore
    originals: Originals
    lock: WriterLock
    #: Whether this process may not write to it.
    read_only: bool = False
    #: Whether this process has removed what a kill may have left.
    swept: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def with_settings(self, settings: Settings) -> Home:
        """Return the same home under other settings of its model."""
        return replace(self, settings=settings)

    def left_over(self) -> int:
        """Count originals of no document: what a run that was cut short left behind."""
        return len(self.originals.unknown(self._known()))

    def sweep(self) -> None:
        """Remove what is left over; the caller holds the writer's lock.

        In a folder that hosts share, an original nobody knows may belong to a document that another
        host is just adding: there it is left to whoever holds the lock alone.
        """
        if not (self.store.is_shared and self.originals.is_local) or self.lock.is_alone:
            self.originals.sweep(self._known(), self.store.confirm)
        for name in (*UNFINISHED, WORK):
            shutil.rmtree(self.path / name, ignore_errors=True)
        self.swept.set()

    def sweep_once(self) -> None:
        """Do as `sweep`, if this process has not yet; the caller holds the writer's lock.

        For what is done often and each time for a few files: all originals are listed for it.
        """
        if not self.swept.is_set():
            self.sweep()

    @contextmanager
    def work_folder(self) -> Iterator[Path]:
        """Give an empty folder for files that are read and not kept; under the writer's lock.

        In the home rather than among the system's temporary files, so that no copy of a document
        outlives a kill anywhere else.
        """
        parent = self.path / WORK
        parent.mkdir(exist_ok=True)
        try:
            yield Path(tempfile.mkdtemp(dir=parent))
        finally:
            shutil.rmtree(parent, ignore_errors=True)

    def _known(self) -> set[str]:
        return {file.sha256 + file.suffix for file in self.store.stored_files()}


def open_home(home: Path | None, *, read_only: bool) -> Home:
    """Open a home, made if it is not there; `read_only` makes and changes nothing.

    One that cannot be written to is opened for reading only. Raises HomeProblem and its kinds,
    StorageProblem.
    """
    path = (home or default_home()).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise HomeProblem(f"{path} is a file: name a folder with --home")
    if (path / RESTORE).exists():
        from kb.restoring import finish

        finish(path)
    settings = load_settings(path)
    fixed = not settings.store and _cannot_change(path)
    read_only = read_only or fixed
    _prepare(path, settings, read_only=read_only)
    database = path / DATABASE
    url = settings.store or URL.create("sqlite", database=str(database))
    engine = connect_read_only(database) if fixed else connect(url)
    lock = WriterLock(path / LOCK)
    if is_shared(engine):
        lock.beside = StoreLocks(engine).writing
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        if not persistent(engine, partial(is_current, engine)):
            _upgrade(path, engine, lock, read_only=read_only)
        undo.pop_all()
    lock.check = partial(_require_same, database, _mark(database))
    originals = Originals(settings.originals or str(path / ORIGINALS))
    return Home(path, settings, SqlStore(engine), originals, lock, fixed)


def _cannot_change(path: Path) -> bool:
    """Tell whether a knowledge base is there that this process cannot write to."""
    files = [path / name for name in (DATABASE, f"{DATABASE}-wal", LOCK)]
    there = [file for file in files if file.exists()]
    return bool(there) and not all(os.access(file, os.W_OK) for file in (path, *there))


def _mark(database: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of the same name, None where there is none."""
    try:
        found = database.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _require_same(database: Path, mark: tuple[int, int] | None) -> None:
    if mark is not None and _mark(database) != mark:
        raise HomeProblem(
            f"{database.parent} was restored from a backup since it was opened here: run the "
            "command again, or start the server anew"
        )


def _prepare(path: Path, settings: Settings, *, read_only: bool) -> None:
    if not read_only:
        path.mkdir(parents=True, exist_ok=True)
    elif not settings.store and not (path / DATABASE).exists():
        raise HomeProblem(f"there is no knowledge base in {path}: make one with `policykb ingest`")


def _upgrade(path: Path, engine: Engine, lock: WriterLock, *, read_only: bool) -> None:
    if read_only:
        raise HomeProblem(
            f"{path} has the tables of an older version and is opened for reading only: "
            "run `policykb list` once, on a copy if need be, where it can be written to"
        )
    deadline = time.monotonic() + OPENING_PATIENCE
    while True:
        try:
            with lock.held(alone=True):
                migrate(engine)
            return
        except HomeLocked:
            # Others may have brought it up to date, and be writing to it already.
            if is_current(engine):
                return
            if time.monotonic() > deadline:
                raise


def sizes_of(path: Path) -> dict[str, int]:
    """Return the bytes of a home's store, originals and index in it, and of all else."""
    sizes = {"store": 0, ORIGINALS: 0, "index": 0, "other": 0}
    for file in path.rglob("*"):
        top = file.relative_to(path).parts[0]
        name = "store" if top.startswith("store.") else top if top in sizes else "other"
        try:
            sizes[name] += file.stat().st_size if file.is_file() else 0
        except OSError:
            # Removed between being listed and looked at.
            continue
    return sizes
