"""Clauses, and the bodies that they make responsible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from kb.types.found import Box

Obligation = Literal["must", "must-not", "encourage", "explore"]
RoleFilter = Literal["lead", "participant", "joint", "any"]


@dataclass(frozen=True, slots=True)
class ResponsibleBody:
    """One body made responsible by a clause."""

    ministry: str
    as_written: str
    role: Literal["lead", "participant", "joint"]
    implicit: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date by which a clause wants something done, and its words."""

    due: date
    as_written: str


@dataclass(frozen=True, slots=True)
class ClauseInfo:
    """One numbered provision of a document.

    `also_in` are the other documents, and versions, that have a clause of the same id; it is
    filled where one clause is asked for.
    """

    clause_id: str
    document_id: str
    title: str
    number: str
    heading_path: tuple[str, ...]
    text: str
    page: int
    boxes: tuple[Box, ...]
    responsibility: tuple[ResponsibleBody, ...]
    obligations: tuple[Obligation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MinistryMatch:
    """A ministry by its present name, and the names in the text that led to it.

    `chains` has, for each such name, the bodies from it to the present one: ("银保监会",
    "中国银行保险监督管理委员会", "国家金融监督管理总局").
    """

    name: str
    matched_via: tuple[str, ...] = ()
    chains: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class BodyInfo:
    """One body of the registry: what it is called, when it existed, what became of it.

    It ended the day before `until`. `checked` says where the facts of `source` were looked up;
    `own` that the row is in the knowledge base's own file.
    """

    name: str
    names: tuple[str, ...]
    kind: str
    parent: str | None
    since: date | None
    until: date | None
    successors: tuple[str, ...]
    source: str
    checked: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class BodyCard:
    """What is known of the body a name stands for today.

    `body` is None for a local department, known by the form of its name, and for a name that is
    only in documents (`known` false). `predecessors` and `successors` are in full, by generation,
    nearest first. `written` has the names found in clauses, and in how many; `clauses` counts
    clauses by role, as "any", "lead", "participant" and "joint".
    """

    asked: str
    name: str
    known: bool
    matched_via: tuple[str, ...]
    body: BodyInfo | None
    predecessors: tuple[BodyInfo, ...]
    successors: tuple[BodyInfo, ...]
    written: dict[str, int]
    clauses: dict[str, int]


@dataclass(frozen=True, slots=True)
class UnknownBody:
    """A body kept as written because the registry does not know it, and a clause naming it."""

    as_written: str
    clauses: int
    documents: int
    clause_id: str
    document_id: str
    title: str
    clause: str
    page: int


@dataclass(frozen=True, slots=True)
class RegistryReport:
    """What a change of the registry did to the clauses stored.

    `bodies` are rows in the knowledge base's own file, `resolved` bodies of clauses looked at,
    `renamed` those that stand for another body now, in `documents` documents; `unknown` are names
    still not in the registry.
    """

    bodies: int
    resolved: int
    renamed: int
    documents: int
    unknown: int


@dataclass(frozen=True, slots=True)
class MinistryCount:
    """In how many clauses a body, by its present name, has which role, and how many name it."""

    name: str
    lead: int
    participant: int
    joint: int
    total: int


class ClauseList(NamedTuple):
    """Clauses, and the ministry they were asked for by.

    `total` and `counts` are of all that match, where `clauses` may be some of them; the bodies
    that most clauses name come first.
    """

    ministry: MinistryMatch | None
    clauses: tuple[ClauseInfo, ...]
    total: int = 0
    counts: tuple[MinistryCount, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A deadline, and the clause that sets it."""

    due: date
    as_written: str
    clause_id: str
    number: str
    document_id: str
    title: str
    page: int
