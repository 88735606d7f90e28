"""Registry files: CSV tables with a row for each body.

name        full name; the one column a file must have
names       other names, parted by |
kind        what it is: ministry, bureau, party, enterprise, local, or any word of one's own
parent      full name of what it is part of
since       first day it existed, YYYY-MM-DD; empty where always or not known
until       first day it no longer existed; empty where it still does
successors  full names of what took over, parted by |
source      the act that says so
checked     where that was looked up; empty where nobody has

A row replaces the one of the same name in the files before it.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

from ingest.registry import Ministry, Registry, plain, spellings

COLUMNS = (
    "name",
    "names",
    "kind",
    "parent",
    "since",
    "until",
    "successors",
    "source",
    "checked",
)
MOST_BYTES = 8 << 20
#: A name of one character would be found in every sentence.
_SHORTEST, _LONGEST = 2, 100
_SHOWN = 10
SHIPPED = "ministries.csv"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of one line; lines count from 1, the header's."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.message}"


class RegistryError(ValueError):
    """A registry file cannot be used; `faults` has every reason found."""

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        shown = "; ".join(map(str, self.faults[:_SHOWN]))
        more = len(self.faults) - _SHOWN
        super().__init__(f"{source}: {shown}" + (f"; and {more} more" if more > 0 else ""))


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    ministry: Ministry


def read_registry(*extra: Path) -> Registry:
    """Read the shipped registry and further files, each over those before it.

    Raises RegistryError, and OSError for a file that cannot be read.
    """
    registry = parse_registry(
        SHIPPED, files("ingest").joinpath("data", SHIPPED).read_text(encoding="utf-8")
    )
    for path in extra:
        registry = parse_registry(str(path), read_table(path), registry)
    return registry


def read_table(path: Path) -> str:
    """Return a registry file's text, UTF-8 or, as spreadsheets here save it, GB 18030.

    Raises RegistryError where it is too large or no text, OSError where it cannot be read.
    """
    if path.stat().st_size > MOST_BYTES:
        limit = f"larger than {MOST_BYTES >> 20} MiB: this is no registry"
        raise RegistryError(str(path), [Fault(1, "file", limit)])
    return table_of(str(path), path.read_bytes())


def table_of(source: str, data: bytes) -> str:
    """Return the text of a registry file's bytes, as `read_table`; `source` stands in errors."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    fault = Fault(1, "file", "neither UTF-8 nor GB 18030 text: save it as CSV UTF-8")
    raise RegistryError(source, [fault])


def parse_registry(source: str, table: str, onto: Registry | None = None) -> Registry:
    """Return a registry of a table's rows, over those of `onto`; `source` stands in errors.

    Raises RegistryError naming the line and field of everything that is wrong.
    """
    faults: list[Fault] = []
    rows = list(_rows(table, faults))
    ministries = dict(onto.ministries) if onto else {}
    ministries |= {row.ministry.name: row.ministry for row in rows}
    faults.extend(_repeated(rows))
    faults.extend(_ambiguous(rows, ministries))
    for row in rows:
        faults.extend(_wrong_succession(row, ministries))
    if faults:
        raise RegistryError(source, sorted(faults, key=lambda fault: fault.line))
    return Registry(ministries.values())


