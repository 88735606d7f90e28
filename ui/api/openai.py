"""`/v1/chat/completions`, `/v1/embeddings` and `/v1/models`, as OpenAI's clients speak them.

The answer is the same as `/v1/ask` gives: markers `[n]` in the text, each an annotation that leads
to the page. The whole result stands beside it under `policykb`. The name `policykb` is answered in
the documents' own sentences, `policykb-llm` in those of the settings' language model, held to them.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from kb import Answer, InvalidInput, KnowledgeBase
from ui.api.access import Base
from ui.api.downloads import address_of
from ui.api.events import EVENTS, stream
from ui.api.openai_answers import Asked, streamed, whole, worded
from ui.api.openai_models import (
    LONGEST_INPUT,
    MODEL,
    MOST_CHARACTERS,
    MOST_INPUTS,
    WORDED,
    ChatRequest,
    ChatResponse,
    Embedding,
    EmbeddingRequest,
    EmbeddingResponse,
    ModelCard,
    ModelCards,
    Usage,
)
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["openai"])
#: Questions before the last that are asked again, so that it is understood as it was meant.
MOST_BEFORE = 3
STREAMED: dict[int | str, dict[str, Any]] = {200: {"content": EVENTS}}


@router.get("/models")
def models(base: Base) -> ModelCards:
    """List the names that stand for this service: the answerers, and its encoder."""
    worded_too = [ModelCard(id=WORDED)] if base.language_model().is_set else []
    return ModelCards(data=[ModelCard(id=MODEL), *worded_too, ModelCard(id=base.model().name)])


@router.post(
    "/chat/completions",
    response_model=ChatResponse,
    responses={**STREAMED, **responses(400, 403, 503)},
)
def chat(request: Request, base: Base, body: ChatRequest) -> ChatResponse | StreamingResponse:
    """Answer the last question of a conversation with verified citations; streams when asked.

    The model `policykb-llm` lets the language model of the settings word the answer.
    """
    if body.model == WORDED and not base.language_model().is_set:
        message = f"{WORDED} needs a language model: set llm_url and llm_model in policykb.toml"
        raise InvalidInput(message, field="model")
    *before, question = _questions(body)
    previous: Answer | None = None
    for earlier in before:
        previous = base.ask(earlier, previous=previous)
    model = WORDED if body.model == WORDED else MODEL
    asked = Asked(question, previous, model, f"{address_of(request, base)}/")
    if body.stream and model == WORDED:
        return stream(worded(asked, base))
    answer = asked.answer(base)
    return stream(streamed(asked, answer)) if body.stream else whole(asked, answer)


@router.post("/embeddings", responses=responses(400, 403, 503))
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
