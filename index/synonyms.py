"""Other names of what a query names: abbreviations and synonyms, from files people edit.

A line holds names of one thing, with `=` between them: `新能源汽车 = NEV = 新能源车`. What follows
`#` is a comment. Files are read in order; names that share one are put together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.simplify import simplified

SHIPPED = Path(__file__).parent / "data" / "synonyms.txt"
# A shorter name stands inside too many other words.
SHORTEST = 2
# Bounds on what a file and a query may ask for.
LONGEST = 40
MOST_NAMES = 50_000
MOST_IN_QUERY = 8
MOST_ALTERNATIVES = 6


@dataclass(frozen=True, slots=True)
class Named:
    """A name found in a query, as folded there, and the other names of the same thing."""

    name: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Groups of names by each of their names."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Lengths of the names that start with two signs, the longest first.
    _lengths: dict[str, list[int]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Note how long names are by how they start: few of a query's places start one."""
        lengths: dict[str, set[int]] = {}
        for name in self.groups:
            lengths.setdefault(name[:SHORTEST], set()).add(len(name))
        ordered = {start: sorted(found, reverse=True) for start, found in lengths.items()}
        object.__setattr__(self, "_lengths", ordered)

    def in_query(self, query: str) -> list[Named]:
        """Return the names a folded query holds, the longest at each place, none overlapping.

        A name of letters and digits counts only as a whole word.
        """
        found: dict[str, Named] = {}
        at = 0
        while at < len(query) and len(found) < MOST_IN_QUERY:
            name = self._longest_at(query, at)
            if name:
                found.setdefault(name, Named(name, self._others(name)))
            at += max(len(name), 1)
        return list(found.values())

    def _longest_at(self, query: str, at: int) -> str:
        for length in self._lengths.get(query[at : at + SHORTEST], ()):
            name = query[at : at + length]
            if name in self.groups and _stands_alone(query, at, at + length):
                return name
        return ""

    def _others(self, name: str) -> tuple[str, ...]:
        others = (other for other in self.groups[name] if other != name)
        return tuple(others)[:MOST_ALTERNATIVES]


NONE = Synonyms()


def fold(text: str) -> str:
    """Return text as names are compared: NFKC, simplified, lower case."""
    return simplified(unicodedata.normalize("NFKC", text)).lower()


def load_synonyms(*paths: Path) -> Synonyms:
    """Read the shipped file, then those of `paths` that exist, as `read_synonyms` does."""
    return read_synonyms(*((path.name, path.read_bytes()) for path in paths if path.is_file()))


def read_synonyms(*files: tuple[str, bytes]) -> Synonyms:
    """Read the shipped file, then `files`, each a name for errors and what it holds.

    Raises ValueError for a line that names nothing or only one thing, naming file and line, and
    for a file that is not UTF-8.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for name, data in ((SHIPPED.name, SHIPPED.read_bytes()), *files):
        for names in _lines(name, data):
            _join(groups, names)
    return Synonyms(groups)


def names_in(name: str, data: bytes) -> int:
    """Return how many things a file names; ValueError as `read_synonyms`."""
    return sum(1 for _ in _lines(name, data))


def _lines(source: str, data: bytes) -> Iterable[tuple[str, ...]]:
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{source} is not UTF-8 text: save it as such") from error
    for number, line in enumerate(lines, start=1):
        written = line.partition("#")[0].strip()
        if not written:
            continue
        names = tuple(re.sub(r"\s+", " ", fold(part)).strip() for part in written.split("="))
        if len(names) < 2 or not all(SHORTEST <= len(name) <= LONGEST for name in names):
            raise ValueError(
                f"{source}, line {number}: {written!r} is not two or more names of "
                f"{SHORTEST} to {LONGEST} characters with = between them"
            )
        if number > MOST_NAMES:
            raise ValueError(f"{source} has more than {MOST_NAMES} lines: shorten it")
        yield names


def _join(groups: dict[str, tuple[str, ...]], names: tuple[str, ...]) -> None:
    joined = dict.fromkeys(names)
    for name in names:
        joined.update(dict.fromkeys(groups.get(name, ())))
    group = tuple(joined)
    groups.update(dict.fromkeys(group, group))


def _stands_alone(query: str, start: int, end: int) -> bool:
    """Tell whether no letter or digit of a foreign word is cut at either side."""
    before, after = query[start - 1 : start], query[end : end + 1]
    cut_before = before.isascii() and before.isalnum() and query[start].isascii()
    cut_after = after.isascii() and after.isalnum() and query[end - 1].isascii()
    return not cut_before and not cut_after
