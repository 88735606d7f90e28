"""The application: routes, error shape, documentation page that works offline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from kb import KnowledgeBase
from ui.api import (
    clauses,
    comparing,
    documents,
    lineage,
    openai,
    permalinks,
    problems,
    registry,
    search,
    widget,
)
from ui.api.guard import Guard

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]", "::1")
DESCRIPTION = """\
Chinese policy and research documents, answered with the exact cited passage.

Every error is `application/problem+json` (RFC 9457) with a stable `code`.
Boxes are PDF points, origin top left, pages from 1.
"""


class Health(BaseModel):
    """Whether the service answers, and with what."""

    status: str
    version: str


def create_app(
    home: Path | None = None, *, allowed_hosts: tuple[str, ...] = LOOPBACK_HOSTS
) -> FastAPI:
    """Return the API over the knowledge base at `home` (opened when the server starts).

    `allowed_hosts` are the values of `Host` that are answered; others get 400.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with KnowledgeBase.open(home) as base:
            app.state.knowledge_base = base
            yield

    app = FastAPIOffline(
        redoc_url=None,
        title="policykb",
        version=version("policykb"),
        description=DESCRIPTION,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(search.router)
    app.include_router(clauses.router)
    app.include_router(comparing.router)
    app.include_router(registry.router)
    app.include_router(documents.router)
    app.include_router(lineage.router)
    app.include_router(permalinks.router)
    app.include_router(openai.router)
    app.include_router(widget.router)
    app.add_api_route("/healthz", health, tags=["operation"], summary="Tell that it answers")
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(allowed_hosts))
    return app


def health() -> Health:
    """Tell that the service answers."""
    return Health(status="ok", version=version("policykb"))
