"""Every error as RFC 9457 problem details (`application/problem+json`)."""

from __future__ import annotations

import http
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from kb import InvalidInput, KBError

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One request field that is missing or makes no sense."""

    field: str
    message: str


class ProblemDetails(BaseModel):
    """What went wrong, as RFC 9457 lays it out, with our stable `code`."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["no document '0123456789abcdef'; `policykb list` shows them"])
    code: str = Field(examples=["not-found"])
    errors: list[FieldError] = []


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problem responses of a route for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {"description": http.HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def problem(
    status: int, code: str, detail: str, errors: list[FieldError] | None = None
) -> JSONResponse:
    """Return a problem response."""
    body = ProblemDetails(
        type="about:blank",
        title=http.HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        errors=errors or [],
    )
    return JSONResponse(body.model_dump(), status_code=status, media_type=MEDIA_TYPE)


class Refusal(HTTPException):
    """A request that is refused for what it is, not for what it asks."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(status, detail)
        self.code = code


def _known(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, KBError)  # noqa: S101 - registered for this class only
    fields = []
    if isinstance(error, InvalidInput):
        fields = [FieldError(field=error.field, message=error.message)]
    response = problem(error.status, error.code, error.message, fields)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    fields = [
        FieldError(field=".".join(str(part) for part in item["loc"][1:]), message=item["msg"])
        for item in error.errors()
    ]
    named = ", ".join(sorted({item.field for item in fields if item.field})) or "the request"
    return problem(422, "invalid-request", f"{named}: not as the API expects", fields)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    code = error.code if isinstance(error, Refusal) else f"http-{error.status_code}"
    response = problem(error.status_code, code, str(error.detail))
    response.headers.update(error.headers or {})
    if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    return response


def _methods_of(request: Request) -> set[str]:
    """Return what may be done at an address: each method is a route of its own."""
    found: set[str] = set()
    for route in request.app.routes:
        nested = getattr(getattr(route, "original_router", None), "routes", [route])
        for each in nested:
            if each.matches(request.scope)[0] is not Match.NONE:
                found |= set(getattr(each, "methods", None) or ())
    return found


def _unexpected(_: Request, __: Exception) -> JSONResponse:
    # Starlette raises the error again after this answer, so that the server's log has it whole.
    return problem(500, "internal", "the server met an error of its own; its log has the details")


def install(app: FastAPI) -> None:
    """Make `app` answer every error as a problem."""
    app.add_exception_handler(KBError, _known)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)
