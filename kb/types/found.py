"""What a search finds: filters, passages, suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Mode = Literal["hybrid", "lexical", "dense"]


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
class Sentence:
    """A sentence of a document, and a box for each of its lines."""

    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a query may become: a document's title, a heading or a word of the documents."""

    text: str
    kind: Literal["title", "heading", "term"]
    document_id: str | None = None
