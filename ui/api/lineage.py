"""What a document says of others, and others of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kb import Relation, Sentence
from ui.api.access import Base
from ui.api.documents import DocumentId
from ui.api.problems import responses

Place = Annotated[int, Query(ge=0, le=1_000_000_000, description="characters from the beginning")]
router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("/{document_id}/lineage", responses=responses(404))
def lineage(base: Base, document_id: DocumentId) -> list[Relation]:
    """List each word of a document about another (out), then of others here about it (in)."""
    return list(base.lineage(document_id))


@router.get("/{document_id}/sentence", responses=responses(400, 404))
def sentence(base: Base, document_id: DocumentId, start: Place, end: Place) -> Sentence:
    """Return the sentence that characters of a document's text stand in, and where it is printed.

    `start` and `end` are those of a word about another document, as its lineage has them.
    """
    return base.sentence_at(document_id, start, end)
