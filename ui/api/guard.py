"""What a request may be: its size, its pace, the host it names, the page it comes from.

Without keys the API listens on the loopback address only, and a web page open in the same browser
must still not be able to write to it: a request that changes something and carries an `Origin` of
another site is refused, and so is one whose `Host` is not ours (DNS rebinding). A site that may use
the API (CORS) writes with a key, which a browser does not send by itself.
"""

from __future__ import annotations

import asyncio
import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.options import ANY, ServiceOptions
from ui.api.problems import Refusal, problem

READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: Bytes a second below which an upload is too slow, once `body_timeout` has passed.
SLOWEST = 10 * 1024


#: Bytes and lines that a request's target and headers may have together. The server stops reading
#: at as many, but lets pass what it has read in one go.
LONGEST_HEAD = 32 * 1024
MOST_HEADERS = 100


class Guard:
    """ASGI middleware that refuses other hosts, writes from other sites, large and slow bodies."""

    def __init__(self, app: ASGIApp, options: ServiceOptions) -> None:
        self.app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = _of_head(scope) or self._refusal(scope["method"], Headers(scope=scope))
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        await self.app(scope, self._counted(receive), send)

    def _refusal(self, method: str, headers: Headers) -> ASGIApp | None:
        if not self._is_ours(headers.get("host", "")):
            return problem(400, "unknown-host", "this service is not known by that name of a host")
        if method not in READING and self._is_foreign(headers):
            detail = "writes from another site's page are refused without a key"
            return problem(403, "foreign-origin", detail)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return problem(400, "http-400", "Content-Length is no number")
        if int(length) > self._options.max_body:
            return problem(413, "too-large", self._too_large())
        return None

    def _is_ours(self, host: str) -> bool:
        if ANY in self._options.hosts:
            return True
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        return (name or host).lower() in self._options.hosts

    def _is_foreign(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None or urlsplit(origin).netloc == headers.get("host"):
            return False
        carries_key = "authorization" in headers or "x-api-key" in headers
        return not (carries_key and origin in self._options.origins)

    def _too_large(self) -> str:
        limit = self._options.max_body // (1024 * 1024)
        return f"the request is over {limit} MiB; send fewer files"

    def _counted(self, receive: Receive) -> Receive:
        seen, whole = 0, False
        started = time.monotonic()

        async def counted() -> Message:
            nonlocal seen, whole
            if whole:
                # What comes now is that the client hangs up, whenever that is.
                return await receive()
            due = started + self._options.body_timeout + seen / SLOWEST
            try:
                message = await asyncio.wait_for(receive(), due - time.monotonic())
            except TimeoutError:
                detail = "the request's body did not come in time; send it again"
                raise Refusal(408, "too-slow", detail) from None
            whole = not message.get("more_body", False)
            seen += len(message.get("body", b""))
            if seen > self._options.max_body:
                raise Refusal(413, "too-large", self._too_large())
            return message

        return counted


def _of_head(scope: Scope) -> ASGIApp | None:
    """Return what refuses a head that is too long, or that two servers may read as two requests."""
    headers = scope["headers"]
    if {b"content-length", b"transfer-encoding"} <= {name for name, _ in headers}:
        answer = problem(400, "http-400", "a request has a length or is chunked, not both")
        # Whatever follows on this connection may be another's request in disguise.
        answer.headers["Connection"] = "close"
        return answer
    size = len(scope["query_string"]) + len(scope["path"])
    size += sum(len(name) + len(value) for name, value in headers)
    if size <= LONGEST_HEAD and len(headers) <= MOST_HEADERS:
        return None
    limit = LONGEST_HEAD // 1024
    return problem(431, "head-too-large", f"address and headers are over {limit} KiB: shorten them")
