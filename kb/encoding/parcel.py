"""A model's files as they are sent to workers: named, measured and known by their hashes.

What a worker was sent is kept on its node's disk, in a folder named by the hash of all of it, so
that each node is sent a model once. What is kept there is hashed again before it is loaded.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from kb.locking import WriterLock

#: Bytes sent at a time: a worker needs no memory for more.
PIECE = 32 << 20
#: Seconds another worker of a node is waited for, which is being sent the same.
PATIENCE = 3600.0
#: Seconds after which a kept model that nobody has used is removed.
KEPT = 14 * 86400.0
#: The same weights again, for other programs than the one that loads them here.
_OTHERS = frozenset({"onnx", "openvino", "coreml"})
_WEIGHTS = "model.safetensors"
_OTHER_WEIGHTS = frozenset(
    {"pytorch_model.bin", "tf_model.h5", "flax_model.msgpack", "rust_model.ot"}
)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a model; `name` is its path in the folder, with `/`."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Parcel:
    """The files of a model, without their bytes."""

    files: tuple[PackedFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @cached_property
    def code(self) -> str:
        """The hash of all that is in it."""
        told = "\n".join(f"{file.sha256} {file.size} {file.name}" for file in self.files)
        return hashlib.sha256(told.encode()).hexdigest()


def pack(folder: Path) -> Parcel:
    """Return what a model's folder holds, as far as it is loaded; OSError."""
    return Parcel(tuple(_packed(folder, path) for path in _wanted(folder)))


def pieces(folder: Path, parcel: Parcel) -> Iterator[bytes]:
    """Yield the bytes of a parcel's files, one file after the other, a piece at a time; OSError."""
    for file in parcel.files:
        with (folder / file.name).open("rb") as stream:
            while piece := stream.read(PIECE):
                yield piece


class Shelf:
    """Where a node keeps the models its workers were sent; none but this user may look into it."""

    def __init__(self, root: Path | None = None) -> None:
        """Use a folder below the system's for temporary files, unless given one; OSError."""
        user = os.getuid() if hasattr(os, "getuid") else ""
        self._root = root or Path(tempfile.gettempdir()) / f"policykb-models-{user}"
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = self._root.lstat()
        if hasattr(os, "getuid") and (about.st_uid != user or about.st_mode & 0o077):
            raise PermissionError(f"{self._root} belongs to another user, or is open to others")

    def folder(self, parcel: Parcel, arriving: Iterable[bytes] | None) -> Path | None:
        """Return the folder of a model, made of what arrives where it is not kept.

        None where it is not kept and nothing arrives. Workers of a node take turns, so that it is
        written once. Raises ValueError for bytes that are not those of the parcel, HomeLocked.
        """
        with WriterLock(self._root / "lock", PATIENCE).held():
            folder = self._root / parcel.code
            if not _is_whole(folder, parcel):
                if arriving is None:
                    return None
                self._write(folder, parcel, arriving)
            os.utime(folder)
            return folder

    def _write(self, folder: Path, parcel: Parcel, arriving: Iterable[bytes]) -> None:
        self._clear(folder)
        draft = folder.with_suffix(".part")
        draft.mkdir()
        stream = iter(arriving)
        for file in parcel.files:
            _receive(_inside(draft, file.name), file, stream)
        draft.rename(folder)

    def _clear(self, folder: Path) -> None:
        """Remove what is damaged, was cut short or has long not been used."""
        oldest = time.time() - KEPT
        for other in self._root.iterdir():
            with suppress(FileNotFoundError):
                spent = other.suffix == ".part" or other.stat().st_mtime < oldest
                if other.is_dir() and (other == folder or spent):
                    shutil.rmtree(other)


def _wanted(folder: Path) -> list[Path]:
    found = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        again = path.name in _OTHER_WEIGHTS and (path.parent / _WEIGHTS).exists()
        if path.is_file() and not hidden and not again and not _OTHERS.intersection(parts[:-1]):
            found.append(path)
    return found


def _packed(folder: Path, path: Path) -> PackedFile:
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return PackedFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256)


def _is_whole(folder: Path, parcel: Parcel) -> bool:
    try:
        return all(_packed(folder, folder / file.name) == file for file in parcel.files)
    except OSError:
        return False


def _inside(folder: Path, name: str) -> Path:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name:
        raise ValueError(f"{name!r} is no path inside a model's folder")
    return folder / path


def _receive(path: Path, file: PackedFile, stream: Iterator[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    left, digest = file.size, hashlib.sha256()
    with path.open("wb") as out:
        while left > 0:
            piece = next(stream, b"")
            if not piece or len(piece) > left:
                break
            out.write(piece)
            digest.update(piece)
            left -= len(piece)
    if left or digest.hexdigest() != file.sha256:
        raise ValueError(f"{file.name} is not what it was when it was sent: try again")