def write_table(rows: Iterable[Ministry]) -> str:
    """Write bodies as a registry file's text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        values = (getattr(row, column) for column in COLUMNS)
        writer.writerow("|".join(v) if isinstance(v, tuple) else v or "" for v in values)
    return out.getvalue()


def _rows(table: str, faults: list[Fault]) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(table, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(reader, [])]
        faults.extend(_wrong_header(header))
        if "name" not in header:
            return
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = reader.line_num
            if len(cells) > len(header):
                said = f"{len(cells)} cells under {len(header)} columns: quote commas in names"
                faults.append(Fault(line, header[-1], said))
                continue
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            found = list(_wrong_values(line, values))
            faults.extend(found)
            if not found:
                yield _Row(line, _ministry(values))
    except csv.Error as error:
        faults.append(Fault(reader.line_num, "row", f"not CSV: {error}"))


def _wrong_header(header: list[str]) -> Iterator[Fault]:
    if "name" not in header:
        yield Fault(1, "name", f"this column is missing: the header is {','.join(COLUMNS)}")
    for at, column in enumerate(header):
        if column not in COLUMNS:
            yield Fault(1, column or f"column {at + 1}", f"not one of {', '.join(COLUMNS)}")
        elif column in header[:at]:
            yield Fault(1, column, "this column is there twice")


def _wrong_values(line: int, values: Mapping[str, str]) -> Iterator[Fault]:
    if not values.get("name"):
        yield Fault(line, "name", "is empty")
    for field in ("name", "names", "successors"):
        for name in _listed(values.get(field, "")) if field != "name" else [values["name"]]:
            if name and not _SHORTEST <= len(plain(name)) <= _LONGEST:
                said = f"{name[:20]!r} has not {_SHORTEST} to {_LONGEST} characters"
                yield Fault(line, field, said)
    for field, value in values.items():
        if any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in value):
            yield Fault(line, field, "holds line breaks or control characters")
    dates: dict[str, date] = {}
    for field in ("since", "until"):
        try:
            if values.get(field):
                dates[field] = date.fromisoformat(values[field])
        except ValueError:
            yield Fault(line, field, f"{values[field]!r} is no date: write YYYY-MM-DD")
    if len(dates) == 2 and dates["since"] >= dates["until"]:
        yield Fault(line, "until", f"{dates['until']} is not after since {dates['since']}")
    if values.get("successors") and not values.get("until"):
        yield Fault(line, "until", "is empty, but successors are named: say when they took over")


def _repeated(rows: Iterable[_Row]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row in rows:
        line = first.setdefault(plain(row.ministry.name), row.line)
        if line != row.line:
            yield Fault(row.line, "name", f"{row.ministry.name} is on line {line} already")


def _ambiguous(rows: Iterable[_Row], ministries: Mapping[str, Ministry]) -> Iterator[Fault]:
    """Find names that two bodies have at one time: no date could tell them apart."""
    owners: dict[str, list[Ministry]] = {}
    for ministry in ministries.values():
        for name in spellings(ministry):
            owners.setdefault(name, []).append(ministry)
    for row in rows:
        for name in spellings(row.ministry):
            for other in owners[name]:
                if other.name != row.ministry.name and _overlap(row.ministry, other):
                    field = "name" if name == row.ministry.name else "names"
                    said = f"{name} is also {other.name}: leave it to one, or give that a row"
                    yield Fault(row.line, field, said)


def _overlap(one: Ministry, other: Ministry) -> bool:
    begins = max(one.since or date.min, other.since or date.min)
    return begins < min(one.until or date.max, other.until or date.max)


def _wrong_succession(row: _Row, ministries: Mapping[str, Ministry]) -> Iterator[Fault]:
    for name in row.ministry.successors:
        if name not in ministries:
            yield Fault(row.line, "successors", f"{name} has no row of its own")
        elif _leads_back(name, row.ministry.name, ministries):
            yield Fault(row.line, "successors", f"{name} leads back to {row.ministry.name}")


def _leads_back(start: str, goal: str, ministries: Mapping[str, Ministry]) -> bool:
    waiting, seen = [start], set[str]()
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen and name in ministries:
            seen.add(name)
            waiting.extend(ministries[name].successors)
    return False


def _ministry(values: Mapping[str, str]) -> Ministry:
    def day(field: str) -> date | None:
        return date.fromisoformat(values[field]) if values.get(field) else None

    return Ministry(
        name=plain(values["name"]),
        names=_listed(values.get("names", "")),
        kind=values.get("kind", ""),
        parent=values.get("parent") or None,
        since=day("since"),
        until=day("until"),
        successors=tuple(map(plain, _listed(values.get("successors", "")))),
        source=values.get("source", ""),
        checked=values.get("checked", ""),
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in re.split(r"[|｜]", cell))))
