"""Ask: a cited answer or a refusal, as JSON, as a file, or told as it is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, StrictBool

from kb import Answer, Filters, KnowledgeBase
from ui.api.access import Base
from ui.api.downloads import FILES, Format, download
from ui.api.events import EVENTS, Say, stream, told, wants_events
from ui.api.problems import responses
from ui.api.search import FilterFields, FromQuery, Question

router = APIRouter(prefix="/v1", tags=["search"])
ANSWERS: dict[int | str, dict[str, Any]] = {200: {"content": {**FILES[200]["content"], **EVENTS}}}
#: Earlier questions that are taken into account, as in OpenAI's conversations.
MOST_EARLIER = 8
UseModel = Annotated[
    bool, Query(description="let the language model of the settings word the answer")
]


class AskRequest(BaseModel):
    """A question as a JSON body."""

    question: str = Field(max_length=4000, examples=["哪些条款由交通运输部负责？"])
    filters: FilterFields = FilterFields()
    llm: StrictBool = Field(False, description="let the language model word the answer")
    earlier: list[Annotated[str, Field(max_length=4000)]] = Field(
        default=[],
        max_length=MOST_EARLIER,
        description="the questions that this one may follow, in order",
    )


@router.get("/ask", response_model=Answer, responses={**ANSWERS, **responses(400, 404, 503)})
def ask(
    request: Request,
    base: Base,
    filters: FromQuery,
    q: Question,
    llm: UseModel = False,
    format: Format = "json",  # noqa: A002
) -> Answer | Response:
    """Answer a question with verified citations, or refuse with the nearest passages.

    With `Accept: text/event-stream`, `sentence` events as the language model words the answer,
    each supported by its citations, then one `answer`; or a `problem`.
    """
    return _answered(request, base, AskRequest(question=q, llm=llm), filters, format)


@router.post("/ask", response_model=Answer, responses={**ANSWERS, **responses(400, 403, 404, 503)})
def ask_body(
    request: Request,
    base: Base,
    body: AskRequest,
    format: Format = "json",  # noqa: A002
) -> Answer | Response:
    """Answer a question sent as JSON; events as for GET."""
    return _answered(request, base, body, body.filters.filters(), format)


def _answered(
    request: Request,
    base: KnowledgeBase,
    asked: AskRequest,
    filters: Filters,
    format: Format,  # noqa: A002
) -> Answer | Response:
    if wants_events(request) and format == "json":
        return stream(_told(base, asked, filters))
    previous = _previous(base, asked, filters)
    answer = base.ask(asked.question, filters=filters, previous=previous, llm=asked.llm)
    if format != "json":
        return download(request, base, answer, format, "answer")
    return answer


def _previous(base: KnowledgeBase, asked: AskRequest, filters: Filters) -> Answer | None:
    """Return what the last of the earlier questions was answered with, as the next may follow."""
    previous: Answer | None = None
    for question in asked.earlier:
        previous = base.ask(question, filters=filters, previous=previous)
    return previous


def _told(base: KnowledgeBase, asked: AskRequest, filters: Filters) -> Iterator[str]:
    """Yield sentences while another thread answers, then the answer or why there is none."""

    def answered(say: Say) -> Answer:
        return base.ask(
            asked.question,
            filters=filters,
            previous=_previous(base, asked, filters),
            llm=asked.llm,
            on_sentence=lambda sentence: say("sentence", {"text": sentence}),
        )

    return told(answered, "answer")
