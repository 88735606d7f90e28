"""Write a knowledge base into one file, and check such a file.

A backup is a zip archive: `manifest.json`, then the members it lists with their SHA-256. What is in
it is one moment of the store and the originals of exactly those documents; the search index is
left out, because it is made from the store. Others may read and write meanwhile.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from kb.backends import shown
from kb.config import FILE_NAME
from kb.errors import HomeProblem, InvalidInput, NotFound
from kb.homes import DATABASE, LOCK, ORIGINALS, Home
from kb.locking import WriterLock
from kb.migrations import newest
from kb.originals import CHUNK, sync_folder
from kb.own_files import OWN_FILES
from kb.store.engine import open_unchanging

FORMAT = 1
MANIFEST = "manifest.json"
MODELS = "models"
#: Files that stand in a home as they are in a backup.
PLAIN = (FILE_NAME, *OWN_FILES)
#: What a member may be called: nothing that could lead out of the folder it is restored to.
MEMBER = re.compile(
    rf"{re.escape(DATABASE)}|{'|'.join(map(re.escape, PLAIN))}"
    rf"|{ORIGINALS}/[0-9a-f]{{64}}(?:\.[A-Za-z0-9]{{1,15}})?"
    rf"|{MODELS}(?:/(?!\.)[^/\\\x00:]{{1,200}}){{1,6}}"
)
#: What `zipfile` raises on a damaged archive: a flipped bit may claim a password or a method.
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
#: A manifest of a million originals is a tenth of this.
LARGEST_MANIFEST = 1 << 30


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup: its SHA-256 in hex, and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds: its own format, the schema of the database, and every member."""

    format: int
    schema: int
    created_at: str
    documents: int
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What was written or restored; `kept_aside` is where what stood there before is now."""

    path: str
    documents: int
    files: int
    size: int
    kept_aside: str | None = None


def back_up(home: Home, target: Path, *, force: bool = False) -> BackupReport:
    """Write a backup of `home` to the file `target`, whole or not at all.

    Raises InvalidInput where `target` exists and not `force`, HomeProblem for a store that is no
    file of the home, StorageProblem.
    """
    if home.settings.store:
        raise HomeProblem(
            f"the store is {shown(home.settings.store)}: back it up with that database's own "
            "means (`pg_dump`), and the originals with those of their storage; the index is made "
            "from the store"
        )
    if target.is_dir():
        raise InvalidInput(f"{target} is a folder: name a file", field="path")
    if target.exists() and not force:
        raise InvalidInput(f"{target} exists: name another, or use --force", field="path")
    with _drafting(target) as folder:
        draft = folder / target.name
        try:
            manifest = _write(home, draft)
        except NotFound:
            # A document was removed while its original was to be copied: once more, alone.
            with home.lock.held():
                manifest = _write(home, draft)
        _flush(draft)
        draft.replace(target)
        sync_folder(target.absolute().parent)
    size = target.stat().st_size
    return BackupReport(str(target), manifest.documents, len(manifest.members), size)


def read_manifest(archive: zipfile.ZipFile, path: Path) -> BackupManifest:
    """Return what an open backup says it holds; HomeProblem where that is no backup of ours."""
    try:
        info = archive.getinfo(MANIFEST)
        if info.file_size > LARGEST_MANIFEST:
            raise _no_backup(path)
        with places_checked():
            plain = json.loads(archive.read(info))
        members = {name: Member(**item) for name, item in plain.pop("members").items()}
        manifest = BackupManifest(**plain, members=members)
    except (*UNREADABLE, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_backup(path) from error
    _check_members(archive, manifest, path)
    return manifest


@contextlib.contextmanager
def open_backup(path: Path) -> Iterator[tuple[zipfile.ZipFile, BackupManifest]]:
    """Open a backup and its manifest; HomeProblem where the file is damaged or none of ours."""
    try:
        with places_checked():
            archive = zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise _no_backup(path) from error
    with archive:
        yield archive, read_manifest(archive, path)


@contextlib.contextmanager
def places_checked() -> Iterator[None]:
    """Take a place before the file's beginning, as a turned bit may name, for the damage it is."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise zipfile.BadZipFile("it names a place that it does not have") from error


