"""What every part of the facade stands on: an opened home and its index."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from kb.context import Context
from kb.errors import InvalidInput
from kb.homes import Home, open_home
from kb.indexing import IndexKeeper
from kb.seams import errors_mapped


class Opened:
    """A knowledge base that is open."""

    def __init__(self, home: Home, *, read_only: bool = False) -> None:
        """Hold an opened home; use `open`."""
        self._home = home
        self._read_only = read_only
        self._keeper = self._new_keeper()

    @classmethod
    def open(cls, home: Path | None = None, *, read_only: bool = False) -> Self:
        """Open the knowledge base at `home`, made if it is not there.

        `home` defaults to `$POLICYKB_HOME`, else the platform's folder for user data. With
        `read_only` nothing is made or written. Raises HomeProblem and its kinds, StorageProblem.
        """
        with errors_mapped():
            return cls(open_home(home, read_only=read_only), read_only=read_only)

    @property
    def home(self) -> Path:
        """The folder it lives in."""
        return self._home.path

    @errors_mapped()
    def revision(self) -> int:
        """Return a number that grows with every change; a cache key for answers shown."""
        return self._home.store.revision()

    def close(self) -> None:
        """Let go of files and connections."""
        self._home.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def context(self) -> Context:
        """What searching and answering see of this knowledge base."""
        return self._keeper

    def _new_keeper(self) -> IndexKeeper:
        home = self._home
        return IndexKeeper(
            home.path, home.settings, home.store, home.lock, read_only=self._read_only
        )

    def _check_writable(self) -> None:
        if self._read_only:
            message = f"{self.home} was opened for reading only: open it without read_only"
            raise InvalidInput(message, field="read_only")
