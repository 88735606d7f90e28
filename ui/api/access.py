"""Who asks, and for what they may: keys, scopes and rates, before any route is reached.

Where keys are required, what needs none is listed here; everything else is refused without one,
whatever route it is. Which scope a route needs, and which part of the knowledge base it sees, is
decided by the kind of `Base` that it asks for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb import ApiKey, KBError, KnowledgeBase
from kb import Scope as KeyScope
from ui.api.limits import Allowance, Limits
from ui.api.options import ServiceOptions
from ui.api.problems import Refusal, problem

logger = logging.getLogger("ui.api")

PUBLIC = frozenset({"/healthz", "/readyz", "/openapi.json", "/docs", "/docs/oauth2-redirect"})
PUBLIC_BELOW = ("/static-offline-docs/", "/widget/")
PUBLIC_PAGES = frozenset({"/widget"})
MCP = "/mcp"
NO_SCOPE = "this key has no scope {!r}: use one that has"
#: Threads that look keys up, so that slow answers do not keep others from being let in.
_DOORMEN = 4


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a request; no key where none is needed and none was given."""

    key: ApiKey | None = None
    address: str = ""

    @property
    def key_id(self) -> str | None:
        """The key's id."""
        return self.key.key_id if self.key is not None else None

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections the key is limited to; none: all."""
        return self.key.collections if self.key is not None else ()

    def collection(self, named: str) -> str:
        """Return the collection that an upload goes to, where one may be named; Refusal."""
        if not self.collections:
            return named
        if named and named not in self.collections:
            own = ", ".join(self.collections)
            raise Refusal(403, "scope", f"this key uploads to {own}, not to {named!r}")
        return named or self.collections[0]

    def see(self, base: KnowledgeBase, scope: KeyScope) -> KnowledgeBase:
        """Return what of a knowledge base this caller may use for a scope; Refusal."""
        if self.key is None:
            return base
        if not self.key.allows(scope):
            raise Refusal(403, "scope", NO_SCOPE.format(scope))
        return base.restricted(self.key.collections) if self.key.collections else base


@dataclass(slots=True)
class Change:
    """What a request that changes something is, for the audit; routes say on what it is."""

    action: str
    subject: str = ""


#: For what is not a route of ours, and so asks for no `Base`: the tools of MCP.
CALLER: ContextVar[Caller] = ContextVar("caller")


def is_public(path: str) -> bool:
    """Tell whether a path needs no key: it holds nothing of any document."""
    return path in PUBLIC or path in PUBLIC_PAGES or path.startswith(PUBLIC_BELOW)


def caller_of(request: Request) -> Caller:
    """Return who makes a request."""
    caller: Caller = getattr(request.state, "caller", Caller())
    return caller


def whole_base(request: Request) -> KnowledgeBase:
    """Return the knowledge base this application serves, whoever asks."""
    base: KnowledgeBase = request.app.state.knowledge_base
    return base


def reading(request: Request) -> KnowledgeBase:
    """Return what the caller may read."""
    return caller_of(request).see(whole_base(request), "read")


def writing(request: Request) -> KnowledgeBase:
    """Return what the caller may change, and have the change noted."""
    _note_change(request)
    return caller_of(request).see(whole_base(request), "write")


def managing(request: Request) -> KnowledgeBase:
    """Return the whole to a caller who may manage it."""
    _note_change(request)
    return caller_of(request).see(whole_base(request), "admin")


def change_of(request: Request) -> Change:
    """Return what is noted of a request that changes something."""
    change: Change = request.state.change
    return change


def _note_change(request: Request) -> None:
    if request.method not in {"GET", "HEAD"}:
        request.state.change = Change(f"{request.method} {request.url.path}")


Base = Annotated[KnowledgeBase, Depends(reading)]
WriteBase = Annotated[KnowledgeBase, Depends(writing)]
AdminBase = Annotated[KnowledgeBase, Depends(managing)]


@dataclass(frozen=True, slots=True)
class _Decision:
    """Whether a request goes on, by whom it is, and headers that say how many more may come."""

    caller: Caller = field(default_factory=Caller)
    refusal: ASGIApp | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Access:
    """ASGI middleware that lets in who may come in, and notes what they change."""

    def __init__(self, app: ASGIApp, options: ServiceOptions) -> None:
        self.app = app
        self._options = options
        self._limits = Limits(options)
        self._counting_for: KnowledgeBase | None = None
        self._doormen = CapacityLimiter(_DOORMEN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http" or is_public(scope["path"]):
            await self.app(scope, receive, send)
            return
        base: KnowledgeBase = scope["app"].state.knowledge_base
        decision = await to_thread.run_sync(self._decide, base, scope, limiter=self._doormen)
        state = scope.setdefault("state", {})
        state["caller"] = decision.caller

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in decision.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if decision.refusal is not None:
            await decision.refusal(scope, receive, sent)
            return
        token = CALLER.set(decision.caller)
        try:
            await self.app(scope, receive, sent)
        finally:
            CALLER.reset(token)
            if "change" in state:
                await to_thread.run_sync(_noted, base, state, limiter=self._doormen)

    def _decide(self, base: KnowledgeBase, scope: Scope) -> _Decision:
        try:
            return self._decided(base, scope)
        except KBError as error:
            return _Decision(refusal=problem(error.status, error.code, error.message))

    def _decided(self, base: KnowledgeBase, scope: Scope) -> _Decision:
        if self._counting_for is not base:
            self._limits, self._counting_for = self._limits.shared_by(base), base
        address = (scope.get("client") or ("",))[0]
        token = _token(Headers(scope=scope))
        if token is None:
            return self._without_key(Caller(None, address))
        return self._with_key(base, token, scope["path"], address)

    def _without_key(self, caller: Caller) -> _Decision:
        allowance = self._limits.spend("address", caller.address)
        if self._options.require_keys and (allowance is None or allowance.allowed):
            return _unknown(caller, "a key is needed: send `Authorization: Bearer KEY`")
        return _within(caller, allowance)

    def _with_key(self, base: KnowledgeBase, token: str, path: str, address: str) -> _Decision:
        stranger = Caller(None, address)
        tried = self._limits.look("failure", address)
        if tried is not None and not tried.allowed:
            return _too_many(stranger, tried)
        key = base.authenticate(token)
        if key is None:
            self._limits.spend("failure", address)
            return _unknown(stranger, "the key is unknown or was revoked")
        caller = Caller(key, address)
        if path == MCP and not key.allows("read"):
            return _Decision(caller, problem(403, "scope", NO_SCOPE.format("read")))
        return _within(caller, self._limits.spend("key", key.key_id))


def _token(headers: Headers) -> str | None:
    """Return the key that a request carries, None for none at all."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key") or None


def _within(caller: Caller, allowance: Allowance | None) -> _Decision:
    if allowance is None:
        return _Decision(caller)
    if not allowance.allowed:
        return _too_many(caller, allowance)
    return _Decision(caller, None, allowance.headers)


def _unknown(caller: Caller, detail: str) -> _Decision:
    headers = {"WWW-Authenticate": 'Bearer realm="policykb"'}
    return _Decision(caller, problem(401, "unauthorized", detail), headers)


def _too_many(caller: Caller, allowance: Allowance) -> _Decision:
    detail = f"over {allowance.limit} requests in {allowance.window} seconds: wait and try again"
    return _Decision(caller, problem(429, "too-many-requests", detail), allowance.headers)


def _noted(base: KnowledgeBase, state: Mapping[str, Any]) -> None:
    change: Change = state["change"]
    caller: Caller = state["caller"]
    try:
        base.record_audit(
            change.action,
            change.subject,
            state.get("status", 500),
            key_id=caller.key_id,
            address=caller.address,
            request_id=state.get("request_id", ""),
        )
    except KBError as error:
        logger.error("%s is not in the audit: %s", change.action, error)
