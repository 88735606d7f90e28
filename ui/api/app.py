"""The application: routes, error shape, documentation page that works offline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware

from kb import KnowledgeBase, UploadQueue, UploadWorker
from ui.api import (
    about,
    admin,
    ask,
    clauses,
    comparing,
    curating,
    documents,
    jobs,
    lineage,
    mcp,
    openai,
    operation,
    permalinks,
    problems,
    registry,
    search,
    widget,
)
from ui.api.access import Access
from ui.api.describe import describe
from ui.api.events import STOPPING, stopped_by_signals
from ui.api.guard import Guard
from ui.api.observe import REQUEST_ID, Observe
from ui.api.options import ServiceOptions

ROUTERS = (
    search,
    ask,
    clauses,
    comparing,
    registry,
    documents,
    curating,
    jobs,
    lineage,
    permalinks,
    openai,
    about,
    admin,
    operation,
    widget,
)
DESCRIPTION = """\
Chinese policy and research documents, answered with the exact cited passage.

Every error is `application/problem+json` (RFC 9457) with a stable `code`.
Boxes are PDF points, origin top left, pages from 1.
"""
#: What a page of another site may send, and read of an answer, where it may use the API at all.
SENT = ("Authorization", "X-API-Key", "Content-Type", "If-None-Match", "Last-Event-ID", REQUEST_ID)
READ = ("ETag", "Link", "Location", "Retry-After", REQUEST_ID)
RATES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "RateLimit-Policy")


def create_app(options: ServiceOptions = ServiceOptions()) -> FastAPI:  # noqa: B008 - frozen
    """Return the API over a knowledge base, which is opened when the server starts."""
    app = FastAPIOffline(
        redoc_url=None,
        title="policykb",
        version=version("policykb"),
        description=DESCRIPTION,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        lifespan=_lifespan,
    )
    app.state.options = options
    problems.install(app)
    for module in ROUTERS:
        app.include_router(module.router)
    app.state.mcp = mcp.mount(app)
    describe(app, options)
    # The last is outermost: whatever answers, it is told of, and has the headers of a browser.
    app.add_middleware(Access, options=options)
    app.add_middleware(Guard, options=options)
    if options.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=list(SENT),
            expose_headers=[*READ, *RATES],
        )
    app.add_middleware(Observe)
    return app


def from_environment() -> FastAPI:
    """Return the API as whoever started this process wants it."""
    return create_app(ServiceOptions.from_environment())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the knowledge base, and work off uploads as long as the server runs."""
    STOPPING.clear()
    options: ServiceOptions = app.state.options
    with stopped_by_signals(), KnowledgeBase.open(options.path) as base:
        app.state.knowledge_base = base
        app.state.uploads = UploadQueue.of(base)
        worker = UploadWorker(base, app.state.uploads)
        if not base.read_only:
            worker.start()
        try:
            async with app.state.mcp.session_manager.run():
                yield
        finally:
            STOPPING.set()
            await to_thread.run_sync(worker.stop)
