"""Answers as OpenAI's chat protocol gives them: whole, or piece by piece."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any

from kb import Answer, Citation, KBError, KnowledgeBase, jsonable
from ui.api.openai_models import (
    WORDED,
    Annotation,
    AnswerMessage,
    ChatResponse,
    Choice,
    UrlCitation,
    Usage,
)

_MARKER = re.compile(r"\[(\d+)\]")
_PIECE = re.compile(r"[^。！？；\n]*[。！？；\n]?")
NO_EVIDENCE = "文件中没有足够的依据来回答这个问题。"
# Between sentences that a language model worded, and before the documents' own where it fell out.
_BETWEEN = "\n\n"
_INSTEAD = "（{}。以下是文件的原文。）"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what it follows, the model asked for and the address of this service."""

    question: str
    previous: Answer | None
    model: str
    address: str

    def answer(
        self, base: KnowledgeBase, on_sentence: Callable[[str], None] | None = None
    ) -> Answer:
        """Ask; `on_sentence` is told each sentence that a language model words, as it comes."""
        llm = self.model == WORDED
        return base.ask(self.question, previous=self.previous, llm=llm, on_sentence=on_sentence)


def whole(asked: Asked, answer: Answer) -> ChatResponse:
    """Return an answer as one response."""
    content = _content(answer)
    notes = list(_annotations(content, answer.citations, asked.address))
    return ChatResponse(
        id=f"chatcmpl-{uuid.uuid4().hex}",
        created=int(time.time()),
        model=asked.model,
        choices=[Choice(message=AnswerMessage(content=content, annotations=notes))],
        usage=Usage(
            prompt_tokens=len(asked.question),
            completion_tokens=len(content),
            total_tokens=len(asked.question) + len(content),
        ),
        policykb=jsonable(answer),
    )


def streamed(asked: Asked, answer: Answer) -> Iterator[str]:
    """Yield server-sent events: the role, the text sentence by sentence, annotations, the end."""
    chunks = _Chunks(asked.model)
    yield chunks.begin()
    yield from chunks.end(asked, answer)


def worded(asked: Asked, base: KnowledgeBase) -> Iterator[str]:
    """Yield the same while a language model words the answer, each sentence once it is checked.

    What it said before it fell out cannot be taken back: the documents' own sentences follow, and
    only their markers are annotated. An error is an event of its own, as OpenAI's clients know it.
    """
    said: SimpleQueue[str | Answer | KBError | None] = SimpleQueue()

    def answered() -> None:
        try:
            said.put(asked.answer(base, said.put))
        except KBError as error:
            said.put(error)
        finally:
            said.put(None)

    chunks = _Chunks(asked.model)
    yield chunks.begin()
    Thread(target=answered, name="policykb-chat", daemon=True).start()
    while (one := said.get()) is not None:
        match one:
            case str():
                yield chunks.text((_BETWEEN if chunks.told else "") + one)
            case Answer():
                yield from chunks.end(asked, one)
            case _:
                problem = {"message": one.message, "type": "policykb", "code": one.code}
                yield _event({"error": problem})


@dataclass(slots=True)
class _Chunks:
    """The events of one streamed answer, and the text they have told so far."""

    model: str
    told: str = ""
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def begin(self) -> str:
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, piece: str) -> str:
        self.told += piece
        return self._chunk({"content": piece})

    def end(self, asked: Asked, answer: Answer) -> Iterator[str]:
        """Yield what of the answer has not been told yet, its annotations and the end."""
        content, at = _content(answer), 0
        if self.told and self.told != content:
            note = answer.written.note if answer.written is not None else None
            yield self.text(f"{_BETWEEN}{_INSTEAD.format(note or NO_EVIDENCE[:-1])}{_BETWEEN}")
            at = len(self.told)
        for piece in _PIECE.findall(content) if self.told != content else ():
            if piece:
                yield self.text(piece)
        notes = [one.model_dump() for one in _annotations(content, answer.citations, asked.address)]
        for one in notes:
            one["url_citation"]["start_index"] += at
            one["url_citation"]["end_index"] += at
        yield self._chunk({"annotations": notes}, policykb=jsonable(answer))
        yield self._chunk({}, finish_reason="stop")
        yield "data: [DONE]\n\n"

    def _chunk(
        self,
        delta: dict[str, Any],
        *,
        finish_reason: str | None = None,
        policykb: dict[str, Any] | None = None,
    ) -> str:
        event: dict[str, Any] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
        }
        return _event(event if policykb is None else {**event, "policykb": policykb})


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _content(answer: Answer) -> str:
    return (answer.answer if answer.answered else answer.reason) or NO_EVIDENCE


def _annotations(
    content: str, citations: tuple[Citation, ...], address: str
) -> Iterator[Annotation]:
    by_marker = {citation.marker: citation for citation in citations}
    for match in _MARKER.finditer(content):
        citation = by_marker.get(int(match[1]))
        if citation is not None:
            place = UrlCitation(
                url=_page_of(citation, address),
                title=citation.title,
                start_index=match.start(),
                end_index=match.end(),
            )
            yield Annotation(url_citation=place)


def _page_of(citation: Citation, address: str) -> str:
    """Return the address of the page's picture with the quote marked."""
    page = f"v1/documents/{citation.document_id}/pages/{citation.page}.png"
    return f"{address}{page}?highlight={citation.start}-{citation.end}"
