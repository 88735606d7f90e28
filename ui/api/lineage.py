"""What a document says of others, and others of it."""

from __future__ import annotations

from fastapi import APIRouter

from kb import Relation
from ui.api.access import Base
from ui.api.documents import DocumentId
from ui.api.problems import responses

router = APIRouter(prefix="/v1/documents", tags=["documents"])


@router.get("/{document_id}/lineage", responses=responses(404, 422))
def lineage(base: Base, document_id: DocumentId) -> list[Relation]:
    """List each word of a document about another (out), then of others here about it (in)."""
    return list(base.lineage(document_id))
