"""Clauses by all that is known of them, and one by its id; which body has which part in which."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from kb import (
    ClauseInfo,
    KnowledgeBase,
    Matrix,
    MinistryCount,
    MinistryMatch,
    Obligation,
    RoleFilter,
)
from ui.api import paging
from ui.api.access import Base
from ui.api.dates import Day
from ui.api.downloads import FILES, Format, MatrixFormat, download
from ui.api.problems import responses
from ui.api.search import FromQuery

router = APIRouter(prefix="/v1", tags=["clauses"])
ClauseId = Annotated[str, Path(max_length=200, examples=["d8cc1f8f49e2-o1.p1"])]
DocumentOfClause = Annotated[
    str | None, Query(max_length=64, description="which document's, where several have the clause")
]
#: Clauses that a list has unless told otherwise; a file has as many as it may.
LISTED = 200
MOST = 1000
FARTHEST = 10_000_000
MOST_IN_FILE = 20_000


class ClausesFound(BaseModel):
    """The body asked for, under its present name, and the clauses found.

    `total` and `counts`, of each body by role, are of all that match; `clauses` those of the page
    asked for.
    """

    ministry: MinistryMatch | None
    total: int
    counts: list[MinistryCount]
    clauses: list[ClauseInfo]


@dataclass(frozen=True, slots=True)
class ClauseShown(ClauseInfo):
    """A clause, its reference (GB/T 7714) and its permalink, a path on this server."""

    reference: str = ""
    permalink: str = ""


@router.get("/clauses", response_model=ClausesFound, responses={**FILES, **responses(400, 404)})
def clauses(
    request: Request,
    response: Response,
    base: Base,
    filters: FromQuery,
    role: Annotated[RoleFilter, Query(description="the body's part")] = "any",
    number: Annotated[str | None, Query(max_length=40, examples=["（六）"])] = None,
    text: Annotated[
        str | None, Query(max_length=400, description="words that stand in the clause")
    ] = None,
    obligation: Annotated[Obligation | None, Query(description="how strongly it binds")] = None,
    due_before: Annotated[
        Day | None, Query(description="on or after one of the clause's deadlines")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="of a list; files have all")] = LISTED,
    offset: Annotated[int, Query(ge=0, le=FARTHEST)] = 0,
    cursor: paging.Cursor = None,
    format: Format = "json",  # noqa: A002
) -> ClausesFound | Response:
    """List the clauses that all of this holds for, in document order.

    `Link` names the next page where there is one.
    """
    if cursor is not None:
        offset = paging.offset_of(cursor, FARTHEST)
    found = base.clauses(
        ministry=filters.ministry,
        role=role,
        number=number,
        text=text,
        obligation=obligation,
        due_before=due_before,
        filters=filters,
        limit=limit if format == "json" else MOST_IN_FILE,
        offset=offset if format == "json" else 0,
    )
    if format != "json":
        return download(request, base, found, format, "clauses")
    if offset + len(found.clauses) < found.total:
        paging.lead_on(request, response, paging.written(offset + len(found.clauses)))
    return ClausesFound(
        ministry=found.ministry,
        total=found.total,
        counts=list(found.counts),
        clauses=list(found.clauses),
    )


@router.get("/clauses/{clause_id}", responses=responses(404))
def clause(base: Base, clause_id: ClauseId, document: DocumentOfClause = None) -> ClauseShown:
    """Return one clause; its id is the same whenever the same text is read."""
    return shown(base, clause_id, document)


@router.get("/matrix", response_model=Matrix, responses={**FILES, **responses(400, 404)})
def matrix(
    request: Request,
    base: Base,
    filters: FromQuery,
    format: MatrixFormat = "json",  # noqa: A002
) -> Matrix | Response:
    """Tell which body has which part in which clause; `cells` name both by their places."""
    found = base.matrix(filters)
    if format != "json":
        return download(request, base, found, format, "matrix")
    return found


def shown(base: KnowledgeBase, clause_id: str, document: str | None) -> ClauseShown:
    """Return a clause with its reference and permalink; NotFound."""
    found = base.clause(clause_id, document)
    reference = base.reference(found.document_id, page=found.page, clause=found.number or None)
    return ClauseShown(
        **{each.name: getattr(found, each.name) for each in fields(found)},
        reference=reference,
        permalink=f"/c/{quote(clause_id, safe='')}",
    )
