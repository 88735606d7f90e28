"""Documents put right by people, their references and blocks; collections; what stands beside."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json

from kb import CorrectedField, Correction, DocumentInfo, Fact, InvalidInput, Neighbour, ParsedFile
from ui.api.access import Base, WriteBase, change_of
from ui.api.dates import Day
from ui.api.documents import DocumentId
from ui.api.problems import responses
from ui.api.tags import NOT_MODIFIED, tag_of, tagged

router = APIRouter(prefix="/v1", tags=["documents"])
PassageId = Annotated[str, Path(max_length=200, examples=["3f2a9c1d0b7e4a55.art1.0-25"])]
Few = Annotated[int, Query(ge=0, le=10)]


class Facts(BaseModel):
    """Facts of a document; those that are not named stay, null is for what it has not."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, max_length=1000)
    document_number: str | None = Field(None, max_length=1000)
    issuers: list[str] | None = Field(None, max_length=200)
    issued_on: Day | None = None
    document_type: str | None = Field(None, max_length=1000)


class Reference(BaseModel):
    """A reference, as lists of sources have it."""

    reference: str


@router.get("/collections", responses=responses(403))
def collections(base: Base) -> dict[str, int]:
    """Count the documents of each collection; "" is that of no name."""
    return base.collections()


@router.patch("/documents/{document_id}", responses=responses(400, 403, 404, 503))
def correct(
    request: Request, base: WriteBase, document_id: DocumentId, facts: Facts
) -> DocumentInfo:
    """Correct facts of a document; what was read is kept, and is no correction when sent again."""
    change_of(request).subject = document_id
    changes: dict[CorrectedField, Fact] = {}
    for field in facts.model_fields_set:
        value = getattr(facts, field)
        changes[field] = tuple(value) if isinstance(value, list) else value  # type: ignore[index]
    if not changes:
        raise InvalidInput("no fact is named: send one to correct it", field="title")
    return base.correct(document_id, changes)


@router.get("/documents/{document_id}/corrections", responses=responses(404))
def corrections(base: Base, document_id: DocumentId) -> list[Correction]:
    """List the facts of a document that were corrected, and what was read there."""
    return list(base.corrections(document_id))


@router.get("/documents/{document_id}/reference", responses=responses(400, 404))
def reference(
    base: Base,
    document_id: DocumentId,
    page: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    clause: Annotated[str | None, Query(max_length=40, examples=["（六）"])] = None,
    style: Literal["gbt7714", "bibtex", "plain"] = "gbt7714",
) -> Reference:
    """Refer to a document, or to a page or clause of it."""
    found = base.reference(document_id, page=page, clause=clause, style=style)
    return Reference(reference=found)


@router.get(
    "/documents/{document_id}/parsed",
    response_model=ParsedFile,
    responses={**NOT_MODIFIED, **responses(404)},
)
def parsed(request: Request, base: Base, document_id: DocumentId) -> Response:
    """Read the document's file again: its pages with their blocks, its clauses and references.

    That takes as long as reading it did.
    """
    base.document(document_id)
    tag = tag_of(document_id, "parsed", version("policykb"))
    return tagged(request, tag, lambda: to_json(base.parsed(document_id)), "application/json")


@router.get("/passages/{passage_id}/neighbours", responses=responses(404), tags=["search"])
def neighbours(
    base: Base, passage_id: PassageId, before: Few = 1, after: Few = 1
) -> list[Neighbour]:
    """List the passages before and after one, in their order."""
    return list(base.neighbours(passage_id, before=before, after=after))
