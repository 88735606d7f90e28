"""How the service is run: where it listens, whom it answers, how much at a time."""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

#: Hands the options to worker processes, which are started anew and get no arguments.
VARIABLE = "POLICYKB_SERVICE_OPTIONS"
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]", "::1")
ANY = "*"
#: Each process counts by itself; where hosts share a store, all of them in that.
IN_PROCESS = "memory://"


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """Options of the service.

    home            the knowledge base's folder; None as `KnowledgeBase.open` has it
    require_keys    every request needs a key, but for health, documentation and the widget's files
    hosts           values of `Host` that are answered; "*" any
    origins         sites whose pages may use the API from a browser (CORS)
    key_rate        requests of one key, as the library `limits` writes rates; "" as many as come
    address_rate    requests of one address without a key, likewise
    rate_storage    where requests are counted, an address of `limits`; each process by itself in
                    "memory://", or in the store where several hosts share it
    max_body        bytes of one request
    body_timeout    seconds a request may keep the service waiting for its body
    """

    home: str | None = None
    require_keys: bool = False
    hosts: tuple[str, ...] = LOOPBACK_HOSTS
    origins: tuple[str, ...] = ()
    key_rate: str = ""
    address_rate: str = ""
    rate_storage: str = IN_PROCESS
    max_body: int = 200 * 1024 * 1024
    body_timeout: float = 30.0

    @property
    def path(self) -> Path | None:
        """The knowledge base's folder."""
        return None if self.home is None else Path(self.home)

    def to_environment(self) -> None:
        """Leave the options to processes that this one starts."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_environment(cls) -> Self:
        """Take the options that were left to this process."""
        plain = json.loads(os.environ[VARIABLE])
        for name in ("hosts", "origins"):
            plain[name] = tuple(plain[name])
        return cls(**plain)


def is_loopback(host: str) -> bool:
    """Tell whether an address to listen on is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
