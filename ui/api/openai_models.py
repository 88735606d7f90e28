"""Requests and responses of the OpenAI-compatible routes, as far as they mean something here.

Field names are those of OpenAI's API reference (chat completions, embeddings, models). Fields that
steer a language model (`temperature`, `tools`, ...) are accepted and have no effect.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

MODEL = "policykb"
#: The same questions, answered in the words of the settings' language model.
WORDED = "policykb-llm"
#: As OpenAI's own limits: inputs of one request, and characters of one input (theirs are tokens).
MOST_INPUTS = 2048
LONGEST_INPUT = 32_000
#: Of one request: a few seconds of one core.
MOST_CHARACTERS = 1_000_000


class TextPart(BaseModel):
    """A piece of a message; pictures and sound are not read."""

    model_config = ConfigDict(extra="allow")
    type: Literal["text"]
    text: str = Field(max_length=LONGEST_INPUT)


class Message(BaseModel):
    """One turn of the conversation."""

    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = Field(None, max_length=LONGEST_INPUT)

    @property
    def text(self) -> str:
        """The message's words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class ChatRequest(BaseModel):
    """A conversation to answer; the last message of the user is the question."""

    model_config = ConfigDict(extra="allow")
    model: str = Field(MODEL, max_length=200, examples=[MODEL, WORDED])
    messages: list[Message] = Field(
        min_length=1,
        max_length=200,
        examples=[[{"role": "user", "content": "哪些条款由交通运输部负责？"}]],
    )
    stream: StrictBool = False


class UrlCitation(BaseModel):
    """Where characters `[start_index, end_index)` of the content, a marker, are backed up."""

    url: str
    title: str
    start_index: int
    end_index: int


class Annotation(BaseModel):
    """A note on the content; ours are all citations."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class AnswerMessage(BaseModel):
    """The answer; `refusal` is None even where the documents hold no evidence: that is content."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[Annotation] = []


class Choice(BaseModel):
    """The one answer there is."""

    index: int = 0
    message: AnswerMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Usage(BaseModel):
    """Characters, in the place of tokens: nothing here is billed by either."""

    prompt_tokens: int
    completion_tokens: int = 0
    total_tokens: int


class ChatResponse(BaseModel):
    """An answer, with our own result (citations with boxes, nearest passages) as `policykb`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[Choice]
    usage: Usage
    policykb: dict[str, Any]


class EmbeddingRequest(BaseModel):
    """Texts to turn into vectors."""

    model_config = ConfigDict(extra="allow")
    model: str = Field(MODEL, max_length=200, examples=[MODEL])
    input: str | list[str] = Field(examples=["新能源汽车出口信用保险"])
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1, le=1 << 16)
    purpose: Literal["query", "passage"] = Field(
        "passage", description="ours: encoders with prompts encode the two differently"
    )


class Embedding(BaseModel):
    """One vector: numbers, or little-endian 32-bit floats in base64."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingResponse(BaseModel):
    """A vector for each input, in order."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage


class ModelCard(BaseModel):
    """A name that may stand in `model`."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ModelCards(BaseModel):
    """The names there are."""

    object: Literal["list"] = "list"
    data: list[ModelCard]
