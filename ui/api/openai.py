"""`/v1/chat/completions`, `/v1/embeddings` and `/v1/models`, as OpenAI's clients speak them.

The answer is the same as `/v1/ask` gives: markers `[n]` in the text, each an annotation that leads
to the page. The whole result stands beside it under `policykb`.
"""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from kb import Answer, Citation, InvalidInput, KnowledgeBase, jsonable
from ui.api.access import Base
from ui.api.events import EVENTS
from ui.api.openai_models import (
    LONGEST_INPUT,
    MODEL,
    MOST_CHARACTERS,
    MOST_INPUTS,
    Annotation,
    AnswerMessage,
    ChatRequest,
    ChatResponse,
    Choice,
    Embedding,
    EmbeddingRequest,
    EmbeddingResponse,
    ModelCard,
    ModelCards,
    UrlCitation,
    Usage,
)
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["openai"])
_MARKER = re.compile(r"\[(\d+)\]")
_PIECE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
#: Questions before the last that are asked again, so that it is understood as it was meant.
MOST_BEFORE = 3
NO_EVIDENCE = "文件中没有足够的依据来回答这个问题。"
STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": EVENTS}}


@router.get("/models")
def models(base: Base) -> ModelCards:
    """List the names that stand for this service: the answerer, and its encoder."""
    return ModelCards(data=[ModelCard(id=MODEL), ModelCard(id=base.model().name)])


@router.post(
    "/chat/completions",
    response_model=ChatResponse,
    responses={**STREAMED, **responses(400, 403, 422, 503)},
)
def chat(request: Request, base: Base, body: ChatRequest) -> ChatResponse | StreamingResponse:
    """Answer the last question of a conversation with verified citations; streams when asked."""
    *before, question = _questions(body)
    previous: Answer | None = None
    for earlier in before:
        previous = base.ask(earlier, previous=previous)
    answer = base.ask(question, previous=previous)
    response = _response(answer, str(request.base_url), question)
    if body.stream:
        return StreamingResponse(_chunks(response), media_type="text/event-stream")
    return response


@router.post("/embeddings", responses=responses(400, 403, 422, 503))
def embeddings(base: Base, body: EmbeddingRequest) -> EmbeddingResponse:
    """Turn texts into vectors with the knowledge base's own encoder."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    _check_inputs(base, texts, body.dimensions)
    vectors = base.embed(texts, purpose=body.purpose)
    data = [
        Embedding(index=index, embedding=_encoded(vector, body.encoding_format))
        for index, vector in enumerate(vectors)
    ]
    size = sum(map(len, texts))
    return EmbeddingResponse(
        data=data, model=base.model().name, usage=Usage(prompt_tokens=size, total_tokens=size)
    )


def _questions(body: ChatRequest) -> list[str]:
    """Return what the user asked, the last of all and those before that it may follow."""
    asked = [message.text.strip() for message in body.messages if message.role == "user"]
    if not asked or not asked[-1]:
        raise InvalidInput("messages hold no text of the user to answer", field="messages")
    return [text for text in asked if text][-1 - MOST_BEFORE :]


def _response(answer: Answer, base_url: str, question: str) -> ChatResponse:
    content = answer.answer if answer.answered else answer.reason
    content = content or NO_EVIDENCE
    message = AnswerMessage(
        content=content, annotations=list(_annotations(content, answer.citations, base_url))
    )
    return ChatResponse(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        choices=[Choice(message=message)],
        usage=Usage(
            prompt_tokens=len(question),
            completion_tokens=len(content),
            total_tokens=len(question) + len(content),
        ),
        policykb=jsonable(answer),
    )


def _annotations(
    content: str, citations: tuple[Citation, ...], base_url: str
) -> Iterator[Annotation]:
    by_marker = {citation.marker: citation for citation in citations}
    for match in _MARKER.finditer(content):
        citation = by_marker.get(int(match[1]))
        if citation is not None:
            place = UrlCitation(
                url=_page_of(citation, base_url),
                title=citation.title,
                start_index=match.start(),
                end_index=match.end(),
            )
            yield Annotation(url_citation=place)


def _page_of(citation: Citation, base_url: str) -> str:
    """Return the address of the page's picture with the quote marked."""
    page = f"v1/documents/{citation.document_id}/pages/{citation.page}.png"
    return f"{base_url}{page}?highlight={citation.start}-{citation.end}"


def _chunks(response: ChatResponse) -> Iterator[str]:
    """Yield server-sent events: the role, the text sentence by sentence, annotations, the end."""
    message = response.choices[0].message
    yield _chunk(response, {"role": "assistant", "content": ""})
    for piece in _PIECE.findall(message.content):
        if piece:
            yield _chunk(response, {"content": piece})
    notes = [note.model_dump() for note in message.annotations]
    yield _chunk(response, {"annotations": notes}, policykb=response.policykb)
    yield _chunk(response, {}, finish_reason="stop")
    yield "data: [DONE]\n\n"


def _chunk(
    response: ChatResponse,
    delta: dict[str, Any],
    *,
    finish_reason: str | None = None,
    policykb: dict[str, Any] | None = None,
) -> str:
    event: dict[str, Any] = {
        "id": response.id,
        "object": "chat.completion.chunk",
        "created": response.created,
        "model": response.model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }
    if policykb is not None:
        event["policykb"] = policykb
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"


def _check_inputs(base: KnowledgeBase, texts: list[str], dimensions: int | None) -> None:
    if not texts or len(texts) > MOST_INPUTS:
        message = f"{len(texts)} inputs: give 1 to {MOST_INPUTS}"
        raise InvalidInput(message, field="input")
    if any(not text.strip() for text in texts):
        raise InvalidInput("an input is empty: leave it out", field="input")
    if any(len(text) > LONGEST_INPUT for text in texts):
        raise InvalidInput(f"an input is over {LONGEST_INPUT} characters", field="input")
    if sum(map(len, texts)) > MOST_CHARACTERS:
        message = f"the inputs are over {MOST_CHARACTERS} characters together: send fewer at a time"
        raise InvalidInput(message, field="input")
    own = base.model().dimension
    if dimensions not in (None, own):
        message = f"this encoder's vectors have {own} dimensions: ask for {own} or for none"
        raise InvalidInput(message, field="dimensions")


def _encoded(vector: np.typing.NDArray[np.float32], encoding: str) -> list[float] | str:
    if encoding == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    return [float(value) for value in vector]
