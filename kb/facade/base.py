"""What every part of the facade stands on: an opened home and its index."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from inspect import isfunction, isgeneratorfunction
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from ingest.ministries import using
from kb.context import Context
from kb.errors import InvalidInput, StorageProblem
from kb.homes import Home, open_home
from kb.indexing import IndexKeeper
from kb.own_files import own_files, warn_of_unused
from kb.recovery import recover
from kb.registry import registry_of
from kb.seams import errors_mapped

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Opened:
    """A knowledge base that is open.

    Every public method of the classes made of it runs with this knowledge base's registry of
    bodies in force (`ingest.ministries`), one and the same from its first line to its last.
    """

    def __init_subclass__(cls, **given: Any) -> None:
        """Put the registry in force around what a part of the facade adds."""
        super().__init_subclass__(**given)
        for name, member in list(vars(cls).items()):
            if isfunction(member) and not name.startswith("_"):
                setattr(cls, name, _under_its_registry(member))

    def __init__(self, home: Home, *, read_only: bool = False) -> None:
        """Hold an opened home; use `open`."""
        self._home = home
        self._registry = registry_of(home.path, home.store)
        self._read_only = read_only or home.read_only
        self._keeper = self._new_keeper()

    @classmethod
    def open(cls, home: str | Path | None = None, *, read_only: bool = False) -> Self:
        """Open the knowledge base in the folder `home`, made if it is not there.

        `home` defaults to `$POLICYKB_HOME`, else the platform's folder for user data. With
        `read_only` nothing is made or written, nor where this process may not write. Raises
        HomeProblem and its kinds, StorageProblem.
        """
        with errors_mapped():
            path = Path(home) if home else None
            opened = cls(open_home(path, read_only=read_only), read_only=read_only)
            warn_of_unused(opened.home, opened._home.store)
            if not read_only:
                recover(opened._home, opened._registry)
            return opened

    @property
    def home(self) -> Path:
        """The folder it lives in."""
        return self._home.path

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed: so opened, or not permitted to this process."""
        return self._read_only

    @errors_mapped()
    def revision(self) -> int:
        """Return a number that grows with every change; `state` is the key to keep answers by."""
        return self._home.store.revision()

    @errors_mapped()
    def state(self) -> int:
        """Return a number that grows whenever other passages may be found than before.

        That is with every change, and again when the index has followed it.
        """
        return self._home.store.revision() + self._keeper.indexed_revision()

    def close(self) -> None:
        """Let go of files, connections and memory."""
        self._keeper.close()
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
        kind: type[IndexKeeper] = IndexKeeper
        if home.settings.index:
            from kb.outside import OutsideKeeper

            kind = OutsideKeeper
        files = own_files(home.path, home.store)
        return kind(
            home.path,
            home.settings,
            home.store,
            home.lock,
            read_only=self._read_only,
            own_files=files,
        )

    def _check_whole(self) -> None:
        """Refuse what concerns all of a knowledge base where only a part is open."""

    def _check_writable(self) -> None:
        if self._home.read_only:
            raise StorageProblem(
                f"{self.home} cannot be written to, and was opened for reading only: change its "
                "permissions, or copy it to a disk that is not read-only"
            )
        if self._read_only:
            message = f"{self.home} was opened for reading only: open it without read_only"
            raise InvalidInput(message, field="read_only")


def _under_its_registry(
    method: Callable[Concatenate[Any, _P], _R],
) -> Callable[Concatenate[Any, _P], _R]:
    if isgeneratorfunction(method):
        message = f"{method.__qualname__} would run outside its registry: return a list"
        raise TypeError(message)

    @wraps(method)
    def called(base: Any, /, *args: _P.args, **named: _P.kwargs) -> _R:
        with using(cache(base._registry.current)):
            return method(base, *args, **named)

    return called
