"""An encoder whose passages the workers of a cluster encode, and whose queries stay here."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from index import Encoder, EncoderSpec, Vectors
from ingest.cluster.session import PATIENCE
from kb.encoding.pool import Pool

#: Passages encoded at a time for each worker; as many as without any.
AT_ONCE = 1024
#: Texts encoded here between two looks at the clock.
BATCH = 32
#: Seconds to encode here before workers are started, which takes about as long: so whatever there
#: is to encode never takes more than twice what the better of the two would.
HERE_FIRST = 10.0
#: Seconds to encode here before it is looked again whether the cluster has grown: nodes with GPUs
#: may start later than what asks for them.
LOOK_AGAIN = 60.0
#: Seconds a search waits for workers that are to bring its index up to date.
HURRY = 60.0
#: Seconds after which workers that hold GPUs are let go. Those on processors go at once: files are
#: to be read there.
IDLE = 60.0


class ClusterEncoder:
    """Encodes passages on a Ray cluster, within a `publication`; anything else here."""

    def __init__(self, local: Encoder, pool: Pool, *, always: bool) -> None:
        """Encode by `local` or by the workers that hold the same model.

        Unless `always`, the cluster is asked only for what takes long, and only where it has GPUs
        or more processors than this machine.
        """
        self._local = local
        self._pool = pool
        self._always = always
        self._lock = threading.RLock()
        self._depth = 0
        self._stays_until: float | None = None
        self._here = 0.0
        self._spent = 0.0
        self._patience = PATIENCE
        self._timer: threading.Timer | None = None

    @property
    def spec(self) -> EncoderSpec:
        """What the manifest records of this encoder."""
        return self._local.spec

    @property
    def at_once(self) -> int:
        """How many passages it wants at a time."""
        return AT_ONCE * max(1, self._pool.ready)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Encode here: a search needs no cluster."""
        return self._local.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension), rows of length 1 or 0."""
        vectors = np.zeros((len(texts), self.spec.dimension), np.float32)
        for first, some in self.encode_batches(texts):
            vectors[first : first + len(some)] = some
        return vectors

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors]]:
        """Yield vectors of texts that stand together, with the first one's number; in any order.

        Raises ExecutorUnavailable and ModelUnavailable as `Pool.encode` does.
        """
        at = 0
        while at < len(texts) and not self._goes_there():
            began = time.monotonic()
            vectors = self._local.encode_passages(texts[at : at + BATCH])
            self._spent += time.monotonic() - began
            yield at, vectors
            at += len(vectors)
        if at < len(texts):
            for first, vectors in self._pool.encode(texts[at:], self._patience):
                yield at + first, vectors

    @contextmanager
    def publication(self, *, hurry: bool = False) -> Iterator[None]:
        """Let the cluster encode meanwhile; one at a time, and one within another is the same.

        `hurry` is for what somebody waits for: little is encoded here whatever the settings say,
        and a cluster that does not answer is not waited for long.
        """
        with self._lock:
            self._depth += 1
            if self._depth == 1:
                self._begin(hurry)
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self._end()

    def close(self) -> None:
        """Let the workers go."""
        with self._lock:
            self._stop_timer()
            self._pool.release()

    def _begin(self, hurry: bool) -> None:
        self._stop_timer()
        self._spent, self._stays_until = 0.0, None
        self._here = 0.0 if self._always and not hurry else HERE_FIRST
        self._patience = HURRY if hurry else PATIENCE

    def _end(self) -> None:
        if not self._pool.on_gpus:
            self._pool.release()
            return
        self._timer = threading.Timer(IDLE, self._release_if_idle)
        self._timer.daemon = True
        self._timer.start()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release_if_idle(self) -> None:
        if self._lock.acquire(blocking=False):
            try:
                self._pool.release()
            finally:
                self._lock.release()

    def _goes_there(self) -> bool:
        """Tell whether what is left is for the cluster: it has the model, or is worth asking."""
        if self._depth == 0:
            return False
        if self._pool.ready:
            return True
        if self._spent < self._here:
            return False
        if self._stays_until is None:
            room = self._pool.connect(self._patience)
        elif time.monotonic() < self._stays_until:
            return False
        else:
            room = self._pool.glance()
        if self._always or room.gpu or room.places > processors():
            return True
        self._stays_until = time.monotonic() + LOOK_AGAIN
        return False


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
