"""What comparing answers with; field names are those of the JSON documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from kb.types import Box

Op = Literal["equal", "insert", "delete", "replace"]
ChangeStatus = Literal["added", "removed", "moved", "changed", "moved+changed", "unchanged"]
FindingKind = Literal["quotation", "title", "number"]
FindingStatus = Literal["exact", "altered", "not-found"]

CHANGE_STATUSES: tuple[ChangeStatus, ...] = (
    "added",
    "removed",
    "moved",
    "changed",
    "moved+changed",
    "unchanged",
)


class Upload(NamedTuple):
    """A file that is not on this disk: its name, which tells its format, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class WordChange:
    """A run of words of the old text and what the new one has in its place.

    The runs of a change in order give back both texts, character for character; in an "equal" run
    they may differ in white space, width and quotation marks.
    """

    op: Op
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ComparedDocument:
    """One side of a comparison; `clauses` counts its numbered provisions."""

    document_id: str
    title: str
    document_number: str | None
    name: str
    pages: int
    clauses: int


@dataclass(frozen=True, slots=True)
class ComparedClause:
    """A provision, or a paragraph outside any (`clause_id` None; `number` None if unnumbered)."""

    clause_id: str | None
    document_id: str
    number: str | None
    heading_path: tuple[str, ...]
    text: str
    page: int
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one clause; `old` is None where it was added, `new` where removed."""

    status: ChangeStatus
    old: ComparedClause | None
    new: ComparedClause | None
    words: tuple[WordChange, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two versions clause by clause, in the new one's order, unchanged clauses included.

    What was removed stands where it stood among its neighbours. `counts` has every status.
    """

    old: ComparedDocument
    new: ComparedDocument
    counts: dict[str, int]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a quotation, title or number of a draft stands in the knowledge base.

    `text` is the base's wording; `differences` lead from it to the draft's, empty where exact.
    """

    document_id: str
    title: str
    page: int
    clause: str | None
    text: str
    boxes: tuple[Box, ...]
    differences: tuple[WordChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One quotation, title or document number of a draft, and what the base has for it.

    `text` is without its quotation marks or brackets; `message` says what to look at.
    """

    kind: FindingKind
    text: str
    page: int
    clause: str | None
    boxes: tuple[Box, ...]
    status: FindingStatus
    matches: tuple[Match, ...]
    message: str


@dataclass(frozen=True, slots=True)
class DraftCheck:
    """Every quotation, title and number of a draft, in its order.

    `counts` has "exact", "altered", "not-found", and "skipped": quotations too short to check, and
    short names of documents named before.
    """

    document: ComparedDocument
    counts: dict[str, int]
    findings: tuple[Finding, ...]
