"""What the service tells of itself: one line of JSON for each request, and Prometheus metrics.

Queries and questions are in neither: only routes, never the addresses that were asked for.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import prometheus_client as prometheus
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb import KBError, KnowledgeBase

logger = logging.getLogger("ui.api")
access_log = logging.getLogger("ui.api.access")

REQUEST_ID = "X-Request-ID"
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: Set by who starts several processes, before this module is loaded.
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
#: Seconds; a search takes hundredths of one, an upload minutes.
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)

REQUESTS = prometheus.Counter(
    "policykb_requests", "Requests answered", ("method", "route", "status")
)
SECONDS = prometheus.Histogram(
    "policykb_request_seconds", "Time to the end of the answer", ("route",), buckets=BUCKETS
)
IN_FLIGHT = prometheus.Gauge(
    "policykb_requests_in_flight", "Requests being answered", multiprocess_mode="livesum"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
#: The documentation page writes its own script into the page; it loads nothing from elsewhere.
DOCS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
)


class Observe:
    """ASGI middleware that gives requests an id, answers safe headers, and tells of both."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        given = Headers(scope=scope).get(REQUEST_ID.lower(), "")
        request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        state["request_id"] = request_id
        started, status = time.perf_counter(), 500

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), scope["path"], request_id)
            await send(message)

        IN_FLIGHT.inc()
        try:
            await self.app(scope, receive, sent)
        finally:
            IN_FLIGHT.dec()
            _tell(scope, status, time.perf_counter() - started)


def _complete(headers: MutableHeaders, path: str, request_id: str) -> None:
    headers[REQUEST_ID] = request_id
    if path in {"/docs", "/docs/oauth2-redirect"}:
        headers.setdefault("Content-Security-Policy", DOCS_POLICY)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")
    method = scope["method"] if scope["method"] in METHODS else "other"
    REQUESTS.labels(method, route, status).inc()
    SECONDS.labels(route).observe(seconds)
    caller = scope["state"].get("caller")
    told = {
        "request_id": scope["state"]["request_id"],
        "method": scope["method"],
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "key": getattr(caller, "key_id", None),
        "address": (scope.get("client") or ("",))[0],
    }
    access_log.info("request", extra={"fields": told})


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record's line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def log_config(level: str = "INFO") -> dict[str, Any]:
    """Return the set-up of logging for the service: everything to stderr, as lines of JSON."""
    to_stderr = {"handlers": ["stderr"], "level": level, "propagate": False}
    quiet = {**to_stderr, "level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        # Libraries that would set up a log of their own find that there is one.
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            **dict.fromkeys(("ui", "kb", "ingest", "index", "uvicorn.error"), to_stderr),
            **dict.fromkeys(("mcp", "uvicorn.access"), quiet),
        },
    }


class _Held(Collector):
    """How much the knowledge base holds, looked at when it is asked."""

    def __init__(self, base: KnowledgeBase) -> None:
        self._base = base

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the numbers of documents and passages, and the store's revision."""
        try:
            documents = self._base.documents()
            revision = self._base.revision()
        except KBError as error:
            logger.warning("metrics lack the knowledge base: %s", error)
            return
        passages = sum(info.passages for info in documents)
        yield GaugeMetricFamily("policykb_documents", "Current documents", value=len(documents))
        yield GaugeMetricFamily("policykb_passages", "Passages of them", value=passages)
        yield GaugeMetricFamily("policykb_revision", "Changes to the store", value=revision)


def metrics(base: KnowledgeBase, *, several: bool) -> tuple[bytes, str]:
    """Return the metrics of this process, or of `several` that serve together, and their type."""
    registry = prometheus.CollectorRegistry()
    registry.register(_Held(base))
    if several:
        from prometheus_client.multiprocess import MultiProcessCollector

        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = prometheus.generate_latest(registry)
    else:
        text = prometheus.generate_latest(registry) + prometheus.generate_latest()
    return text, prometheus.CONTENT_TYPE_LATEST
