"""What two versions are compared by: clauses, and the paragraphs outside any.

A table of contents is left out: it says again what stands in the headings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.numbering import leading_number
from kb.comparing.plain import folded, plain
from kb.comparing.sources import Source
from kb.comparing.types import ComparedClause
from kb.records import ClauseRecord

_HEADINGS = frozenset({"annex", "part", "subpart", "chapter", "section", "ordinal", "paren"})
#: Characters of the longest line that is taken for a heading.
_LONGEST_HEADING = 60
_CONTENTS = frozenset({"目录", "目次"})
#: Between a line of a table of contents and its page number, and that number.
_LEADERS = re.compile(r"[.·…\-]*\d*$")
#: What may stand between a number and the words it numbers.
_MARKS = "、.:："


@dataclass(frozen=True, slots=True)
class Unit:
    """A clause or paragraph: characters `[start, end)` of its source, from `body` without number.

    `key` is the folded text without the number; two units of the same key say the same. `place`
    is where it stands in the numbering: headings without their own numbers, then its number.
    """

    clause_id: str | None
    number: str | None
    heading_path: tuple[str, ...]
    start: int
    body: int
    end: int
    key: str
    place: tuple[str, ...]


def units_of(source: Source) -> tuple[Unit, ...]:
    """Return a document's units in order; every visible character but contents is in one."""
    found: list[Unit] = []
    at = 0
    for clause in source.clauses:
        if clause.start < at:
            continue
        found += _paragraphs(source.text, at, clause.start)
        found.append(_clause_unit(source.text, clause))
        at = clause.end
    found += _paragraphs(source.text, at, len(source.text))
    return tuple(_without_contents(found))


def joined(units: tuple[Unit, ...], text: str) -> Unit:
    """Make one unit of neighbouring paragraphs."""
    first, last = units[0], units[-1]
    return _unit(text, first.start, last.end, first.number, first.clause_id, first.heading_path)


def shown(unit: Unit, source: Source) -> ComparedClause:
    """Return a unit as it is shown, with where it stands."""
    return ComparedClause(
        clause_id=unit.clause_id,
        document_id=source.about.document_id,
        number=unit.number,
        heading_path=unit.heading_path,
        text=source.text[unit.start : unit.end],
        page=source.page_at(unit.start),
        boxes=source.boxes(unit.start, unit.end),
    )


def _clause_unit(text: str, clause: ClauseRecord) -> Unit:
    number, path = clause.number or None, clause.heading_path
    return _unit(text, clause.start, clause.end, number, clause.clause_id, path)


def _paragraphs(text: str, start: int, end: int) -> Iterator[Unit]:
    for line in re.finditer(r"[^\n]+", text[start:end]):
        words = line.group().strip()
        if plain(words):
            at = start + line.start() + line.group().index(words)
            yield _unit(text, at, at + len(words), _heading_number(words))


def _heading_number(line: str) -> str | None:
    number = leading_number(line) if len(line) <= _LONGEST_HEADING else None
    return number.text if number is not None and number.kind in _HEADINGS else None


def _unit(
    text: str,
    start: int,
    end: int,
    number: str | None,
    clause_id: str | None = None,
    path: tuple[str, ...] = (),
) -> Unit:
    words = folded(text[start:end])
    cut = 0
    if number and words.text.startswith(plain(number)):
        cut = len(plain(number))
        while cut < len(words.text) and words.text[cut] in _MARKS:
            cut += 1
    if cut == len(words.text):
        cut = 0
    body = start + words.at[cut] if cut else start
    place = (*map(_unnumbered, path), plain(number or ""))
    return Unit(clause_id, number, path, start, body, end, words.text[cut:], place)


@lru_cache(maxsize=4096)
def _unnumbered(heading: str) -> str:
    number = leading_number(heading)
    return plain(heading[number.end :] if number is not None else heading)


def _without_contents(units: list[Unit]) -> Iterator[Unit]:
    """Leave out what stands under 目录 as long as it stands in the text again."""
    counts = Counter(unit.key for unit in units)
    within = False
    for unit in units:
        if unit.clause_id is None and unit.key in _CONTENTS:
            within = True
            continue
        # The last copy is the text's own; a contents line may carry its page behind leaders.
        entry = _LEADERS.sub("", unit.key) or unit.key
        within = within and unit.clause_id is None and counts[entry] > (entry == unit.key)
        if within:
            counts[unit.key] -= 1
            continue
        yield unit
