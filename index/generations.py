"""Publish an index by generation: build a folder aside, then swing one pointer to it.

    ROOT/CURRENT                  name of the published generation
    ROOT/generations/00000007/    a whole generation, never written to again
    ROOT/generations/.building-*  one being built, or left by a process that died; swept away

A reader opens what CURRENT names and keeps it, by open files and mapped memory, for as long as it
likes; a crash at any instant leaves CURRENT naming a whole generation.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import IndexDamaged, IndexMissing
from index.manifest import REBUILD

POINTER = "CURRENT"
FOLDER = "generations"
BUILDING = ".building-"
# The current one, and the one before it for a reader that has read CURRENT and not yet opened it.
KEPT = 2


def current(root: Path) -> int | None:
    """Return the number of the published generation, None where none was ever published.

    Raises IndexDamaged when the pointer does not hold a number.
    """
    pointer = root / POINTER
    try:
        name = pointer.read_text("ascii").strip()
        return int(name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{pointer} cannot be read ({error}): {REBUILD}") from error


def require_current(root: Path) -> int:
    """Return the number of the published generation; raise IndexMissing where there is none."""
    number = current(root)
    if number is None:
        raise IndexMissing(f"no index has been published in {root}: {REBUILD}")
    return number


def folder_of(root: Path, generation: int) -> Path:
    """Return the folder of a generation, which need not exist."""
    return root / FOLDER / f"{generation:08d}"


def next_number(root: Path) -> int:
    """Return a number above every generation present, published or not."""
    numbers = [int(path.name) for path in _finished(root)]
    with suppress(IndexDamaged):  # a broken pointer must not stop the rebuild that mends it
        numbers.append(current(root) or 0)
    return max(numbers, default=0) + 1


@contextmanager
def building(root: Path) -> Iterator[Path]:
    """Give a new empty folder to build a generation in; removed on leaving unless published."""
    parent = root / FOLDER
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f"{BUILDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = parent / f"{BUILDING}{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(root: Path, folder: Path, generation: int) -> Path:
    """Make a built folder the current generation, durably, and prune old ones."""
    for path in folder.rglob("*"):
        _sync(path)
    _sync(folder)
    final = folder_of(root, generation)
    folder.rename(final)
    _sync(final.parent)
    _point(root, final.name)
    prune(root, generation)
    return final


def prune(root: Path, generation: int) -> None:
    """Remove all but the newest `KEPT` generations up to `generation`.

    A folder that cannot be removed now (a reader on Windows holds its files) goes with a later
    call.
    """
    old = sorted(path for path in _finished(root) if int(path.name) <= generation)
    for path in old[:-KEPT]:
        shutil.rmtree(path, ignore_errors=True)


def clone(source: Path, target: Path, copied: tuple[str, ...] = ()) -> None:
    """Hard-link every file of a folder into a new one; files named in `copied` are copied.

    Only sound for files that are replaced and never written in place.
    """
    target.mkdir()
    for path in source.iterdir():
        if path.name in copied:
            shutil.copyfile(path, target / path.name)
            continue
        link(path, target / path.name)


def link(source: Path, target: Path) -> None:
    """Hard-link a file that is never written in place; copy it where links are unknown."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def sizes(folder: Path) -> dict[str, int]:
    """Return the size in bytes of every file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _finished(root: Path) -> list[Path]:
    parent = root / FOLDER
    if not parent.is_dir():
        return []
    return [path for path in parent.iterdir() if path.name.isascii() and path.name.isdigit()]


def _point(root: Path, name: str) -> None:
    draft = root / f"{POINTER}.new"
    with draft.open("w", encoding="ascii") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(root / POINTER)
    _sync(root)


def _sync(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot open a folder to flush it
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
