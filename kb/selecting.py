"""Find the files that paths, folders and globs stand for."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest import SUFFIXES
from kb.errors import InvalidInput

_UNSAFE = frozenset('<>:"|?*')
#: Bytes; file systems allow 255 for a name with its suffix.
LONGEST_STEM = 200


@dataclass(frozen=True, slots=True)
class Selection:
    """Files to add, each once and in order, and the arguments that stand for none, with why."""

    files: tuple[Path, ...]
    missing: tuple[tuple[str, str], ...]


def select(paths: Sequence[str | Path]) -> Selection:
    """Expand folders (recursively, hidden files and other formats left out) and globs.

    A file named outright is taken whatever its name; a pattern is tried where no file has the
    argument's own name.
    """
    files: dict[Path, None] = {}
    missing: list[tuple[str, str]] = []
    for argument in map(str, paths):
        found, reason = _expand(argument)
        files.update(dict.fromkeys(found))
        if reason is not None:
            missing.append((argument, reason))
    return Selection(tuple(files), tuple(missing))


def safe_name(name: str) -> str:
    """Return the last part of an uploaded file's name, safe to put on any disk.

    Raises InvalidInput where nothing of it is left.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(char if char.isprintable() and char not in _UNSAFE else "_" for char in last)
    stem, dot, suffix = kept.strip(" .").rpartition(".")
    stem, suffix = (stem, suffix[:10]) if dot else (suffix, "")
    while len(stem.encode()) > LONGEST_STEM:
        stem = stem[:-1]
    if not stem.strip("_ "):
        raise InvalidInput(f"{name!r} is no file name: give the upload one", field="name")
    return f"{stem}{dot}{suffix}"


def _expand(argument: str) -> tuple[list[Path], str | None]:
    """Return an argument's files, and why there are none if there are none."""
    path = Path(argument).expanduser()
    if path.is_dir():
        found = sorted(_documents_in(path))
        kinds = " ".join(sorted(SUFFIXES))
        return found, None if found else f"{argument}: no documents in this folder ({kinds})"
    if path.exists():
        return [path], None
    if glob.has_magic(argument):
        # Path.glob knows no absolute patterns.
        matches = sorted(map(Path, glob.glob(str(path), recursive=True)))  # noqa: PTH207
        nested = (_documents_in(match) if match.is_dir() else [match] for match in matches)
        found = [file for files in nested for file in files]
        return found, None if found else f"{argument}: no file matches this pattern"
    return [], f"{argument}: no such file or folder"


def _documents_in(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in SUFFIXES and path.is_file():
            yield path
