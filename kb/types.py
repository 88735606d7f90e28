"""What the knowledge base answers with.

Field names are those of the JSON contract: `kb.jsonable` turns any of these into it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

Mode = Literal["hybrid", "lexical", "dense"]
FileStatus = Literal["added", "unchanged", "replaced", "partial", "failed"]
OcrMode = Literal["auto", "never", "always"]
LayoutMode = Literal["auto", "never"]
Validity = Literal["in-force", "repealed", "unknown"]
Obligation = Literal["must", "must-not", "encourage", "explore"]
RoleFilter = Literal["lead", "participant", "joint", "any"]
RelationKind = Literal["basis", "implements", "amends", "repeals", "forwards", "cites"]
Stage = Literal["waiting", "reading", "parsing", "ocr", "storing", "indexing", "done"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: PDF points, origin top left, pages from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents and clauses a question is about; None means any.

    `in_force` with `as_of` means in force on that date; without, in force today.
    """

    document: str | None = None
    type: str | None = None
    issuer: str | None = None
    ministry: str | None = None
    since: date | None = None
    until: date | None = None
    in_force: bool = False
    as_of: date | None = None
    collections: tuple[str, ...] = ()


NO_FILTERS: Final = Filters()


@dataclass(frozen=True, slots=True)
class OtherPlace:
    """Where another document has the same text."""

    passage_id: str
    document_id: str
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked passage.

    `also_in` are other documents that have the same text. `joined` are the ids of the passages
    that were put together as they read on, empty for one passage; `passage_id` is then that of
    the best. `exact` tells a clause or document that the query named outright.
    """

    rank: int
    score: float
    passage_id: str
    document_id: str
    title: str
    page: int
    pages: tuple[int, ...]
    heading_path: tuple[str, ...]
    clause: str | None
    text: str
    boxes: tuple[Box, ...]
    also_in: tuple[OtherPlace, ...] = ()
    joined: tuple[str, ...] = ()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A query and the passages it found, best first.

    `corrected` is what was searched for instead, where the query's own words are nowhere found.
    `notes` say what could not be done as asked.
    """

    query: str
    hits: tuple[Hit, ...]
    corrected: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a query may become: a document's title, a heading or a word of the documents."""

    text: str
    kind: Literal["title", "heading", "term"]
    document_id: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote, verified to stand on its page; `start`/`end` are offsets in the document's text.

    `clause` and `heading_path` say where in the document that is. `reference` is as lists of
    sources have it (GB/T 7714); `permalink` is the path, on a server of this knowledge base, of the
    clause or else the page.
    """

    marker: int
    passage_id: str
    document_id: str
    title: str
    page: int
    quote: str
    boxes: tuple[Box, ...]
    start: int = 0
    end: int = 0
    clause: str | None = None
    heading_path: tuple[str, ...] = ()
    reference: str | None = None
    permalink: str | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """What is sent to a language model, said before it is: to which host, how much of what."""

    model: str
    host: str
    passages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of asking a language model.

    `used` tells whether the answer is the model's; where it is not, `note` says why and the answer
    is made of the documents' own sentences. `removed` counts sentences of the model's that its
    citations did not support.
    """

    sent: Sending
    used: bool
    removed: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal (`answered` false) with a reason and the nearest passages.

    `asked` is the question as it was understood, where it followed another one; `written` is there
    where a language model was asked.
    """

    question: str
    answered: bool
    answer: str | None
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Hit, ...] = ()
    reason: str | None = None
    asked: str | None = None
    written: Written | None = None


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
class Relation:
    """One document's word about another.

    `direction` is "out" for what the document asked about says of another, "in" for what another
    says of it. `document_id` is the other document's, None where it is not in the knowledge base;
    `title` and `number` are the other's. `as_written`, `page` and `clause` say where it is said.
    """

    kind: RelationKind
    direction: Literal["out", "in"]
    title: str | None
    number: str | None
    document_id: str | None
    as_written: str
    page: int
    clause: str | None = None


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


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing `verify` found wrong."""

    code: str
    message: str
    repairable: bool


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` counted and what it found wrong."""

    ok: bool
    checked: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures by name, and one row per question or query."""

    metrics: dict[str, float]
    rows: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The encoder in use, and whether the index was made with it."""

    name: str
    dimension: int
    fingerprint: str
    index_matches: bool
    index_passages: int


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """The language model that is set: its address and name, and whether a key is."""

    url: str
    model: str
    key_set: bool

    @property
    def is_set(self) -> bool:
        """Tell whether answers can be worded by it."""
        return bool(self.url and self.model)
