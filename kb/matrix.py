"""Which body has which part in which clause: a matrix of bodies and clauses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from kb.types import ClauseInfo, ResponsibleBody

Role = Literal["lead", "participant", "joint"]
ROLES: Final[tuple[Role, ...]] = ("lead", "joint", "participant")
#: Characters of a clause's first words.
_LEAD = 40
_SENTENCE_END = re.compile(r"[。；\n]")


@dataclass(frozen=True, slots=True)
class MatrixMinistry:
    """A row: a body by its present name, and in how many clauses it has a part.

    `matched_via` are the other names the clauses have for it. `implicit` tells a body that no
    clause names, such as 各有关部门.
    """

    name: str
    matched_via: tuple[str, ...]
    clauses: int
    lead: int
    participant: int
    joint: int
    implicit: bool


@dataclass(frozen=True, slots=True)
class MatrixClause:
    """A column: a clause that makes somebody responsible, and its first words."""

    clause_id: str
    document_id: str
    title: str
    number: str
    heading_path: tuple[str, ...]
    words: str
    page: int


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A body's part in a clause; `ministry` and `clause` are places in the matrix's, from 0."""

    ministry: int
    clause: int
    roles: tuple[Role, ...]
    implicit: bool
    as_written: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Bodies, most clauses first and those only implied last; clauses in document order.

    Cells are those where a body has a part, by row and column.
    """

    ministries: tuple[MatrixMinistry, ...]
    clauses: tuple[MatrixClause, ...]
    cells: tuple[MatrixCell, ...]


def matrix_of(found: Iterable[ClauseInfo]) -> Matrix:
    """Return the matrix of clauses; those that make nobody responsible are left out.

    Bodies are those of the registry in force (`ingest.ministries`).
    """
    clauses = [clause for clause in found if clause.responsibility]
    parts: dict[str, dict[int, list[ResponsibleBody]]] = defaultdict(lambda: defaultdict(list))
    via: dict[str, dict[str, None]] = defaultdict(dict)
    for column, clause in enumerate(clauses):
        for body in clause.responsibility:
            name, others = _present_name(body.ministry)
            parts[name][column].append(body)
            via[name].update(dict.fromkeys((*others, body.as_written)))
    rows = [_row(name, parts[name], via[name]) for name in parts]
    rows.sort(key=lambda row: (row.implicit, -row.clauses))
    cells = (
        _cell(at, column, bodies)
        for at, row in enumerate(rows)
        for column, bodies in sorted(parts[row.name].items())
    )
    return Matrix(tuple(rows), tuple(map(_column, clauses)), tuple(cells))


def _present_name(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a body's name today, and the names that led to it."""
    from ingest.ministries import current_registry

    resolution = current_registry().resolve(name)
    return resolution.name, resolution.matched_via


def _row(
    name: str, parts: dict[int, list[ResponsibleBody]], via: dict[str, None]
) -> MatrixMinistry:
    roles = [{body.role for body in bodies} for bodies in parts.values()]
    return MatrixMinistry(
        name=name,
        matched_via=tuple(other for other in via if other != name),
        clauses=len(parts),
        lead=sum("lead" in each for each in roles),
        participant=sum("participant" in each for each in roles),
        joint=sum("joint" in each for each in roles),
        implicit=all(body.implicit for bodies in parts.values() for body in bodies),
    )


def _cell(row: int, column: int, bodies: list[ResponsibleBody]) -> MatrixCell:
    held = {body.role for body in bodies}
    return MatrixCell(
        ministry=row,
        clause=column,
        roles=tuple(role for role in ROLES if role in held),
        implicit=all(body.implicit for body in bodies),
        as_written=tuple(dict.fromkeys(body.as_written for body in bodies)),
    )


def _column(clause: ClauseInfo) -> MatrixClause:
    text = clause.text.strip().removeprefix(clause.number).strip()
    words = _SENTENCE_END.split(text, maxsplit=1)[0]
    return MatrixClause(
        clause_id=clause.clause_id,
        document_id=clause.document_id,
        title=clause.title,
        number=clause.number,
        heading_path=clause.heading_path,
        words=words if len(words) <= _LEAD else f"{words[: _LEAD - 1]}…",
        page=clause.page,
    )