def digest_of(reader: IO[bytes], writer: IO[bytes] | None = None) -> Member:
    """Read to the end, copying if asked, and return the SHA-256 and the size."""
    digest, size = hashlib.sha256(), 0
    while chunk := reader.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if writer is not None:
            writer.write(chunk)
    return Member(digest.hexdigest(), size)


def _check_members(archive: zipfile.ZipFile, manifest: BackupManifest, path: Path) -> None:
    if manifest.format > FORMAT:
        raise HomeProblem(
            f"{path} was written by a newer version of policykb (format {manifest.format}; "
            f"this one reads up to {FORMAT}): run `pip install --upgrade policykb`"
        )
    names = [name for name in archive.namelist() if name != MANIFEST]
    if sorted(names) != sorted(manifest.members) or DATABASE not in manifest.members:
        raise HomeProblem(f"{path} is damaged: its files are not those it lists; use another copy")
    for name in names:
        if not MEMBER.fullmatch(name) or "/../" in f"/{name}/":
            raise HomeProblem(f"{path} holds {name!r}, which is no file of a knowledge base")


def _no_backup(path: Path) -> HomeProblem:
    return HomeProblem(
        f"{path} is no backup of policykb, or is damaged: name a file written by `policykb backup`"
    )


@contextlib.contextmanager
def _drafting(target: Path) -> Iterator[Path]:
    """Give an empty folder beside `target`, for one process at a time; removed afterwards.

    Always of the same name, so that what a kill leaves is taken over by the next backup.
    """
    folder = target.with_name(f".{target.name}.part")
    folder.mkdir(exist_ok=True)
    lock = folder / LOCK
    with WriterLock(lock).held():
        for left in folder.iterdir():
            if left != lock:
                left.unlink()
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _write(home: Home, draft: Path) -> BackupManifest:
    snapshot = draft.with_name(f"{DATABASE}.copy")
    schema = _snapshot(home, snapshot)
    stored = _originals_in(snapshot)
    members: dict[str, Member] = {}
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with snapshot.open("rb") as reader:
            members[DATABASE] = _add(archive, DATABASE, reader, zipfile.ZIP_DEFLATED)
        for name, path in _plain_files(home.path):
            with path.open("rb") as reader:
                members[name] = _add(archive, name, reader, zipfile.ZIP_DEFLATED)
        for sha256, suffix in stored:
            # Most are compressed already; storing them is ten times as fast.
            with home.originals.open(sha256, suffix) as reader:
                name = f"{ORIGINALS}/{sha256}{suffix}"
                members[name] = _add(archive, name, reader, zipfile.ZIP_STORED)
            if members[name].sha256 != sha256:
                raise HomeProblem(
                    f"the original {name} is not what was added: run `policykb verify`"
                )
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = BackupManifest(FORMAT, schema, now, len(stored), members)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _snapshot(home: Home, copy: Path) -> int:
    """Copy the database as it stands at one moment, and return its schema's number."""
    copy.unlink(missing_ok=True)
    database = home.path / DATABASE
    opened = open_unchanging(database) if home.read_only else sqlite3.connect(database)
    with closing(opened) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        row = target.execute("SELECT max(version) FROM schema_version").fetchone()
    return int(row[0] or newest())


def _originals_in(snapshot: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(snapshot)) as database:
        query = "SELECT sha256, suffix FROM documents ORDER BY sha256"
        return [(str(sha256), str(suffix)) for sha256, suffix in database.execute(query)]


def _plain_files(home: Path) -> Iterator[tuple[str, Path]]:
    for name in PLAIN:
        if (home / name).is_file():
            yield name, home / name
    for path in sorted((home / MODELS).rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_file() and MEMBER.fullmatch(name):
            yield name, path


def _add(archive: zipfile.ZipFile, name: str, reader: IO[bytes], compression: int) -> Member:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = compression
    with archive.open(info, "w", force_zip64=True) as writer:
        return digest_of(reader, writer)


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
