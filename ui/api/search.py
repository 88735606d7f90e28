"""Search and ask."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from kb import Answer, Filters, KnowledgeBase, Mode, SearchResult
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["search"])
Question = Annotated[
    str, Query(max_length=4000, examples=["车企想规避汇率风险，政策给了什么支持？"])
]


def knowledge_base(request: Request) -> KnowledgeBase:
    """Return the knowledge base this application serves."""
    base: KnowledgeBase = request.app.state.knowledge_base
    return base


Base = Annotated[KnowledgeBase, Depends(knowledge_base)]


def query_filters(
    document: Annotated[str | None, Query(description="document id")] = None,
    type: Annotated[str | None, Query(description="document type, such as 意见")] = None,  # noqa: A002
    issuer: Annotated[str | None, Query(description="issuing body, under any name")] = None,
    ministry: Annotated[str | None, Query(description="body named in the clause")] = None,
    since: Annotated[date | None, Query(description="issued on or after")] = None,
    until: Annotated[date | None, Query(description="issued on or before")] = None,
    in_force: Annotated[bool, Query(description="only documents in force")] = False,
) -> Filters:
    """Read the filters that every search takes from the query string."""
    return Filters(document, type, issuer, ministry, since, until, in_force)


FromQuery = Annotated[Filters, Depends(query_filters)]


class FilterFields(BaseModel):
    """Which documents and clauses to look in; absent means any."""

    document: str | None = None
    type: str | None = None
    issuer: str | None = None
    ministry: str | None = None
    since: date | None = None
    until: date | None = None
    in_force: bool = False

    def filters(self) -> Filters:
        """Return the same as the facade takes it."""
        return Filters(**self.model_dump())


class SearchRequest(BaseModel):
    """A search as a JSON body."""

    query: str = Field(max_length=4000, examples=["新能源汽车 出口信用保险"])
    k: int = Field(10, ge=1, le=100)
    mode: Mode = "hybrid"
    filters: FilterFields = FilterFields()


class AskRequest(BaseModel):
    """A question as a JSON body."""

    question: str = Field(max_length=4000, examples=["哪些条款由交通运输部负责？"])
    filters: FilterFields = FilterFields()


@router.get("/search", responses=responses(400, 422, 503))
def search(
    base: Base,
    filters: FromQuery,
    q: Question,
    k: Annotated[int, Query(ge=1, le=100)] = 10,
    mode: Mode = "hybrid",
) -> SearchResult:
    """Rank passages for a query."""
    return base.search(q, k=k, mode=mode, filters=filters)


@router.post("/search", responses=responses(400, 403, 422, 503))
def search_body(base: Base, body: SearchRequest) -> SearchResult:
    """Rank passages for a query sent as JSON."""
    return base.search(body.query, k=body.k, mode=body.mode, filters=body.filters.filters())


@router.get("/ask", responses=responses(400, 422, 503))
def ask(base: Base, filters: FromQuery, q: Question) -> Answer:
    """Answer a question with verified citations, or refuse with the nearest passages."""
    return base.ask(q, filters=filters)


@router.post("/ask", responses=responses(400, 403, 422, 503))
def ask_body(base: Base, body: AskRequest) -> Answer:
    """Answer a question sent as JSON."""
    return base.ask(body.question, filters=body.filters.filters())
