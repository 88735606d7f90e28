"""The files of a knowledge base's own that say how its documents are read and searched.

registry.csv   bodies (kb.registry)
synonyms.txt   other names of things (index.synonyms)

They are in the home's folder, where people may edit them; where several hosts share a store, in
that, so that they are the same for all.
"""

from __future__ import annotations

import logging
from collections.abc import Hashable
from pathlib import Path
from typing import Protocol

from kb.originals import write_durably
from kb.store.own_files import OwnFileTable
from kb.store.writing import SqlStore

logger = logging.getLogger(__name__)

REGISTRY = "registry.csv"
SYNONYMS = "synonyms.txt"
OWN_FILES = (REGISTRY, SYNONYMS)


class OwnFiles(Protocol):
    """Where the files are kept."""

    def mark(self, name: str) -> Hashable:
        """Return what is another whenever a file is; None where there is none."""
        ...

    def data(self, name: str) -> bytes | None:
        """Return what a file holds; None where there is none."""
        ...

    def put(self, name: str, data: bytes | None) -> None:
        """Put a file in the place of the one before, or remove it; under the writer's lock."""
        ...

    def place(self) -> str:
        """Return where they are, for people."""
        ...


class FolderFiles:
    """Files in a home's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def mark(self, name: str) -> Hashable:
        """Return the file's number, time and size."""
        try:
            found = (self._folder / name).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def data(self, name: str) -> bytes | None:
        """Return the file's bytes."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, data: bytes | None) -> None:
        """Write the file in one step, or remove it."""
        if data is None:
            (self._folder / name).unlink(missing_ok=True)
        else:
            write_durably(self._folder / name, data)

    def place(self) -> str:
        """Return the folder."""
        return str(self._folder)


class SharedFiles:
    """Files in a store that hosts share."""

    def __init__(self, store: SqlStore) -> None:
        self._table = OwnFileTable.beside(store)

    def mark(self, name: str) -> Hashable:
        """Return the revision of the store that the file came with."""
        return self._table.revision_of(name)

    def data(self, name: str) -> bytes | None:
        """Return the file's bytes."""
        return self._table.data(name)

    def put(self, name: str, data: bytes | None) -> None:
        """Write or remove the file in one transaction."""
        self._table.put(name, data)

    def place(self) -> str:
        """Return that it is the store."""
        return "the shared store"


def own_files(home: Path, store: SqlStore) -> OwnFiles:
    """Return where the files of a knowledge base are."""
    return SharedFiles(store) if store.is_shared else FolderFiles(home)


def warn_of_unused(home: Path, store: SqlStore) -> None:
    """Say which files lie in a home where those of the shared store hold."""
    if not store.is_shared:
        return
    commands = {REGISTRY: "registry", SYNONYMS: "synonyms"}
    for name, command in commands.items():
        if (home / name).is_file():
            logger.warning(
                "%s is not used: the store is shared, and with it what all its hosts go by; put it "
                "there by `policykb %s use %s`, then remove it here",
                home / name,
                command,
                home / name,
            )
