"""Requests to a server, and its answers as the values of `kb`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

import httpx
from pydantic import TypeAdapter

from kb import KBError
from ui.client import Client, ServiceError, events
from ui.remote.errors import KEY_VARIABLE, ServerProblem, error_of, told

_T = TypeVar("_T")
#: Seconds for which what a server said of itself is believed, unless something was changed here.
FRESH: Final = 1.0
#: Seconds for an answer; None for what takes as long as it takes.
TIMEOUT: Final = 60.0
#: Seconds between two events; a server that works says something more often.
PATIENCE: Final = 300.0
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class About:
    """What a server says of itself, and of what the key may do."""

    version: str
    revision: int
    state: int
    read_only: bool
    scopes: tuple[str, ...]
    collections: tuple[str, ...]
    language_model: str
    public_url: str


class Link:
    """A server and the key for it; safe to share between threads."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """Name a server; nothing is sent yet. ServerProblem for what is no address or no key."""
        self.url = _checked_url(url)
        self._client = Client(self.url, key=_checked_key(key), timeout=TIMEOUT)
        self._about: tuple[float, About] | None = None
        self._guard = threading.Lock()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def send(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Return the answer to a request; raises `KBError`."""
        with told(self.url):
            response = self._client.request(method, path, **sent)
        if response.is_redirect:
            there = response.headers.get("location", "")
            message = f"{self.url} leads on to {there}: name that server instead"
            raise ServerProblem(message, code="redirect")
        return response

    def change(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """Do as `send` for what changes something there."""
        try:
            return self.send(method, path, **sent)
        finally:
            self.forget()

    @contextmanager
    def stream(self, method: str, path: str, **sent: Any) -> Iterator[httpx.Response]:
        """Give the answer to a request while it comes; raises `KBError`."""
        with told(self.url), self._client.stream(method, path, **sent) as response:
            yield response

    def heard(self, path: str, ending: str, say: Callable[[str, str], None], **sent: Any) -> str:
        """Have done there what tells how far it is; return the data of the event `ending`.

        `say` is told the kind and the data of each event before. Raises `KBError`.
        """
        sent = {"headers": {"Accept": EVENTS}, "timeout": PATIENCE, **sent}
        with self.stream("POST", path, **sent) as response:
            if not response.headers.get("content-type", "").startswith(EVENTS):
                # A server of a version that tells nothing before the end.
                return response.read().decode()
            for event in events(response.iter_lines()):
                kind = event.get("event", "")
                if kind == ending:
                    return event["data"]
                if kind == "problem":
                    raise _problem(event["data"], self.url)
                say(kind, event["data"])
        raise ServerProblem(f"{self.url} left off before the end: try again", code="cut-off")

    def get(self, kind: type[_T], path: str, /, **asked: Any) -> _T:
        """Return what lies at a path as a value of `kb`; what is None is not asked for."""
        return self.read(kind, self.send("GET", path, params=given(asked)))

    def read(self, kind: type[_T], response: httpx.Response) -> _T:
        """Return an answer as a value of `kb`; what a newer server adds is left out."""
        with told(self.url):
            return cast("_T", _adapter(cast("Any", kind)).validate_json(response.content))

    def about(self) -> About:
        """Return what the server says of itself, no older than a second."""
        with self._guard:
            if self._about is None or time.monotonic() > self._about[0] + FRESH:
                found = self.get(About, "/v1/about")
                self._about = time.monotonic(), found
            return self._about[1]

    def forget(self) -> None:
        """Ask the server anew what it is like."""
        # Not under the guard: whoever is asking now is told what was before.
        self._about = None


class Remote:
    """What every part of a knowledge base behind a server stands on."""

    link: Link


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is there to be sent."""
    return {name: value for name, value in values.items() if value is not None}


def shares_told(told: Callable[[int, int], None]) -> Callable[[str, str], None]:
    """Return what reads `progress` events and tells how much of how much is through."""

    def say(kind: str, data: str) -> None:
        if kind == "progress":
            share = TypeAdapter(dict[str, int]).validate_json(data)
            told(share["done"], share["total"])

    return say


def _problem(data: str, url: str) -> KBError:
    said = TypeAdapter(dict[str, Any]).validate_json(data)
    error = ServiceError(int(said["status"]), str(said["code"]), str(said["detail"]))
    return error_of(error, url)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _checked_url(url: str) -> str:
    message = "is no address of a server: write it like https://kb.example.org"
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ServerProblem(f"{url!r} {message}", code="address") from error
    if "@" in parts.netloc:
        # What stands before the @ may be a password.
        raise ServerProblem(f"an address with a name or password in it {message}", code="address")
    whole = parts.scheme in {"http", "https"} and bool(host) and port != 0
    if not whole or parts.query or parts.fragment:
        raise ServerProblem(f"{url!r} {message}", code="address")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _checked_key(key: str | None) -> str | None:
    key = (key or "").strip()
    if not (key.isascii() and key.replace("_", "").isalnum()) and key:
        message = (
            f"{KEY_VARIABLE} is set, but to no key: `policykb key make` on the server makes one"
        )
        raise ServerProblem(message, code="key")
    return key or None
