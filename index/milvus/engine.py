"""Talk to Milvus: connect when first asked, wait so long and no longer, try again, give up."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from index.errors import IndexUnreachable, SearchIndexError
from index.milvus.address import Address
from index.milvus.breaker import Breaker

if TYPE_CHECKING:
    from pymilvus import MilvusClient

# Somebody waits for a question: it is asked twice, each time for half of the time-out.
READ_ATTEMPTS = 2
# Writing waits for no one: so often, each time longer, half a minute in all.
WRITE_ATTEMPTS = 6
# How many time-outs a write may take: an engine that loads or flushes takes longer than a search.
WRITE_PATIENCE = 12
# Seconds before the first second attempt; each later one waits twice as long, times 0.5 to 1.5.
FIRST_PAUSE = 0.2
# Answers of a server of Milvus that is there, but not ready: rate limit, quota, not yet loaded.
_PASSING = frozenset({8, 9, 53, 54, 103, 503})
# A collection that is there and not in memory: after a restart of milvus-lite, or released by hand.
_NOT_LOADED = 101
_PASSING_STATES = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "RESOURCE_EXHAUSTED"})


class Engine:
    """One Milvus server or cluster, for all threads of this process."""

    def __init__(
        self,
        address: Address,
        breaker: Breaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.address = address
        self.breaker = breaker or Breaker()
        self._sleep = sleep
        self._guard = threading.Lock()
        self._client: MilvusClient | None = None

    @cached_property
    def lite(self) -> bool:
        """Whether it is the server of the milvus-lite package, which lacks some of Milvus.

        It has no whitespace tokenizer and no half-precision vectors, and searches what was not
        flushed without an index.
        """
        return "lite" in str(self.read("get_server_version"))

    def read(self, method: str, **given: Any) -> Any:
        """Call a method of the client that only reads; IndexUnreachable, SearchIndexError."""
        return self._call(method, READ_ATTEMPTS, self.address.timeout / READ_ATTEMPTS, given)

    def write(self, method: str, **given: Any) -> Any:
        """Call a method of the client that may be called again with the same effect."""
        return self._call(method, WRITE_ATTEMPTS, WRITE_PATIENCE * self.address.timeout, given)

    def loaded(self, collection: str) -> bool:
        """Tell whether a collection can be searched."""
        state = self.read("get_load_state", collection_name=collection)["state"]
        return str(getattr(state, "name", state)) == "Loaded"

    def pages(self, collection: str, fields: list[str], size: int, where: str = "") -> Any:
        """Yield pages of rows, all of the collection; those that were there when it began."""
        pages = self.read(
            "query_iterator",
            collection_name=collection,
            filter=where,
            output_fields=fields,
            batch_size=size,
            consistency_level="Strong",
        )
        try:
            while page := self._tried(pages.next, READ_ATTEMPTS):
                yield page
        finally:
            pages.close()

    def close(self) -> None:
        """Let go of the connection."""
        with self._guard:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _call(self, method: str, attempts: int, timeout: float, given: dict[str, Any]) -> Any:
        def ask() -> Any:
            return getattr(self._connected(timeout), method)(timeout=timeout, **given)

        def load() -> None:
            patience = WRITE_PATIENCE * self.address.timeout
            client = self._connected(timeout)
            client.load_collection(given["collection_name"], timeout=patience)

        return self._tried(ask, attempts, load if "collection_name" in given else None)

    def _tried(
        self, ask: Callable[[], Any], attempts: int, load: Callable[[], None] | None = None
    ) -> Any:
        left = self.breaker.blocked()
        if left:
            raise self._unreachable("it did not answer a moment ago", left)
        pause = FIRST_PAUSE
        for attempt in range(1, attempts + 1):
            fault = self._once(ask, load)
            if not isinstance(fault, Fault):
                return fault
            if attempt == attempts or self.breaker.blocked():
                raise self._unreachable(fault.what) from fault.error
            self._sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause *= 2
        return None

    def _once(self, ask: Callable[[], Any], load: Callable[[], None] | None) -> Any:
        """Return the answer, or a Fault where it may be asked again."""
        import grpc
        from pymilvus.exceptions import MilvusException

        try:
            try:
                answer = ask()
            except MilvusException as error:
                if error.code != _NOT_LOADED or load is None:
                    raise
                load()
                answer = ask()
        except (MilvusException, grpc.RpcError, grpc.FutureTimeoutError, OSError) as error:
            if not _is_passing(error):
                self.breaker.succeeded()
                raise self._refused(error) from error
            self.breaker.failed()
            return Fault(_message(error), error)
        self.breaker.succeeded()
        return answer

    def _connected(self, timeout: float) -> MilvusClient:
        with self._guard:
            if self._client is None:
                self._client = _connect(self.address, timeout)
            return self._client

    def _unreachable(self, what: str, wait: float = 0.0) -> IndexUnreachable:
        return IndexUnreachable(
            f"the index engine at {self.address.shown} does not answer ({what}): try again in a "
            "moment; see that it runs, and that the setting `index` has its host and port",
            retry_after=max(wait, 1.0),
        )

    def _refused(self, error: Exception) -> SearchIndexError:
        return SearchIndexError(
            f"the index engine at {self.address.shown} refuses: {_message(error)}. "
            "See the setting `index`, or run `policykb rebuild`"
        )


class Fault:
    """Why there was no answer; asking again may help."""

    def __init__(self, what: str, error: Exception) -> None:
        self.what = what
        self.error = error


def _connect(address: Address, timeout: float) -> MilvusClient:
    try:
        from pymilvus import MilvusClient
    except ImportError as error:
        raise SearchIndexError(
            "the setting `index` names Milvus, and its client is not installed: "
            "run `pip install 'policykb[cluster]'`"
        ) from error
    # Whatever it would log is raised, too, and told once by whoever asked.
    for name in ("pymilvus", "milvus_lite"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return MilvusClient(
        uri=address.uri, token=address.token, db_name=address.database, timeout=timeout
    )


def _is_passing(error: Exception) -> bool:
    """Tell whether the same may be asked again: nobody answers, or not yet."""
    code = getattr(error, "code", None)
    code = code() if callable(code) else code
    if isinstance(code, int):
        # What never reached a server has the client's own code.
        lost = "connect" in str(error).lower() or "timeout" in str(error).lower()
        return code in _PASSING or bool(getattr(error, "retriable", False)) or lost
    return code is None or getattr(code, "name", "") in _PASSING_STATES


def _message(error: Exception) -> str:
    details = getattr(error, "details", None)
    text = details() if callable(details) else getattr(error, "message", "")
    text = str(text or error)
    return " ".join(text.split())[:200]
