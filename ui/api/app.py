"""The application: routes, error shape, documentation page that works offline."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import to_thread
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware.cors import CORSMiddleware
from uvicorn.config import STARTUP_FAILURE

from kb import (
    IndexFollower,
    InvalidInput,
    KBError,
    KnowledgeBase,
    UploadQueue,
    UploadWorker,
    report_failure,
)
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


def create_app(
    options: ServiceOptions = ServiceOptions(),  # noqa: B008 - frozen
    base: KnowledgeBase | None = None,
) -> FastAPI:
    """Return the API over a knowledge base; the server closes it when it ends.

    Without one, that of the options is opened when the server starts.
    """
    app = FastAPIOffline(
        redoc_url=None,
        title="policykb",
        version=version("policykb"),
        description=DESCRIPTION,
        license_info={"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        lifespan=_lifespan,
    )
    app.state.options = options
    app.state.knowledge_base = base
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
    """Return the API as whoever started this process wants it, over what that one names.

    Raises what `opened` does.
    """
    options = ServiceOptions.from_environment()
    return create_app(options, opened(options))


def in_worker() -> FastAPI:
    """Return the API as `from_environment` does, in one process of several.

    Where it cannot be opened the process says why, and ends so that no other is started for it.
    """
    try:
        return from_environment()
    except KBError as error:
        report_failure(error)
        sys.exit(STARTUP_FAILURE)


def opened(options: ServiceOptions) -> KnowledgeBase:
    """Open the knowledge base that is to be served.

    Raises KBError where it cannot be opened, and where keys are needed and there is none.
    """
    base = KnowledgeBase.open(options.path)
    made = base.keys() if options.require_keys else ()
    if options.require_keys and all(key.revoked_at is not None for key in made):
        base.close()
        message = (
            "whoever asks here needs a key, and there is none: make one by "
            "`policykb key make NAME --scope read`"
        )
        raise InvalidInput(message, field="require_keys")
    return base


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the knowledge base; work off uploads, and keep up an index elsewhere, meanwhile."""
    STOPPING.clear()
    given: KnowledgeBase | None = app.state.knowledge_base
    options: ServiceOptions = app.state.options
    with stopped_by_signals(), given or KnowledgeBase.open(options.path) as base:
        app.state.knowledge_base = base
        app.state.uploads = UploadQueue.of(base)
        worker, follower = UploadWorker(base, app.state.uploads), IndexFollower(base)
        if not base.read_only:
            worker.start()
            follower.start()
        try:
            async with app.state.mcp.session_manager.run():
                yield
        finally:
            STOPPING.set()
            await to_thread.run_sync(worker.stop)
            await to_thread.run_sync(follower.stop)
