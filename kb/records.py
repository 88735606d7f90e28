"""What the store keeps and gives back; plain values, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from kb.types import (
    NO_FILTERS,
    Box,
    Deadline,
    DocumentInfo,
    FileError,
    FileStatus,
    Filters,
    Obligation,
    RelationKind,
    ResponsibleBody,
    RoleFilter,
)

#: A document's id and the ordinal of one of its clauses.
Place: TypeAlias = tuple[str, int]
#: A clause, a body it makes responsible, by the name stored, and in which role.
FoundBody: TypeAlias = tuple[Place, str, str]


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """One passage: characters `[start, end)` of its document's text, and where they stand.

    `key` is what the index knows the passage by and is never given twice; `passage_id` is the
    same whenever the same file is read the same way.
    """

    key: int
    passage_id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    clause_id: str | None
    clause_number: str | None
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]
    title: str


@dataclass(frozen=True, slots=True)
class ClauseRecord:
    """One numbered provision of a document: whom it makes responsible, and what it asks by when.

    `targets` are the quantities it wants reached, in its own words.
    """

    clause_id: str
    document_id: str
    ordinal: int
    number: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    page: int
    boxes: tuple[Box, ...]
    responsibility: tuple[ResponsibleBody, ...]
    title: str
    obligations: tuple[Obligation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferenceRecord:
    """Another document that one names: characters `[start, end)` of its text.

    `title` is without its brackets and `number` written as `DocumentInfo.document_number` is;
    at least one is there. `clause_ordinal` is of the clause that it stands in.
    """

    kind: RelationKind
    title: str | None
    number: str | None
    as_written: str
    start: int
    end: int
    page: int
    clause_ordinal: int | None = None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page's running text; `start` is where the page begins in the document's text."""

    document_id: str
    number: int
    width: float
    height: float
    source: Literal["text", "layout", "ocr"]
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One printed line: characters `[start, end)` of the document, its box and known positions.

    `stops` are `(offset, x)` pairs, ascending; positions between them are interpolated.
    """

    start: int
    end: int
    box: Box
    stops: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage on its way in; the store gives it its key."""

    passage_id: str
    ordinal: int
    start: int
    end: int
    text: str
    search_text: str
    heading_path: tuple[str, ...]
    clause_id: str | None
    clause_number: str | None
    pages: tuple[int, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class NewDocument:
    """Everything the store keeps of one parsed file.

    `info.path`, `info.added_at` and `info.superseded_by` are decided where it is stored.
    """

    info: DocumentInfo
    sha256: str
    suffix: str
    ocr: str
    partial: bool
    text: str
    pages: Sequence[PageRecord]
    lines: Sequence[LineRecord]
    clauses: Sequence[ClauseRecord]
    passages: Sequence[NewPassage]
    references: Sequence[ReferenceRecord] = ()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a document was made from: its original's name in storage, and how it was read.

    `outdated` says that an older version of policykb read it, and facts are missing.
    """

    document_id: str
    sha256: str
    suffix: str
    name: str
    ocr: str
    partial: bool
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of one path: the content last seen there and what became of it."""

    path: str
    sha256: str | None
    document_id: str | None
    status: FileStatus
    error: FileError | None = None
    collection: str = ""


@dataclass(frozen=True, slots=True)
class IndexedText:
    """What is indexed of one passage."""

    key: int
    text: str
    title: str
    headings: str


@dataclass(frozen=True, slots=True)
class ClauseQuery:
    """Which clauses to find; all that is given must hold.

    `words` stand in the clause's text, `due_by` is on or after one of its deadlines. A `role` is
    that of `ministry`, or of any body where none is given.
    """

    filters: Filters = NO_FILTERS
    ministry: str | None = None
    role: RoleFilter = "any"
    number: str | None = None
    words: tuple[str, ...] = ()
    obligation: Obligation | None = None
    due_by: date | None = None


@dataclass(frozen=True, slots=True)
class ClausePage:
    """Some of the clauses that match a query, and how many match."""

    clauses: tuple[ClauseRecord, ...]
    total: int
