"""Clauses, by the bodies they make responsible."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from kb import ClauseInfo, MinistryMatch
from ui.api.problems import responses
from ui.api.search import Base, FromQuery

router = APIRouter(prefix="/v1", tags=["clauses"])


class ClausesFound(BaseModel):
    """The body asked for, under its present name, and the clauses found; `total` before `limit`."""

    ministry: MinistryMatch | None
    total: int
    clauses: list[ClauseInfo]


@router.get("/clauses", responses=responses(400, 404, 422))
def clauses(
    base: Base,
    filters: FromQuery,
    role: Annotated[
        Literal["lead", "participant", "joint", "any"], Query(description="the body's part")
    ] = "any",
    number: Annotated[str | None, Query(max_length=40, examples=["（六）"])] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> ClausesFound:
    """List clauses by ministry (under any of its names), role or number."""
    found = base.clauses(ministry=filters.ministry, role=role, number=number, filters=filters)
    return ClausesFound(
        ministry=found.ministry, total=len(found.clauses), clauses=list(found.clauses[:limit])
    )
