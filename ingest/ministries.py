"""The registry in force: what the bodies that documents make responsible are called.

`data/ministries.csv` has a row for each body: full name, other names, kind, parent, the dates it
existed, what succeeded it, the act that says so and where that was looked up. A name is resolved
as of a date: 银保监会 in 2019 is 中国银行保险监督管理委员会, today it leads to
国家金融监督管理总局. Names not in the registry stay as they are written; provinces' departments
(浙江省商务厅) are known by their form.

A knowledge base may add rows of its own. Whoever works for it does so inside `using`, which holds
for that thread alone: two knowledge bases of one process never see each other's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from ingest.registry import Ministry, Registry, Resolution
from ingest.registry_file import read_registry

__all__ = [
    "Ministry",
    "Registry",
    "Resolution",
    "current_registry",
    "lineage",
    "names_of",
    "per_registry",
    "read_registry",
    "resolve",
    "shipped_registry",
    "using",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")


@lru_cache(maxsize=1)
def shipped_registry() -> Registry:
    """Return the shipped registry, read once."""
    return read_registry()


_in_force: ContextVar[Callable[[], Registry]] = ContextVar("registry", default=shipped_registry)


def current_registry() -> Registry:
    """Return the registry in force here: the shipped one, unless `using` says otherwise."""
    return _in_force.get()()


@contextmanager
def using(registry: Registry | Callable[[], Registry] | None) -> Iterator[None]:
    """Put a registry in force for what this thread does inside; None changes nothing.

    A function is called whenever the registry is needed.
    """
    if registry is None:
        yield
        return
    given = registry
    token = _in_force.set(given if callable(given) else lambda: given)
    try:
        yield
    finally:
        _in_force.reset(token)


def per_registry(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Remember what a function of hashable arguments gives under each registry."""

    def under(_registry: Registry, *args: _P.args, **named: _P.kwargs) -> _R:
        return function(*args, **named)

    kept: Callable[..., _R] = lru_cache(maxsize=4096)(under)

    @wraps(function)
    def called(*args: _P.args, **named: _P.kwargs) -> _R:
        return kept(current_registry(), *args, **named)

    return called


def resolve(name: str, on: date | None = None) -> Resolution:
    """Find the body a name stands for on a date, in the registry in force; None means today."""
    return current_registry().resolve(name, on)


def names_of(ministry: str) -> tuple[str, ...]:
    """Return every name that may stand for a body, in the registry in force."""
    return current_registry().names_of(ministry)


def lineage(ministry: str) -> tuple[str, ...]:
    """Return the full names of a body and of all it took over, in the registry in force."""
    return current_registry().lineage(ministry)
