"""For whoever runs the service: does it live, can it answer, what is it doing."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from kb import KBError
from ui.api.access import AdminBase, whole_base
from ui.api.observe import MULTIPROCESS, metrics
from ui.api.problems import Refusal, responses

#: A query for a sign that hardly any document has: all of the machinery, next to no work.
PROBE = "㍿"
router = APIRouter(tags=["operation"])
PLAIN: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}


class Health(BaseModel):
    """Whether the service answers, and with what."""

    status: str
    version: str


@router.get("/healthz")
def health() -> Health:
    """Tell that the service answers."""
    return Health(status="ok", version=version("policykb"))


@router.get("/readyz", responses=responses(503))
def ready(request: Request) -> Health:
    """Tell that a search would be answered; else 503, and requests should wait."""
    base = whole_base(request)
    try:
        # Store, index and encoder, as the first who asks would use them.
        base.search(PROBE, k=1)
    except KBError as error:
        raise Refusal(503, error.code, error.message) from error
    return Health(status="ready", version=version("policykb"))


@router.get("/metrics", response_class=Response, responses={**PLAIN, **responses(403)})
def prometheus_metrics(base: AdminBase) -> Response:
    """Return metrics as Prometheus reads them, of all worker processes together."""
    text, media_type = metrics(base, several=MULTIPROCESS in os.environ)
    return Response(text, media_type=media_type)
