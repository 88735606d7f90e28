"""The bodies that documents make responsible: what they are called, what became of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from kb import BodyCard, BodyInfo
from ui.api.access import Base
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["registry"])


@router.get("/registry", responses=responses(400))
def registry(
    base: Base,
    kind: Annotated[str | None, Query(max_length=60, description="of this kind only")] = None,
) -> list[BodyInfo]:
    """List the bodies known, with their names, dates and successors."""
    return list(base.registry(kind=kind))


@router.get("/registry/{name}", responses=responses(404))
def body(base: Base, name: Annotated[str, Path(max_length=200, examples=["银保监会"])]) -> BodyCard:
    """Tell what body a name stands for today, by which reforms, and in how many clauses."""
    return base.body(name)
