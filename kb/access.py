"""Keys of the service: what one may do, how its token is made, and how a token is checked.

A token is `pkb_<id>_<secret>`: the id is looked up, the secret, 256 random bits, is kept as its
SHA-256 alone. A secret of that size cannot be guessed, so no salt or slow hash is needed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from kb.errors import InvalidInput
from kb.intake import checked_collection

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LONGEST_NAME = 100

_TOKEN = re.compile(r"pkb_([0-9a-f]{16})_([0-9a-f]{64})")
#: Compared with where an id is unknown, so that it takes as long as where it is known.
_NO_SECRET = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the service: what it may do, and in which collections; in none given, in all."""

    key_id: str
    name: str
    scopes: tuple[Scope, ...]
    collections: tuple[str, ...]
    created_at: str
    revoked_at: str | None = None

    def allows(self, scope: Scope) -> bool:
        """Tell whether the key may be used for a scope; `admin` includes the others."""
        return scope in self.scopes or "admin" in self.scopes


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, and its token, which is shown this once and kept nowhere."""

    key: ApiKey
    token: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change, or attempt at one, through the service; `status` is that of HTTP."""

    number: int
    at: str
    key_id: str | None
    address: str
    request_id: str
    action: str
    subject: str
    status: int


def new_token() -> tuple[str, str, str]:
    """Return a new key's id, its token, and the hash of the secret in it."""
    key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
    return key_id, f"pkb_{key_id}_{secret}", _hashed(secret)


def id_of(token: str) -> str | None:
    """Return the id in a token, None where it is not one of ours."""
    match = _TOKEN.fullmatch(token)
    return match[1] if match else None


def is_secret_of(token: str, secret_sha256: str | None) -> bool:
    """Tell, in constant time, whether a token holds the secret of a hash; never for None."""
    match = _TOKEN.fullmatch(token)
    given = _hashed(match[2] if match else "")
    same = hmac.compare_digest(given, secret_sha256 or _NO_SECRET)
    return same and match is not None and secret_sha256 is not None


def checked_name(name: str) -> str:
    """Return a key's name, without spaces around it; InvalidInput for one that is none."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"{name!r} is no name for a key: give 1 to {LONGEST_NAME} printable characters"
        raise InvalidInput(message, field="name")
    return name


def checked_scopes(scopes: Sequence[str]) -> tuple[Scope, ...]:
    """Return scopes, each once and in their order; InvalidInput for none or an unknown one."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        said = f"{unknown[0]!r} is no scope" if unknown else "a key needs a scope"
        raise InvalidInput(f"{said}: give one or more of {', '.join(SCOPES)}", field="scope")
    return tuple(scope for scope in SCOPES if scope in scopes)


def checked_collections(collections: Sequence[str], scopes: Sequence[Scope]) -> tuple[str, ...]:
    """Return collections, each once; InvalidInput for no name, or where `admin` is a scope."""
    named = tuple(dict.fromkeys(map(checked_collection, collections)))
    if "" in named:
        raise InvalidInput("the name of a collection is empty: give one", field="collection")
    if named and "admin" in scopes:
        message = "an admin key is not limited to collections: leave out one or the other"
        raise InvalidInput(message, field="collection")
    return named


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
