"""Addresses of the engines a knowledge base may stand on, and how they are shown to people.

An address may hold a password: it is checked, passed on to the engine's own library, and shown
with `***` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

#: What an address of each setting may begin with; an empty one means this machine. `originals`
#: may be anything that fsspec knows.
SCHEMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "store": ("postgresql+psycopg", "postgresql", "sqlite"),
        "index": ("milvus",),
        "executor": ("ray",),
    }
)
EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        "store": "postgresql+psycopg://user:password@host:5432/policykb",
        "index": "milvus://host:19530/policykb",
        "originals": "s3://bucket/originals",
        "executor": "ray://host:10001",
    }
)
#: What stands for an engine that is started here.
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"executor": ("local", "ray")})
#: Settings whose address ends with the name of something.
NAMED: Mapping[str, str] = MappingProxyType({"store": "database", "index": "collection"})
_PASSWORD = re.compile(r"(?<=://)([^/?#]*?):([^/?#]*)@")
_SECRET = re.compile(r"(?i)([?&](?:password|token|secret|key)=)[^&#]*")


def shown(address: str) -> str:
    """Return an address with `***` for its password and for what its query keeps secret."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", address))


def fault_of(setting: str, address: str) -> str | None:
    """Say what is wrong with the address of an engine, None where nothing is.

    The address itself is never repeated: it may hold a password.
    """
    if not address or setting not in EXAMPLES or address in WORDS.get(setting, ()):
        return None
    fault = _fault_of_scheme(setting, address) or _fault_of_place(setting, address)
    return fault and f"{fault}: write it like {EXAMPLES[setting]}"


def _fault_of_scheme(setting: str, address: str) -> str | None:
    scheme, separator, _ = address.partition("://")
    if setting == "originals":
        # A plain path is a folder.
        named = not separator or re.fullmatch(r"[a-z][a-z0-9+.:-]*", scheme)
        return None if named else "is no URL"
    if separator and scheme in SCHEMES[setting]:
        return None
    known = " or ".join(f"{name}://" for name in SCHEMES[setting])
    return f"must be empty or begin with {known}"


def _fault_of_place(setting: str, address: str) -> str | None:
    if setting == "originals" or address.startswith("sqlite:"):
        return None
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "has a host or port that is none"
    if not host or port == 0:
        return "names no host"
    if setting in NAMED and not re.fullmatch(r"/\w[\w-]*", parts.path):
        return f"names no {NAMED[setting]}"
    return None
