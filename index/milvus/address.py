"""The address of an index in Milvus: `milvus://[user:password@]host:19530/name[?option=value]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from index.errors import SearchIndexError

PORT = 19530
# What Milvus takes for a collection's name; our own additions to it fit within its 255 characters.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
# What each option may be; the first is what it is where nothing is said.
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dense": ("HNSW", "IVF_FLAT", "IVF_SQ8", "FLAT", "AUTOINDEX", "DISKANN"),
        "vectors": ("float32", "float16"),
        "consistency": ("Bounded", "Strong", "Session", "Eventually"),
        "tls": ("0", "1"),
    }
)
_NUMBERS: Mapping[str, float] = MappingProxyType({"timeout": 5.0, "shards": 1.0})


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index is and how it is made there.

    `uri` and `token` are for the client; `timeout` is in seconds, for one question.
    """

    uri: str
    token: str
    database: str
    name: str
    dense: str
    vectors: str
    consistency: str
    timeout: float
    shards: int

    @property
    def shown(self) -> str:
        """The address without what is secret."""
        return f"{self.uri.partition('://')[2]}/{self.name}"


def read_address(url: str) -> Address:
    """Read an address; SearchIndexError names what is wrong with it and never repeats it."""
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port or PORT
    except ValueError as error:
        raise _fault(str(error)) from error
    name = parts.path.strip("/")
    if parts.scheme != "milvus" or not host:
        raise _fault("it must begin with milvus:// and a host")
    if not _NAME.fullmatch(name):
        raise _fault("its path must be a name of letters, digits and _ that no digit begins")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    numbers = {option: _number(options, option) for option in _NUMBERS}
    chosen = {option: _choice(options, option) for option in CHOICES}
    database = options.pop("database", "")
    if options:
        raise _fault(f"it has no option {', '.join(sorted(options))}")
    scheme = "https" if chosen["tls"] == "1" else "http"
    shown_host = f"[{host}]" if ":" in host else host
    credentials = (unquote(part) for part in (parts.username or "", parts.password or "") if part)
    return Address(
        uri=f"{scheme}://{shown_host}:{port}",
        token=":".join(credentials),
        database=database,
        name=name,
        dense=chosen["dense"],
        vectors=chosen["vectors"],
        consistency=chosen["consistency"],
        timeout=numbers["timeout"],
        shards=int(numbers["shards"]),
    )


def _choice(options: dict[str, str], option: str) -> str:
    value = options.pop(option, CHOICES[option][0])
    if value not in CHOICES[option]:
        raise _fault(f"{option} must be one of {', '.join(CHOICES[option])}")
    return value


def _number(options: dict[str, str], option: str) -> float:
    text = options.pop(option, str(_NUMBERS[option]))
    if not re.fullmatch(r"\d{1,4}(\.\d+)?", text) or float(text) <= 0:
        raise _fault(f"{option} must be a positive number")
    return float(text)


def _fault(what: str) -> SearchIndexError:
    return SearchIndexError(
        f"the address of the index is wrong: {what}. Set `index` to milvus://host:{PORT}/name"
    )
