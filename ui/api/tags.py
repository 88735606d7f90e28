"""Answers that a client may keep: an ETag on each, 304 for whoever has it (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

#: May be kept by who asked and by nobody else, and is asked about each time.
PRIVATE = "private, no-cache"
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {
    304: {"description": "What `If-None-Match` names is still what there is"}
}


def tag_of(*parts: object) -> str:
    """Return an ETag made of what an answer depends on."""
    text = "\0".join(map(str, parts))
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def has(request: Request, tag: str) -> bool:
    """Tell whether the client says that it has what a tag stands for."""
    given = request.headers.get("if-none-match", "")
    held = (part.strip().removeprefix("W/") for part in given.split(","))
    return given.strip() == "*" or tag in held


def tagged(request: Request, tag: str, made: Callable[[], bytes], media_type: str) -> Response:
    """Return what is made, or 304 without making it, where the client has it."""
    headers = {"ETag": tag, "Cache-Control": PRIVATE, "Vary": "Authorization, X-API-Key"}
    if has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(made(), media_type=media_type, headers=headers)


def tagged_json(request: Request, value: object) -> Response:
    """Return a result as JSON, tagged by its content."""
    body = to_json(value)
    return tagged(request, tag_of(body.hex()), lambda: body, "application/json")
