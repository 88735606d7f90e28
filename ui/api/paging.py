"""Cursors: where a page of a list ends, as a word that means nothing to others."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated

from fastapi import Query, Request, Response

from kb import InvalidInput

Cursor = Annotated[
    str | None, Query(max_length=400, description="from the `Link` header of the page before")
]


def written(*place: str | int) -> str:
    """Return a place in a list as a cursor."""
    plain = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read(cursor: str, *kinds: type) -> list[str | int]:
    """Return the place that a cursor stands for; InvalidInput for what is none."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        place = json.loads(text)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _no_cursor() from error
    fits = isinstance(place, list) and len(place) == len(kinds)
    if not fits or any(type(part) is not kind for part, kind in zip(place, kinds, strict=True)):
        raise _no_cursor()
    return list(place)


def offset_of(cursor: str, farthest: int) -> int:
    """Return the number of things before a page; InvalidInput for a cursor of another list."""
    place = read(cursor, int)[0]
    if not isinstance(place, int) or not 0 <= place <= farthest:
        raise _no_cursor()
    return place


def lead_on(request: Request, response: Response, cursor: str | None) -> None:
    """Name the next page in the `Link` header (RFC 8288), if there is one."""
    if cursor is not None:
        following = request.url.include_query_params(cursor=cursor)
        response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'


def _no_cursor() -> InvalidInput:
    message = "the cursor is none of this list: take it from the Link header, or leave it out"
    return InvalidInput(message, field="cursor")
