"""Put a backup in the place of a home.

Everything is unpacked and checked in `HOME/.restore.part` first. Renaming that to `HOME/.restore`
is the one instant at which the backup takes over; what follows only moves files, what was there
aside and what is new into place, and whoever opens the home next goes on if it was cut short.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Final

from kb.backups import (
    MODELS,
    PLAIN,
    UNREADABLE,
    BackupManifest,
    BackupReport,
    digest_of,
    open_backup,
    places_checked,
)
from kb.config import FILE_NAME, load_settings, save_setting
from kb.errors import HomeProblem, HomeTooNew
from kb.homes import DATABASE, LOCK, ORIGINALS, RESTORE, UNFINISHED
from kb.indexing import FOLDER as INDEX
from kb.locking import WriterLock
from kb.migrations import newest
from kb.originals import sync_folder

PART, DONE = UNFINISHED
ASIDE: Final = "before-restore"
#: Pieces of a home that a backup takes the place of. The index, and SQLite's log, which belongs to
#: the database that goes, come first: they have nothing to take their place.
PIECES: Final = (INDEX, f"{DATABASE}-wal", f"{DATABASE}-shm", DATABASE, ORIGINALS, MODELS, *PLAIN)


def restore(path: Path, home: Path, *, force: bool = False) -> BackupReport:
    """Make `home` what the backup in the file `path` holds.

    What is in `home` already is never overwritten: without `force` HomeProblem is raised, with it
    it is moved to `HOME/before-restore-<time>`. HomeProblem where any byte of the backup is not
    what was written, HomeTooNew where it comes from a newer version; both change nothing.
    """
    with open_backup(path) as (archive, manifest):
        if manifest.schema > newest():
            raise HomeTooNew(
                f"{path} was written by a newer version of policykb (schema {manifest.schema}; "
                f"this one reads up to {newest()}): run `pip install --upgrade policykb`"
            )
        if (home / DATABASE).exists() and not force:
            raise HomeProblem(
                f"{home} holds a knowledge base: name another folder with --home, or use --force "
                "to move that one aside first"
            )
        home.mkdir(parents=True, exist_ok=True)
        with WriterLock(home / LOCK).held():
            if load_settings(home).store:
                raise HomeProblem(
                    f"{home / FILE_NAME} names a database: restore into another folder with --home"
                )
            _unpack(archive, manifest, path, home)
            kept_aside = _take_over(home)
    size = path.stat().st_size
    aside = str(kept_aside) if kept_aside else None
    return BackupReport(str(home), manifest.documents, len(manifest.members), size, aside)


def finish(home: Path) -> None:
    """Go on with a restore that was cut short after it took over."""
    with WriterLock(home / LOCK).held():
        if (home / RESTORE).exists():
            _take_over(home)


def _unpack(archive: zipfile.ZipFile, manifest: BackupManifest, path: Path, home: Path) -> None:
    part = home / PART
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    try:
        for name, member in manifest.members.items():
            target = part / PurePosixPath(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            with (
                places_checked(),
                archive.open(name) as reader,
                target.open("xb") as writer,
            ):
                if digest_of(reader, writer) != member:
                    raise _damaged(path, name)
                writer.flush()
                os.fsync(writer.fileno())
        if load_settings(part).originals:
            # They are in the backup, and so in this home from now on.
            save_setting(part, "originals", "")
    except UNREADABLE as error:
        shutil.rmtree(part, ignore_errors=True)
        raise _damaged(path, str(error)) from error
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    # Named before the first file moves, so that a restore taken up again moves to the same place.
    with (part / ASIDE).open("x", encoding="ascii") as file:
        file.write(_free_name(home))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(part)
    part.replace(home / RESTORE)
    sync_folder(home)


def _free_name(home: Path) -> str:
    """Name the folder for what is there now; the clock may have shown the same before."""
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    name, number = f"{ASIDE}-{now}", 1
    while (home / name).exists():
        number += 1
        name = f"{ASIDE}-{now}-{number}"
    return name


def _take_over(home: Path) -> Path | None:
    """Move each piece that is there aside and its new one into place; safe to do again."""
    new = home / RESTORE
    aside = home / (new / ASIDE).read_text("ascii")
    moved = new / "moved"
    moved.mkdir(exist_ok=True)
    for piece in PIECES:
        done = moved / piece
        if not done.exists():
            if (home / piece).exists():
                aside.mkdir(exist_ok=True)
                (home / piece).replace(aside / piece)
            done.touch()
        if (new / piece).exists():
            (new / piece).replace(home / piece)
    sync_folder(home)
    done_with = home / DONE
    shutil.rmtree(done_with, ignore_errors=True)
    new.replace(done_with)
    shutil.rmtree(done_with, ignore_errors=True)
    return aside if aside.exists() else None


def _damaged(path: Path, what: str) -> HomeProblem:
    return HomeProblem(f"{path} is damaged ({what}): use another copy; nothing was changed")
