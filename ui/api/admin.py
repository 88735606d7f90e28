"""What only an admin key may do: numbers, evaluation, rebuilding, keys, the audit."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from kb import ApiKey, AuditEntry, Evaluation, InvalidInput, ModelInfo, Scope, VerifyReport
from ui.api.access import AdminBase, change_of
from ui.api.problems import Refusal, responses

router = APIRouter(prefix="/v1", tags=["admin"])
#: Bytes of a file of questions; sixty questions with their answers take a thousandth of it.
LARGEST_QUESTIONS = 10 * 1024 * 1024
KeyId = Annotated[str, InPath(pattern="^[0-9a-f]{16}$", examples=["9f3c2a1b5d7e8c60"])]


class Stats(BaseModel):
    """How much the knowledge base holds, and what it is searched with."""

    documents: int
    pages: int
    passages: int
    characters: int
    types: dict[str, int]
    revision: int
    model: ModelInfo
    bytes: dict[str, int]


class KeyRequest(BaseModel):
    """A key to make."""

    name: str = Field(min_length=1, max_length=100, examples=["website"])
    scopes: list[Scope] = Field(min_length=1, max_length=3, examples=[["read"]])
    collections: list[str] = Field([], max_length=100, examples=[["公开文件"]])


class KeyMade(BaseModel):
    """A key just made; its token is shown this once."""

    key: ApiKey
    token: str


class Rebuilt(BaseModel):
    """How many passages the index holds now."""

    passages: int


@router.get("/stats", responses=responses(403, 503))
def stats(base: AdminBase) -> Stats:
    """Count what the knowledge base holds."""
    documents = base.documents()
    types = Counter(info.document_type or "" for info in documents)
    return Stats(
        documents=len(documents),
        pages=sum(info.pages for info in documents),
        passages=sum(info.passages for info in documents),
        characters=sum(info.characters for info in documents),
        types=dict(types.most_common()),
        revision=base.revision(),
        model=base.model(),
        bytes=base.sizes(),
    )


@router.post("/eval", responses=responses(400, 403, 413, 422, 503))
def evaluate(base: AdminBase, file: Annotated[UploadFile, File()]) -> Evaluation:
    """Measure search and answers on a file of questions, as `policykb eval questions` reads it."""
    data = file.file.read(LARGEST_QUESTIONS + 1)
    if len(data) > LARGEST_QUESTIONS:
        raise Refusal(413, "too-large", f"a file of questions is at most {LARGEST_QUESTIONS} bytes")
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = Path(folder) / "questions.jsonl"
        path.write_bytes(data)
        try:
            return base.evaluate_questions(path)
        except InvalidInput as error:
            # Where it lay here is nobody's business.
            message = error.message.replace(str(path), file.filename or path.name)
            raise InvalidInput(message, field=error.field) from None


@router.post("/rebuild", responses=responses(403, 503, 507))
def rebuild(base: AdminBase) -> Rebuilt:
    """Make the search index anew from the store; searches go on with the old one meanwhile."""
    return Rebuilt(passages=base.rebuild())


@router.post("/verify", responses=responses(403, 503))
def verify(base: AdminBase, repair: bool = False) -> VerifyReport:
    """Compare the store, the originals and the index; with `repair` mend what can be mended."""
    return base.verify(repair=repair)


@router.get("/keys", responses=responses(403))
def keys(base: AdminBase) -> list[ApiKey]:
    """List the keys there were, without their tokens."""
    return list(base.keys())


@router.post("/keys", status_code=201, responses=responses(400, 403, 422))
def make_key(request: Request, base: AdminBase, body: KeyRequest) -> KeyMade:
    """Make a key."""
    made = base.make_key(body.name, body.scopes, body.collections)
    change_of(request).subject = made.key.key_id
    return KeyMade(key=made.key, token=made.token)


@router.delete("/keys/{key_id}", responses=responses(403, 404, 422))
def revoke_key(request: Request, base: AdminBase, key_id: KeyId) -> ApiKey:
    """End a key from now on."""
    change_of(request).subject = key_id
    return base.revoke_key(key_id)


@router.get("/audit", responses=responses(400, 403, 422))
def audit(base: AdminBase, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[AuditEntry]:
    """List what was changed, or tried to be, newest first."""
    return list(base.audit(limit))
