"""Documents, and what becomes of files that are added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

FileStatus = Literal["added", "unchanged", "replaced", "partial", "failed"]
OcrMode = Literal["auto", "never", "always"]
LayoutMode = Literal["auto", "never"]
Validity = Literal["in-force", "repealed", "unknown"]
RelationKind = Literal["basis", "implements", "amends", "repeals", "forwards", "cites"]
Stage = Literal["waiting", "reading", "parsing", "ocr", "storing", "indexing", "done"]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One document in the knowledge base.

    `repealed_by` is the document here that repeals it, and `repealed_on` the day from which on,
    None where that is not known; from that day on `validity` is "repealed".
    """

    document_id: str
    path: str
    name: str
    title: str
    document_number: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    document_type: str | None
    validity: Validity
    pages: int
    passages: int
    characters: int
    characters_indexed: int
    warnings: tuple[str, ...]
    added_at: str
    superseded_by: str | None = None
    effective_on: date | None = None
    addressees: tuple[str, ...] = ()
    language: str | None = None
    repealed_by: str | None = None
    repealed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PageText:
    """One page's running text, and whether an image of it can be drawn."""

    document_id: str
    number: int
    width: float
    height: float
    text: str
    source: Literal["text", "layout", "ocr"]
    has_image: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """One document's word about another.

    `direction` is "out" for what the document asked about says of another, "in" for what another
    says of it. `document_id` is the other document's, None where it is not in the knowledge base;
    `title` and `number` are the other's. `as_written`, `page` and `clause` say where it is said:
    characters `[start, end)` of the text of the document that says it.
    """

    kind: RelationKind
    direction: Literal["out", "in"]
    title: str | None
    number: str | None
    document_id: str | None
    as_written: str
    page: int
    clause: str | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class FileError:
    """Why a file failed: a stable code and a sentence with the remedy."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file of an ingest run."""

    path: str
    document_id: str | None
    status: FileStatus
    pages: int
    passages: int
    seconds: float
    warnings: tuple[str, ...] = ()
    error: FileError | None = None


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of every file of an ingest run."""

    documents: tuple[FileReport, ...]

    @property
    def failed(self) -> int:
        """Number of files that are not in the knowledge base."""
        return sum(report.status == "failed" for report in self.documents)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an ingest run stands: one file's stage, page n of N, and the run's totals."""

    path: str
    stage: Stage
    page: int
    pages: int
    files_done: int
    files_total: int
    report: FileReport | None = None


ProgressListener = Callable[[Progress], None]
