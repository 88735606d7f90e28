"""What a request may be: its size, the host it names, the page it comes from.

The API listens on the loopback address without keys, so a web page open in the same browser must
not be able to write to it: a request that changes something and carries an `Origin` of another
site is refused, and so is one whose `Host` is not ours (DNS rebinding).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import problem

#: Largest request body: one upload of a long scanned report, with room to spare.
MAX_BODY_BYTES = 200 * 1024 * 1024
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyTooLarge(Exception):
    """The body went over the limit while it was being read."""


class Guard:
    """ASGI middleware that refuses oversized bodies and writes from other origins."""

    def __init__(self, app: ASGIApp, max_body: int = MAX_BODY_BYTES) -> None:
        self.app = app
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in READING and _foreign(headers):
            refusal = problem(403, "foreign-origin", "writes from another site's page are refused")
            await refusal(scope, receive, send)
            return
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_body:
            await self._too_large()(scope, receive, send)
            return
        try:
            await self.app(scope, self._counted(receive), send)
        except BodyTooLarge:
            await self._too_large()(scope, receive, send)

    def _too_large(self) -> ASGIApp:
        limit = self.max_body // (1024 * 1024)
        return problem(413, "too-large", f"the request is over {limit} MiB; send fewer files")

    def _counted(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.max_body:
                raise BodyTooLarge
            return message

        return counted


def _foreign(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc != headers.get("host")
