"""The files as they were added, kept by what they contain, in any storage fsspec reaches."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import IO, Any, cast

from kb.errors import NotFound

CHUNK = 1 << 20


class Originals:
    """Keeps each content once, as `<sha256><suffix>` below one URL."""

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _place(self) -> tuple[Any, str]:
        """The file system and the folder in it; connected to when first needed."""
        import fsspec

        filesystem, root = fsspec.core.url_to_fs(self._url)
        return filesystem, str(root).rstrip("/")

    @property
    def _files(self) -> Any:
        return self._place[0]

    @property
    def _root(self) -> str:
        return self._place[1]

    def put(self, source: Path, suffix: str) -> str:
        """Copy a file in and return its SHA-256, of the very bytes that were copied.

        Written aside and renamed, so that a name never stands for half a file.
        """
        self._files.makedirs(self._root, exist_ok=True)
        draft = f"{self._root}/.{uuid.uuid4().hex}.part"
        try:
            with source.open("rb") as reader, self._files.open(draft, "wb") as writer:
                sha256 = _copy(reader, writer)
                if _is_local(self._files):
                    writer.flush()
                    os.fsync(writer.fileno())
            self._files.mv(draft, self._path(sha256, suffix))
            self._sync_folder()
        finally:
            if self._files.exists(draft):
                self._files.rm(draft)
        return sha256

    def read(self, sha256: str, suffix: str) -> bytes:
        """Return a kept file's bytes; NotFound when storage has lost it."""
        with self.open(sha256, suffix) as reader:
            return reader.read()

    def open(self, sha256: str, suffix: str) -> IO[bytes]:
        """Open a kept file for reading; NotFound when storage has lost it."""
        path = self._path(sha256, suffix)
        try:
            return cast("IO[bytes]", self._files.open(path, "rb"))
        except FileNotFoundError as error:
            raise NotFound(f"the original {path} is gone: ingest the file again") from error

    def digest(self, sha256: str, suffix: str) -> str | None:
        """Return the SHA-256 of what is kept under a name, None where nothing is."""
        try:
            with self._files.open(self._path(sha256, suffix), "rb") as reader:
                return _copy(reader, None)
        except FileNotFoundError:
            return None

    def remove(self, sha256: str, suffix: str) -> None:
        """Remove a kept file; one that is not there is no error."""
        path = self._path(sha256, suffix)
        if self._files.exists(path):
            self._files.rm(path)

    def unknown(self, known: Collection[str]) -> list[str]:
        """Return the names kept that are not `known`: what a run that was cut short left behind."""
        if not self._files.isdir(self._root):
            return []
        paths = self._files.ls(self._root, detail=False)
        names = (str(path).rsplit("/", 1)[-1] for path in paths)
        return sorted(name for name in names if name not in known)

    def sweep(self, known: Collection[str]) -> int:
        """Remove everything that is not `known`; returns how much. No other writer may be at it."""
        unknown = self.unknown(known)
        for name in unknown:
            self._files.rm(f"{self._root}/{name}")
        return len(unknown)

    def _sync_folder(self) -> None:
        """Put new names on the disk as well; other storage need not."""
        if _is_local(self._files):
            sync_folder(Path(self._root))

    def _path(self, sha256: str, suffix: str) -> str:
        return f"{self._root}/{sha256}{suffix}"


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as reader:
        return _copy(reader, None)


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
            file.flush()
            os.fsync(file.fileno())
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
