"""The files as they were added, kept by what they contain, in any storage fsspec reaches.

A name never stands for half a file: on a disk what is new is written aside and renamed, elsewhere
storage shows an object once all of it is there. What is read is what its name says, or an error.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from kb.errors import HomeProblem, NotFound, StorageProblem
from kb.objects import LONG_PATIENCE, PATIENCE, is_objects, open_objects, persistent

_T = TypeVar("_T")

CHUNK = 1 << 20
#: Bytes of a file on its way to other storage that stay in memory; larger ones wait on the disk.
IN_MEMORY = 64 << 20
#: Objects of shared storage younger than this may belong to a document that is just being added.
SETTLED = timedelta(hours=1)
#: The code of the error for one that is not what it was when it was put.
ALTERED = "original-altered"


class Originals:
    """Keeps each content once, as `<sha256><suffix>` below one URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """The file system and the folder in it; connected to when first needed."""
        if is_objects(self._url):
            return open_objects(self._url)
        import fsspec

        try:
            filesystem, root = fsspec.core.url_to_fs(self._url)
        except (ImportError, ValueError) as error:
            message = f"originals cannot be kept there: {error}"
            raise HomeProblem(message, code="settings") from error
        return filesystem, str(root).rstrip("/")

    @property
    def _files(self) -> Any:
        return self._place[0]

    @property
    def _root(self) -> str:
        return self._place[1]

    @property
    def is_local(self) -> bool:
        """Whether they are in a folder of this machine, which nobody else writes to."""
        return not is_objects(self._url) and _is_local(self._files)

    def put(self, source: Path, suffix: str) -> str:
        """Copy a file in and return its SHA-256, of the very bytes that were copied."""
        if not self.is_local:
            return self._put_object(source, suffix)
        self._files.makedirs(self._root, exist_ok=True)
        draft = f"{self._root}/.{uuid.uuid4().hex}.part"
        try:
            with source.open("rb") as reader, self._files.open(draft, "wb") as writer:
                sha256 = _copy(reader, writer)
                writer.flush()
                os.fsync(writer.fileno())
            self._files.mv(draft, self._path(sha256, suffix))
            sync_folder(Path(self._root))
        finally:
            if self._files.exists(draft):
                self._files.rm(draft)
        return sha256

    def _put_object(self, source: Path, suffix: str) -> str:
        """Write a file's bytes under the name they have, known before the first of them leaves.

        From a copy that nobody changes, so that trying again writes the same; twice is harmless.
        """
        with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copied:
            with source.open("rb") as reader:
                sha256 = _copy(reader, copied)
            path = self._path(sha256, suffix)

            def write() -> None:
                copied.seek(0)
                with self._files.open(path, "wb") as writer:
                    while chunk := copied.read(CHUNK):
                        writer.write(chunk)

            try:
                self._persistently(write, LONG_PATIENCE)
            except FileNotFoundError as error:
                raise StorageProblem(
                    f"there is no bucket {self._root.partition('/')[0]} in the originals' storage: "
                    "make it, or correct the setting `originals`"
                ) from error
        return sha256

    def read(self, sha256: str, suffix: str) -> bytes:
        """Return a kept file's bytes.

        NotFound when storage has lost it or altered it; the error's code says which.
        """

        def whole() -> bytes:
            with self._files.open(self._path(sha256, suffix), "rb") as reader:
                return cast("bytes", reader.read())

        with self._missing(sha256, suffix):
            data = self._persistently(whole)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotFound(
                f"the original {self._path(sha256, suffix)} is altered: run `policykb ingest "
                "--force` on the file, or bring it back from a backup",
                code=ALTERED,
            )
        return data

    def open(self, sha256: str, suffix: str) -> IO[bytes]:
        """Open a kept file for reading; NotFound when storage has lost it."""
        path = self._path(sha256, suffix)
        with self._missing(sha256, suffix):
            return cast("IO[bytes]", self._persistently(lambda: self._files.open(path, "rb")))

    def digest(self, sha256: str, suffix: str) -> str | None:
        """Return the SHA-256 of what is kept under a name, None where nothing is."""

        def read() -> str:
            with self._files.open(self._path(sha256, suffix), "rb") as reader:
                return _copy(reader, None)

        try:
            return self._persistently(read)
        except FileNotFoundError:
            return None

    def remove(self, sha256: str, suffix: str) -> None:
        """Remove a kept file; one that is not there is no error."""
        self._remove(self._path(sha256, suffix))

    def unknown(self, known: Collection[str]) -> list[str]:
        """Return the names kept that are not `known`: what a run that was cut short left behind.

        In storage that others share, what is older than `SETTLED`.
        """
        kept = self._persistently(self._names)
        return sorted(name for name in kept if name not in known)

    def sweep(self, known: Collection[str], confirm: Callable[[], None] = lambda: None) -> int:
        """Remove everything that is not `known`; returns how much. No other writer may be at it.

        `confirm` is called before each, and may raise where another has begun.
        """
        unknown = self.unknown(known)
        for name in unknown:
            confirm()
            self._remove(f"{self._root}/{name}")
        return len(unknown)

    def _names(self) -> list[str]:
        if not self._files.isdir(self._root):
            return []
        if self.is_local:
            paths = self._files.ls(self._root, detail=False)
        else:
            before = datetime.now(UTC) - SETTLED
            found = self._files.ls(self._root, detail=True)
            paths = [each["name"] for each in found if _written(each) < before]
        return [str(path).rsplit("/", 1)[-1] for path in paths]

    def _remove(self, path: str) -> None:
        def removed() -> None:
            if self._files.exists(path):
                self._files.rm(path)

        self._persistently(removed)

    def _persistently(self, operation: Callable[[], _T], patience: float | None = None) -> _T:
        if is_objects(self._url):
            return persistent(self._url, operation, PATIENCE if patience is None else patience)
        return operation()

    @contextmanager
    def _missing(self, sha256: str, suffix: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            path = self._path(sha256, suffix)
            raise NotFound(f"the original {path} is gone: ingest the file again") from error

    def _path(self, sha256: str, suffix: str) -> str:
        return f"{self._root}/{sha256}{suffix}"


def _written(entry: dict[str, Any]) -> datetime:
    """Return when an object was written; now where storage does not say."""
    told = entry.get("mtime") or entry.get("LastModified") or entry.get("created")
    if isinstance(told, int | float):
        return datetime.fromtimestamp(told, UTC)
    return told if isinstance(told, datetime) else datetime.now(UTC)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as reader:
        return _copy(reader, None)


def flush(file: IO[Any]) -> None:
    """Put on the disk what was written to a file."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk; Windows cannot."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_durably(path: Path, data: bytes) -> None:
    """Put a file in place in one step, on the disk by the time this returns.

    What a kill leaves is `<name>.new`, for the next writer to take over; one writer at a time.
    """
    draft = path.with_name(f"{path.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(data)
            flush(file)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def _copy(reader: IO[bytes], writer: IO[bytes] | None) -> str:
    digest = hashlib.sha256()
    while chunk := reader.read(CHUNK):
        digest.update(chunk)
        if writer is not None:
            writer.write(chunk)
    return digest.hexdigest()


def _is_local(filesystem: Any) -> bool:
    protocol = filesystem.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)
