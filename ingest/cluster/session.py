"""The one connection this process has to a Ray cluster: made when needed, and again when lost.

Whoever works over it - reading files, encoding passages - holds its number: when that has changed,
another has made it anew, and what was on the way over the one before is to be sent again.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingest.errors import ExecutorUnavailable

logger = logging.getLogger(__name__)

HERE = "ray"
#: Times a head is asked that answers and cannot serve us yet.
TRIES = 3
#: Seconds in which a cluster that was there before is waited for.
PATIENCE = 600.0
#: Seconds of the first pause between tries, and of the longest; each is drawn from nothing up to it
#: ("full jitter": M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0

_guard = threading.RLock()
_connected = ""
_number = 0
# The cluster that was there, and that nobody has given up since.
_known = ""


def connect(url: str) -> int:
    """Connect to a cluster, unless that is done; return the connection's number.

    Raises ExecutorUnavailable.
    """
    global _connected, _number, _known  # noqa: PLW0603 - Ray knows one connection a process
    ray = _imported(url)
    with _guard:
        if ray.is_initialized():
            if _connected and _connected != url:
                raise ExecutorUnavailable(
                    f"this process is connected to the Ray cluster {_connected}, and can be to no "
                    f"other: use {url} from a process of its own"
                )
            return _number
        for left in reversed(range(TRIES)):
            try:
                _init(ray, url)
                break
            except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
                with suppress(ConnectionError, RuntimeError):
                    ray.shutdown()
                # A head that answers and was too busy to start what serves us.
                if left and isinstance(error, ConnectionAbortedError):
                    continue
                raise _unreachable(url, error) from error
        _connected = _known = url
        _number += 1
        return _number


def connection() -> int:
    """Return the number of the connection there is, or was last."""
    return _number


def _init(ray: Any, url: str) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(
            None if url == HERE else url,
            namespace="policykb",
            log_to_driver=False,
            logging_level=logging.ERROR,
            **({"include_dashboard": False} if url == HERE else {}),
        )


def _unreachable(url: str, error: Exception) -> ExecutorUnavailable:
    return ExecutorUnavailable(
        f"the Ray cluster {url} cannot be reached ({_last_line(error)}): see that its head runs "
        "(`ray status` there), that the setting `executor` names its client port, 10001 unless "
        "set, and that RAY_AUTH_TOKEN holds its token where it wants one; "
        '`executor = ""` reads and encodes on this machine'
    )


def disconnect() -> None:
    """Let go of the cluster; what it was doing for this process ends."""
    global _connected  # noqa: PLW0603
    import ray

    with _guard:
        _connected = ""
        with suppress(ConnectionError, RuntimeError):
            ray.shutdown()


def reconnect(url: str, lost: int, patience: float = PATIENCE) -> int:
    """Connect again after the connection `lost` was, trying for a while; return the new number.

    One that another has made meanwhile is taken as it is. Raises ExecutorUnavailable.
    """
    with _guard:
        if lost == _number:
            disconnect()
    return _again(lambda: connect(url), url, time.monotonic() + patience)


def join(url: str, patience: float = PATIENCE) -> int:
    """Connect as `connect`; a cluster that was there before, and not given up, is waited for."""
    known = patience if url == _known else 0.0
    return _again(lambda: connect(url), url, time.monotonic() + known)


def resources() -> list[dict[str, float]]:
    """Return what each node that is alive has, in Ray's names; an error of `losses` where lost."""
    import ray

    if not ray.is_initialized():
        raise ConnectionError("it has ended")
    try:
        return [node["Resources"] for node in ray.nodes() if node["Alive"]]
    except ValueError as error:
        # The library is just connecting again, and has closed the channel meanwhile.
        raise ConnectionError(str(error)) from error


def losses() -> tuple[type[Exception], ...]:
    """Return the errors by which a lost connection shows."""
    try:
        from grpc import RpcError
    except ImportError:
        return (ConnectionError,)
    return (ConnectionError, RpcError)


def _again(operation: Callable[[], int], url: str, deadline: float) -> int:
    global _known  # noqa: PLW0603
    pause = FIRST_PAUSE
    while True:
        try:
            return operation()
        except ExecutorUnavailable:
            if time.monotonic() >= deadline:
                _known = ""
                raise
        logger.warning("waiting for the Ray cluster %s to be reached again", url)
        time.sleep(random.uniform(0, pause))  # noqa: S311 - no secret
        pause = min(2 * pause, LONGEST_PAUSE)


def _imported(url: str) -> Any:
    """Return Ray's module, whose own types are loose."""
    # Where a connection was lost, Ray would start a cluster of its own on this machine.
    os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
    if _has_token():
        # As `ray start` does: a head that was started so lets in who shows the token, and a client
        # shows it only where told to (2.60). Heads without one let it in as well.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        with warnings.catch_warnings():
            # Ray warns of what is to change in versions to come.
            warnings.simplefilter("ignore")
            import ray
    except ImportError as error:
        raise ExecutorUnavailable(
            f"executor = {url} needs the cluster extra: pip install 'policykb[cluster]'"
        ) from error
    return ray


def _has_token() -> bool:
    """Tell whether there is a token where Ray looks for one."""
    # https://docs.ray.io/en/latest/ray-security/token-auth.html
    if os.environ.get("RAY_AUTH_TOKEN") or os.environ.get("RAY_AUTH_TOKEN_PATH"):
        return True
    try:
        return (Path.home() / ".ray" / "auth_token").is_file()
    except (OSError, RuntimeError):
        return False


def _last_line(error: BaseException) -> str:
    """Return the line that says something: what comes before is the server's trace."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
