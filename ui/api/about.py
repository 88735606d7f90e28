"""What a client that shows a knowledge base to people has to know of it first."""

from __future__ import annotations

from importlib.metadata import version
from typing import get_args

from fastapi import APIRouter, Request
from pydantic import BaseModel

from kb import Scope
from ui.api.access import Base, caller_of
from ui.api.downloads import address_of
from ui.api.problems import responses

router = APIRouter(prefix="/v1", tags=["operation"])


class About(BaseModel):
    """The service, as whoever asks sees it.

    `revision` grows with every change, `state` whenever other passages may be found; `scopes` are
    those of the key, `collections` the ones it is limited to, none where it sees all;
    `language_model` is the one that may word answers, empty where none is set; `public_url` is
    what links to the service begin with.
    """

    version: str
    revision: int
    state: int
    read_only: bool
    scopes: list[Scope]
    collections: list[str]
    language_model: str
    public_url: str


@router.get("/about", responses=responses(403))
def about(request: Request, base: Base) -> About:
    """Tell what this service is, and what the one who asks may do with it."""
    caller = caller_of(request)
    model = base.language_model()
    every: tuple[Scope, ...] = get_args(Scope)
    allowed = every if caller.key is None else tuple(filter(caller.key.allows, every))
    return About(
        version=version("policykb"),
        revision=base.revision(),
        state=base.state(),
        # A part is read-only to itself alone: what goes in goes through the whole.
        read_only=request.app.state.knowledge_base.read_only,
        scopes=list(allowed),
        collections=list(caller.collections),
        language_model=model.model if model.is_set else "",
        public_url=address_of(request, base),
    )
