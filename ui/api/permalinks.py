"""`/c/{clause id}`: the address of a clause that stays, for people and for programs."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from kb import ClauseInfo, FileProblem, KnowledgeBase, NotFound
from ui.api.access import Base
from ui.api.clause_page import POLICY, Language, Picture, clause_page, missing_page
from ui.api.clauses import ClauseId, ClauseShown, DocumentOfClause, shown
from ui.api.problems import responses

router = APIRouter(tags=["clauses"])
#: Pages drawn of a clause that goes on over many; their pictures are part of the page.
MOST_PICTURES = 4
SCALE = 1.4
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("/c/{clause_id}", response_model=ClauseShown, responses={**PAGE, **responses(404)})
def permalink(
    request: Request,
    response: Response,
    base: Base,
    clause_id: ClauseId,
    document: DocumentOfClause = None,
) -> ClauseShown | Response:
    """Return a clause: as JSON, or as a web page to who prefers `text/html`."""
    accept = request.headers.get("accept", "")
    if quality(accept, "text/html") <= quality(accept, "application/json"):
        response.headers["Vary"] = "Accept"
        return shown(base, clause_id, document)
    language = language_of(request.headers.get("accept-language", ""))
    try:
        found = shown(base, clause_id, document)
    except NotFound as error:
        return _html(missing_page(error.message, language), 404)
    info = base.document(found.document_id)
    return _html(clause_page(found, info, pictures(base, found), language))


def pictures(base: KnowledgeBase, clause: ClauseInfo) -> list[Picture]:
    """Return the clause's pages with it marked; none of formats without pages."""
    pages = sorted({box.page for box in clause.boxes})[:MOST_PICTURES]
    drawn = []
    for page in pages:
        boxes = [box for box in clause.boxes if box.page == page]
        try:
            png = base.page_image(clause.document_id, page, scale=SCALE, highlights=boxes)
        except FileProblem:
            return []
        drawn.append(Picture(page, png))
    return drawn


def quality(accept: str, media_type: str) -> float:
    """Return how much an `Accept` header wants a media type, 0 to 1 (RFC 9110, 12.5.1).

    The most specific range that matches counts; 0 for a header that says nothing of it.
    """
    kind = media_type.partition("/")[0]
    ranges = {"*/*": 0, f"{kind}/*": 1, media_type: 2}
    best, wanted = -1, 0.0
    for part in accept.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        if ranges.get(name, -1) > best:
            best, wanted = ranges[name], _weight(parameters)
    return wanted


def language_of(accept_language: str) -> Language:
    """Return the language of the page: English to who wants it first, else Chinese."""
    return "en" if accept_language.strip().lower().startswith("en") else "zh"


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _html(page: str, status: int = 200) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept, Accept-Language",
    }
    return HTMLResponse(page, status, headers)
