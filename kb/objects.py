"""Object storage that speaks S3, as a file system of fsspec, and what its errors mean.

Spoken by Arrow's S3 client (https://arrow.apache.org/docs/python/filesystems.html): it waits, tries
again with jitter and sends large objects in parts by itself. Addresses are
`s3://bucket/prefix?endpoint=http://host:9000&region=...`; without an endpoint the variable
`AWS_ENDPOINT_URL` names it, else it is Amazon's. Keys come from `AWS_ACCESS_KEY_ID` and
`AWS_SECRET_ACCESS_KEY`, `~/.aws`, or what the machine was given (`AWS_ROLE_ARN` and the like).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from kb.backends import shown
from kb.errors import HomeProblem, OriginalsUnavailable, StorageProblem
from kb.pauses import full_jitter

_T = TypeVar("_T")

SCHEME = "s3://"
#: Seconds to wait for a connection, and for a next byte.
CONNECT_TIMEOUT, READ_TIMEOUT = 3.0, 20.0
#: Tries of one request by the client itself; ours come on top.
TRIES = 3
#: Seconds that somebody who asks for a file is kept waiting for storage that does not answer.
PATIENCE = 10.0
#: Seconds that reading files in goes on trying.
LONG_PATIENCE = 600.0
#: Seconds of the first pause and of the longest; each is drawn from nothing up to that.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
#: What the client says of requests that may succeed when they are made again.
PASSING = (
    "NETWORK_CONNECTION",
    "SERVICE_UNAVAILABLE",
    "SLOW_DOWN",
    "THROTTLING",
    "INTERNAL_FAILURE",
    "REQUEST_TIMEOUT",
    "REQUEST_TIME_TOO_SKEWED",
    "HTTP status 500",
    "HTTP status 502",
    "HTTP status 503",
    "HTTP status 504",
)
#: What it says of keys that do not open the door.
REFUSED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "HTTP status 403")
_OPTIONS = frozenset({"endpoint", "region"})


def is_objects(url: str) -> bool:
    """Tell whether an address is one of S3 storage."""
    return url.startswith(SCHEME)


def open_objects(url: str, environ: Mapping[str, str] | None = None) -> tuple[Any, str]:
    """Return the file system behind an address, and the folder in it; nothing is asked of it yet.

    Raises HomeProblem where the address cannot be meant or the library is missing.
    """
    parts = urlsplit(url)
    options = _options(parts, os.environ if environ is None else environ)
    root = f"{parts.netloc.rpartition('@')[2]}{parts.path}".rstrip("/")
    try:
        from fsspec.implementations.arrow import ArrowFSWrapper
        from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem
    except ImportError as error:
        raise HomeProblem(
            f"originals in {shown(url)} need the cluster extra: pip install 'policykb[cluster]'",
            code="originals-unavailable",
        ) from error
    client = S3FileSystem(
        **options,
        connect_timeout=CONNECT_TIMEOUT,
        request_timeout=READ_TIMEOUT,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=TRIES),
    )
    # fsspec keeps instances by their arguments' text, and that of a client is its place in memory.
    return ArrowFSWrapper(client, skip_instance_cache=True), root


def _options(parts: SplitResult, environ: Mapping[str, str]) -> dict[str, Any]:
    where = shown(parts.geturl())
    query = parse_qs(parts.query)
    unknown = sorted(set(query) - _OPTIONS)
    if unknown or not parts.netloc.rpartition("@")[2]:
        fault = f"has {unknown[0]!r}, which is no option" if unknown else "names no bucket"
        raise HomeProblem(
            f"originals = {where} {fault}: write it like "
            "s3://bucket/originals?endpoint=http://host:9000",
            code="settings",
        )
    options: dict[str, Any] = {}
    named = (environ.get(name) for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
    endpoint = query.get("endpoint", [None])[0] or next(filter(None, named), None)
    if endpoint:
        scheme, separator, rest = endpoint.partition("://")
        options["endpoint_override"] = (rest if separator else endpoint).rstrip("/")
        options["scheme"] = scheme if separator else "https"
    region = query.get("region", [None])[0] or environ.get("AWS_REGION")
    if region or endpoint:
        # A server of one's own has no regions; without one the client would ask Amazon for it.
        options["region"] = region or "us-east-1"
    if parts.username and parts.password:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password)
    return options


def persistent(url: str, operation: Callable[[], _T], patience: float = PATIENCE) -> _T:
    """Do an operation on objects, again and again where what stops it passes.

    Raises FileNotFoundError for an object that is not there, OriginalsUnavailable once patience has
    run out, StorageProblem.
    """
    deadline = time.monotonic() + patience
    pauses = full_jitter(FIRST_PAUSE, LONGEST_PAUSE)
    while True:
        try:
            return operation()
        except FileNotFoundError:
            raise
        except OSError as error:
            if not _passes(error):
                raise _refusal(url, error) from error
            if time.monotonic() >= deadline:
                raise OriginalsUnavailable(
                    f"the originals' storage {shown(url)} does not answer ({error}): see that it "
                    "runs and can be reached from here, then try again; nothing that was reported "
                    "as done is lost"
                ) from error
        time.sleep(next(pauses))


def _passes(error: OSError) -> bool:
    said = str(error)
    return isinstance(error, TimeoutError | ConnectionError) or any(
        sign in said for sign in PASSING
    )


def _refusal(url: str, error: OSError) -> StorageProblem:
    said = str(error)
    if any(sign in said for sign in REFUSED):
        return StorageProblem(
            f"the originals' storage {shown(url)} refuses the keys ({said}): set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to keys that may read, write and list "
            "there"
        )
    return StorageProblem(
        f"the originals' storage {shown(url)} cannot be used ({said}): check the setting "
        "`originals` and that the bucket is there"
    )
