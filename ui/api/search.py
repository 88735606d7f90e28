"""Search, and what a query may become while it is typed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field, StrictBool

from kb import Filters, Hit, Mode, SearchResult, Suggestion, matched
from ui.api.access import Base
from ui.api.dates import Day
from ui.api.downloads import FILES, Format, download
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["search"])
Question = Annotated[
    str, Query(max_length=4000, examples=["车企想规避汇率风险，政策给了什么支持？"])
]


def query_filters(
    document: Annotated[str | None, Query(description="document id")] = None,
    type: Annotated[str | None, Query(description="document type, such as 意见")] = None,  # noqa: A002
    issuer: Annotated[str | None, Query(description="issuing body, under any name")] = None,
    ministry: Annotated[str | None, Query(description="body named in the clause")] = None,
    since: Annotated[Day | None, Query(description="issued on or after")] = None,
    until: Annotated[Day | None, Query(description="issued on or before")] = None,
    in_force: Annotated[bool, Query(description="only documents in force")] = False,
    as_of: Annotated[Day | None, Query(description="in force on this day, not today")] = None,
) -> Filters:
    """Read the filters that every search takes from the query string."""
    return Filters(document, type, issuer, ministry, since, until, in_force, as_of)


FromQuery = Annotated[Filters, Depends(query_filters)]


class FilterFields(BaseModel):
    """Which documents and clauses to look in; absent means any."""

    document: str | None = None
    type: str | None = None
    issuer: str | None = None
    ministry: str | None = None
    since: Day | None = None
    until: Day | None = None
    in_force: StrictBool = False
    as_of: Day | None = None

    def filters(self) -> Filters:
        """Return the same as the facade takes it."""
        return Filters(**self.model_dump())


class SearchRequest(BaseModel):
    """A search as a JSON body."""

    query: str = Field(max_length=4000, examples=["新能源汽车 出口信用保险"])
    k: int = Field(10, ge=1, le=100)
    mode: Mode = "hybrid"
    filters: FilterFields = FilterFields()


@dataclass(frozen=True, slots=True)
class MarkedHit(Hit):
    """A passage, and where in its text the query's words stand.

    `marks` are ranges `[start, end)` in Unicode characters, in order.
    """

    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A query and the passages it found, best first, the query's words marked in each."""

    query: str
    hits: tuple[MarkedHit, ...]
    corrected: str | None
    notes: tuple[str, ...]


class Suggestions(BaseModel):
    """What a query may become: titles, headings and words of the documents, and which it is."""

    suggestions: list[str]
    found: list[Suggestion]


@router.get("/search", response_model=Found, responses={**FILES, **responses(400, 404, 503)})
def search(
    request: Request,
    base: Base,
    filters: FromQuery,
    q: Question,
    k: Annotated[int, Query(ge=1, le=100)] = 10,
    mode: Mode = "hybrid",
    format: Format = "json",  # noqa: A002
) -> Found | Response:
    """Rank passages for a query."""
    found = base.search(q, k=k, mode=mode, filters=filters)
    if format != "json":
        return download(request, base, found, format, "passages")
    return marked(found)


@router.post("/search", response_model=Found, responses={**FILES, **responses(400, 403, 404, 503)})
def search_body(
    request: Request,
    base: Base,
    body: SearchRequest,
    format: Format = "json",  # noqa: A002
) -> Found | Response:
    """Rank passages for a query sent as JSON."""
    found = base.search(body.query, k=body.k, mode=body.mode, filters=body.filters.filters())
    if format != "json":
        return download(request, base, found, format, "passages")
    return marked(found)


@router.get("/suggest", responses=responses(400, 404, 503))
def suggest(
    base: Base,
    q: Annotated[str, Query(max_length=200, description="what is typed so far; pinyin too")],
    n: Annotated[int, Query(ge=1, le=100)] = 8,
) -> Suggestions:
    """Suggest what a query may become; nothing for a blank one."""
    found = base.suggest(q, n)
    return Suggestions(suggestions=[one.text for one in found], found=list(found))


def marked(found: SearchResult) -> Found:
    """Return what a search found with its words marked in the passages."""
    words = found.corrected or found.query
    hits = tuple(_marked(hit, words) for hit in found.hits)
    return Found(found.query, hits, found.corrected, found.notes)


def _marked(hit: Hit, words: str) -> MarkedHit:
    known = {each.name: getattr(hit, each.name) for each in fields(hit)}
    return MarkedHit(**known, marks=matched(words, hit.text))
