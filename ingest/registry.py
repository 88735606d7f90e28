"""Every known body, found by any of its names as of a date."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ingest.registry_local import full_local_name, local_name_end

# Characters by which names are looked up in a text; no name is shorter.
_KEY = 2
# Laws name the State Council's departments by what they are for, in whatever words are at hand.
_FUNCTION = re.compile(r"(国务院.+)主管部门")
_FUNCTION_ENDS = ("主管部门", "行政主管部门", "行政部门", "行政管理部门", "管理部门", "部门")
_SUPERVISION = re.compile(r"(国务院.+)监督管理(?:部门|机构)")
_SUPERVISION_ENDS = ("监督管理部门", "监督管理机构", "监管部门", "监管机构")


@dataclass(frozen=True, slots=True)
class Ministry:
    """A body: what it is called, what it is part of, when it existed and what became of it.

    It ended the day before `until`. `source` is the act that says so, `checked` where that was
    looked up.
    """

    name: str
    names: tuple[str, ...] = ()
    kind: str = ""
    parent: str | None = None
    since: date | None = None
    until: date | None = None
    successors: tuple[str, ...] = ()
    source: str = ""
    checked: str = ""

    def existed(self, on: date | None) -> bool:
        """Tell whether it existed on a date; None means today."""
        if on is None:
            return self.until is None
        began = self.since is None or self.since <= on
        return began and (self.until is None or on < self.until)

    def ended(self, on: date | None) -> bool:
        """Tell whether it had ended by a date; None means today."""
        return self.until is not None and (on is None or on >= self.until)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The body a name stands for, and the names that led there, none where it is its full name.

    `known` is false for a name that the registry does not have.
    """

    name: str
    matched_via: tuple[str, ...] = ()
    known: bool = True


class Registry:
    """Bodies by name; two that shared a name at different times are told apart by the date."""

    def __init__(self, ministries: Iterable[Ministry]) -> None:
        self.ministries = {ministry.name: ministry for ministry in ministries}
        self._by_name: dict[str, list[Ministry]] = {}
        self._predecessors: dict[str, list[str]] = {}
        for ministry in self.ministries.values():
            for name in spellings(ministry):
                self._by_name.setdefault(name, []).append(ministry)
            for successor in ministry.successors:
                self._predecessors.setdefault(successor, []).append(ministry.name)
        lengths: dict[str, set[int]] = {}
        for name in self._by_name:
            lengths.setdefault(name[:_KEY], set()).add(len(name))
        self._lengths = {key: sorted(found, reverse=True) for key, found in lengths.items()}
        self._resolved = lru_cache(maxsize=4096)(self._resolve)

    def __reduce__(self) -> tuple[type[Registry], tuple[tuple[Ministry, ...]]]:
        """Travel to another process as the rows alone."""
        return Registry, (tuple(self.ministries.values()),)

    def resolve(self, name: str, on: date | None = None) -> Resolution:
        """Find the body a name stands for on a date; None means today.

        A body that had ended by then gives way to its successor, where there is only one.
        """
        return self._resolved(name, on)

    def _resolve(self, name: str, on: date | None) -> Resolution:
        asked = plain(name)
        candidates = self._called(asked)
        if not candidates:
            local = full_local_name(asked)
            if local is None:
                return Resolution(name.strip(), (), known=False)
            return Resolution(local, (asked,) if local != asked else ())
        ministry = _of_the_time(candidates, on)
        chain = [asked]
        while ministry.ended(on) and len(ministry.successors) == 1:
            chain.append(ministry.name)
            ministry = self.ministries[ministry.successors[0]]
        via = (step for step in dict.fromkeys(chain) if step != ministry.name)
        return Resolution(ministry.name, tuple(via))

    def _called(self, asked: str) -> list[Ministry]:
        """Return the bodies of a name, also where 原 or the state's name stands before it."""
        for prefix in ("", "中华人民共和国", "原"):
            found = self._by_name.get(asked.removeprefix(prefix))
            if found:
                return found
        return []

    def names_of(self, ministry: str) -> tuple[str, ...]:
        """Return every name that may stand for a body: its own, and its predecessors'."""
        found: dict[str, None] = {}
        for name in self.lineage(ministry):
            known = self.ministries.get(name)
            found.update(dict.fromkeys((name, *known.names) if known else (name,)))
        return tuple(found)

    def lineage(self, ministry: str) -> tuple[str, ...]:
        """Return the full names of a body and of all it took over, the body itself first."""
        return _reached(self.resolve(ministry).name, self.predecessors)

    def succession(self, ministry: str) -> tuple[str, ...]:
        """Return the full names of a body and of all that took it over, the body itself first."""
        return _reached(self.resolve(ministry).name, self.successors)

    def predecessors(self, name: str) -> tuple[str, ...]:
        """Return the full names of the bodies that a body took over directly."""
        return tuple(self._predecessors.get(name, ()))

    def successors(self, name: str) -> tuple[str, ...]:
        """Return the full names of the bodies that took a body over directly."""
        known = self.ministries.get(name)
        return known.successors if known else ()

    def way(self, earlier: str, later: str) -> tuple[str, ...]:
        """Return the full names from a body to one that followed it, both included.

        () where the later did not follow.
        """
        ways: list[tuple[str, ...]] = [(earlier,)]
        while ways:
            way = ways.pop(0)
            if way[-1] == later:
                return way
            ways.extend((*way, successor) for successor in self.successors(way[-1]))
        return ()

    def longest_name_at(self, text: str, start: int) -> int:
        """Return the end of the longest known name at an offset, or `start` where none is.

        A province's department is known by its form.
        """
        for length in self._lengths.get(text[start : start + _KEY], ()):
            if text[start : start + length] in self._by_name:
                return start + min(length, len(text) - start)
        return local_name_end(text, start)


def plain(name: str) -> str:
    """Write a name without spaces and with full-width brackets, as the registry has it."""
    spaceless = "".join(unicodedata.normalize("NFKC", name).split())
    return spaceless.replace("(", "（").replace(")", "）").replace(",", "、")


def spellings(ministry: Ministry) -> tuple[str, ...]:
    """Return every way to write a body's names, as `plain` writes them.

    国务院卫生主管部门 is also 国务院卫生行政部门, 国务院药品监督管理部门 国务院药品监管机构.
    """
    found: dict[str, None] = {}
    for name in map(plain, (ministry.name, *ministry.names)):
        found[name] = None
        for pattern, ends in ((_FUNCTION, _FUNCTION_ENDS), (_SUPERVISION, _SUPERVISION_ENDS)):
            match = pattern.fullmatch(name)
            if match is not None:
                found.update(dict.fromkeys(match[1] + end for end in ends))
    return tuple(found)


def _reached(name: str, following: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found[name] = None
            waiting.extend(following(name))
    return tuple(found)


def _of_the_time(candidates: list[Ministry], on: date | None) -> Ministry:
    """Choose the body that existed on a date, else the last to have ended, else the first to be."""
    existing = next((one for one in candidates if one.existed(on)), None)
    if existing is not None:
        return existing
    ended = [one for one in candidates if one.ended(on)]
    if ended:
        return max(ended, key=lambda one: one.until or date.min)
    return min(candidates, key=lambda one: one.since or date.min)
