"""What only an admin key may do: numbers, evaluation, rebuilding, keys, the audit."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from kb import (
    ApiKey,
    AuditEntry,
    Evaluation,
    InvalidInput,
    KnowledgeBase,
    ModelInfo,
    Scope,
    VerifyReport,
)
from ui.api.access import AdminBase, change_of
from ui.api.events import EVENTS, Say, stream, told, wants_events
from ui.api.problems import Refusal, responses

router = APIRouter(prefix="/v1", tags=["admin"])
#: Bytes of a file of questions; sixty questions with their answers take a thousandth of it.
LARGEST_QUESTIONS = 10 * 1024 * 1024
#: What a file of questions is called that came without a name.
QUESTIONS = "questions.jsonl"
WATCHED: dict[int | str, dict[str, Any]] = {200: {"content": EVENTS}}
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


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a long task is through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
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


@router.post(
    "/eval",
    response_model=Evaluation,
    responses={**WATCHED, **responses(400, 403, 413, 503)},
)
def evaluate(
    request: Request, base: AdminBase, file: Annotated[UploadFile, File()]
) -> Evaluation | Response:
    """Measure search and answers on a file of questions, as `policykb eval questions` reads it.

    With `Accept: text/event-stream`, `progress` events of `done` questions out of `total`, then
    one `evaluation`; or a `problem`.
    """
    data = file.file.read(LARGEST_QUESTIONS + 1)
    if len(data) > LARGEST_QUESTIONS:
        raise Refusal(413, "too-large", f"a file of questions is at most {LARGEST_QUESTIONS} bytes")
    name = file.filename or QUESTIONS
    if wants_events(request):
        return stream(told(lambda say: _measured(base, data, name, say), "evaluation"))
    return _measured(base, data, name, lambda _kind, _data: None)


def _measured(base: KnowledgeBase, data: bytes, name: str, say: Say) -> Evaluation:
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = Path(folder) / QUESTIONS
        path.write_bytes(data)
        try:
            return base.evaluate_questions(
                path, lambda _, done, total: say("progress", Share(done, total))
            )
        except InvalidInput as error:
            # Where it lay here is nobody's business.
            message = error.message.replace(str(path), name)
            raise InvalidInput(message, field=error.field) from None


@router.post("/rebuild", response_model=Rebuilt, responses={**WATCHED, **responses(403, 503, 507)})
def rebuild(request: Request, base: AdminBase) -> Rebuilt | Response:
    """Make the search index anew from the store; searches go on with the old one meanwhile.

    With `Accept: text/event-stream`, `progress` events of `done` passages out of `total`, then one
    `rebuilt`; or a `problem`.
    """
    if wants_events(request):
        return stream(told(partial(_rebuilt, base), "rebuilt"))
    return _rebuilt(base, lambda _kind, _data: None)


def _rebuilt(base: KnowledgeBase, say: Say) -> Rebuilt:
    return Rebuilt(passages=base.rebuild(lambda at: say("progress", Share(at.page, at.pages))))


@router.post("/verify", responses=responses(403, 503))
def verify(base: AdminBase, repair: bool = False) -> VerifyReport:
    """Compare the store, the originals and the index; with `repair` mend what can be mended."""
    return base.verify(repair=repair)


@router.get("/keys", responses=responses(403))
def keys(base: AdminBase) -> list[ApiKey]:
    """List the keys there were, without their tokens."""
    return list(base.keys())


@router.post("/keys", status_code=201, responses=responses(400, 403))
def make_key(request: Request, base: AdminBase, body: KeyRequest) -> KeyMade:
    """Make a key."""
    made = base.make_key(body.name, body.scopes, body.collections)
    change_of(request).subject = made.key.key_id
    return KeyMade(key=made.key, token=made.token)


@router.delete("/keys/{key_id}", responses=responses(403, 404))
def revoke_key(request: Request, base: AdminBase, key_id: KeyId) -> ApiKey:
    """End a key from now on."""
    change_of(request).subject = key_id
    return base.revoke_key(key_id)


@router.get("/audit", responses=responses(400, 403))
def audit(base: AdminBase, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[AuditEntry]:
    """List what was changed, or tried to be, newest first."""
    return list(base.audit(limit))
