"""The folder a knowledge base lives in.

HOME/policykb.toml    settings (kb.config)
HOME/store.sqlite3    the store, unless the setting `database` names another
HOME/originals/       the files as added, unless the setting `originals` names another place
HOME/index/           the search index, by generation; made from the store
HOME/models/          encoders that were imported
HOME/write.lock       held by the one process that writes
HOME/.restore/        a backup that is taking this home's place (kb.restoring)
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.engine import URL, Engine

from kb.config import Settings, default_home, load_settings
from kb.errors import HomeProblem
from kb.locking import WriterLock
from kb.migrations import is_current, migrate
from kb.originals import Originals
from kb.store.engine import connect
from kb.store.writing import SqlStore

DATABASE = "store.sqlite3"
ORIGINALS = "originals"
LOCK = "write.lock"
#: A backup that is taking over; `kb.restoring` says how.
RESTORE = ".restore"
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

    def with_settings(self, settings: Settings) -> Home:
        """Return the same home under other settings of its model."""
        return replace(self, settings=settings)

    def left_over(self) -> int:
        """Count originals of no document: what a run that was cut short left behind."""
        return len(self.originals.unknown(self._known()))

    def sweep(self) -> None:
        """Remove what is left over; the caller holds the writer's lock."""
        self.originals.sweep(self._known())

    def _known(self) -> set[str]:
        return {file.sha256 + file.suffix for file in self.store.stored_files()}


def open_home(home: Path | None, *, read_only: bool) -> Home:
    """Open a home, made if it is not there; `read_only` makes and changes nothing.

    Raises HomeProblem and its kinds, StorageProblem.
    """
    path = (home or default_home()).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise HomeProblem(f"{path} is a file: name a folder with --home")
    if (path / RESTORE).exists():
        from kb.restoring import finish

        finish(path)
    settings = load_settings(path)
    _prepare(path, settings, read_only=read_only)
    url = settings.database or URL.create("sqlite", database=str(path / DATABASE))
    engine = connect(url)
    lock = WriterLock(path / LOCK)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        if not is_current(engine):
            _upgrade(path, engine, lock, read_only=read_only)
        undo.pop_all()
    originals = Originals(settings.originals or str(path / ORIGINALS))
    return Home(path, settings, SqlStore(engine), originals, lock)


def _prepare(path: Path, settings: Settings, *, read_only: bool) -> None:
    if not read_only:
        path.mkdir(parents=True, exist_ok=True)
    elif not settings.database and not (path / DATABASE).exists():
        raise HomeProblem(f"there is no knowledge base in {path}: make one with `policykb ingest`")


def _upgrade(path: Path, engine: Engine, lock: WriterLock, *, read_only: bool) -> None:
    if read_only:
        raise HomeProblem(
            f"{path} has the tables of an older version and is opened for reading only: "
            "run `policykb list` once to bring them up to date"
        )
    with lock.held(patience=OPENING_PATIENCE):
        migrate(engine)
