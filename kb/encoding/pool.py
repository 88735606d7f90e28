"""Workers that hold a model, and the batches of passages that are with them.

    texts ─► batches, two with each worker ─► one actor for each GPU, or for each processor
                    ▲                                   │ worker or node gone
                    └──────── sent to another ◄─────────┤
    vectors ◄───────────────────────────────────────────┘

Ray places the actors (num_gpus, num_cpus and memory as hints, https://docs.ray.io/en/latest/
ray-core/scheduling/resources.html); starting another and sending again is ours, as Ray's own new
start of an actor would come without the model.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from index import Vectors
from index.errors import ModelUnavailable
from ingest.cluster.flight import reason
from ingest.cluster.session import PATIENCE, connection, join, losses, reconnect
from ingest.errors import ExecutorUnavailable
from kb.encoding.flight import Batch, Room, Worker, cut, look_around
from kb.encoding.holder import Loaded, ModelHolder
from kb.encoding.lending import LentModel

logger = logging.getLogger(__name__)

#: Batches with a worker: one that it encodes, one that waits there.
AHEAD = 2
#: Times a batch may come back without vectors, and workers may end in a row without a model.
TRIES = 5
#: Seconds between two looks at whether there is anything new, and at how large the cluster is.
_TICK, _SURVEY = 0.5, 10.0
#: Seconds without any news after which it is said that nobody works.
_SILENCE = 60.0
HERE = '`encode_on = "local"` encodes on this machine'


class Pool:
    """The workers of one cluster that encode with one model; one caller at a time."""

    def __init__(self, url: str, model: LentModel, most: int) -> None:
        """Take a model to `most` workers, 0 for as many as there are places for.

        Nothing is connected to yet.
        """
        self.url = url
        self._model = model
        self._spec = model.spec
        self._most = most
        self._workers: list[Worker] = []
        self._sent: list[Any] = []
        self._connection = 0
        self._room = Room(False, 0, 0)
        self._surveyed = 0.0
        self._news = self._told = 0.0
        self._failures = 0

    @property
    def on_gpus(self) -> bool:
        """Whether there are workers, which hold GPUs."""
        return bool(self._workers) and self._room.gpu

    @property
    def ready(self) -> int:
        """How many workers hold the model."""
        return sum(worker.ready for worker in self._workers)

    def connect(self, patience: float = PATIENCE) -> Room:
        """Connect, and return what there is room for; ExecutorUnavailable.

        A cluster that this process was connected to before is waited for.
        """
        self._failures = 0
        while True:
            try:
                self._join(deque(), patience)
                return self._room
            except losses() as error:
                self._reconnect(error, patience)

    def glance(self) -> Room:
        """Return what there is room for now; what there was before, where the connection is lost.

        It is not made anew: nothing is with the cluster.
        """
        with suppress(*losses()):
            self._survey()
        return self._room

    def encode(
        self, texts: Sequence[str], patience: float = PATIENCE
    ) -> Iterator[tuple[int, Vectors]]:
        """Yield the vectors of texts that stand together, with the first one's number.

        In any order. Raises ExecutorUnavailable where no cluster or worker is there for `patience`
        seconds, ModelUnavailable where workers cannot hold the model or make other vectors of it.
        """
        from ray.exceptions import RayError, RaySystemError

        waiting = cut(texts)
        self._news = self._told = time.monotonic()
        self._failures = 0
        whole = False
        try:
            while waiting or any(worker.busy for worker in self._workers):
                try:
                    self._join(waiting, patience)
                    self._start(len(waiting))
                    self._feed(waiting)
                    yield from self._listen(waiting)
                except (RaySystemError, *losses()) as error:
                    self._reconnect(error, patience)
                self._look_at_the_clock(patience)
            whole = True
        except RayError as error:
            raise ExecutorUnavailable(
                f"the Ray cluster {self.url} does not do as it is asked ({reason(error)}): "
                f"`ray status` on its head says what it has; {HERE}"
            ) from error
        finally:
            if not whole:
                self.release()

    def release(self) -> None:
        """Let the workers go, and what they hold."""
        workers, self._workers, self._sent = self._workers, [], []
        if not workers:
            return
        import ray

        if connection() != self._connection or not ray.is_initialized():
            # Over with the connection.
            return
        with suppress(RuntimeError, *losses()):
            for worker in workers:
                ray.kill(worker.handle)

    def _join(self, waiting: deque[Batch], patience: float) -> None:
        """See that there is a connection, and what room; take back what was with one before."""
        number = join(self.url, patience)
        if number != self._connection:
            for worker in self._workers:
                waiting.extendleft(worker.busy.values())
            self._workers, self._sent = [], []
            self._connection, self._surveyed = number, 0.0
        if not self._surveyed or time.monotonic() - self._surveyed > _SURVEY:
            self._survey()

    def _survey(self) -> None:
        self._room = look_around(self._model.order.parcel.size)
        self._surveyed = time.monotonic()

    def _reconnect(self, error: Exception, patience: float) -> None:
        logger.warning("the connection to %s was lost (%s)", self.url, type(error).__name__)
        self._failures += 1
        if self._failures > TRIES:
            raise ExecutorUnavailable(
                f"the connection to the Ray cluster {self.url} was lost {self._failures} times "
                f"before anything was encoded ({reason(error)}): see that its head stays up; {HERE}"
            ) from error
        reconnect(self.url, self._connection, patience)
        self._news = time.monotonic()

    def _start(self, waiting: int) -> None:
        """Start as many workers as there are places and work for."""
        import ray

        places = min(self._room.places, self._most or self._room.places)
        wanted = min(places, waiting + len(self._workers)) - len(self._workers)
        if wanted <= 0:
            return
        order = self._model.order
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            holder = ray.remote(ModelHolder).options(**self._room.hints())
            for _ in range(wanted):
                handle = holder.remote()
                self._workers.append(Worker(handle, handle.load.remote(order, self._sent)))

    def _feed(self, waiting: deque[Batch]) -> None:
        """Give each worker its next, then each one that waits there."""
        for depth in range(1, AHEAD + 1):
            for worker in self._workers:
                if waiting and worker.ready and len(worker.busy) < depth:
                    batch = waiting.popleft()
                    worker.busy[worker.handle.encode.remote(batch.texts)] = batch

    def _listen(self, waiting: deque[Batch]) -> Iterator[tuple[int, Vectors]]:
        import ray

        expected = {ref: worker for worker in self._workers for ref in worker.expected()}
        if not expected:
            time.sleep(_TICK)
            return
        done, _ = ray.wait(list(expected), num_returns=1, timeout=_TICK)
        for reference in done:
            self._news = time.monotonic()
            worker = expected[reference]
            if reference == worker.loading:
                self._take_on(worker)
            else:
                yield from self._taken(worker, reference, waiting)

    def _take_on(self, worker: Worker) -> None:
        """See what became of a worker that was to load the model."""
        import ray
        from ray.exceptions import RayError

        try:
            loaded: Loaded = ray.get(worker.loading)
        except RayError as error:
            self._dismiss(worker)
            self._failures += 1
            logger.warning("a worker of %s ended before it had the model", self.url)
            if self._failures >= TRIES:
                raise ModelUnavailable(
                    f"the workers of {self.url} end before they have loaded the model "
                    f"{self._spec.model}, {TRIES} times ({reason(error)}): give them more memory; "
                    f"{HERE}"
                ) from error
            return
        if loaded.lacking:
            self._send_model(worker)
            return
        self._check(loaded)
        worker.loading = None
        self._failures = 0
        if not any(other.loading is not None for other in self._workers):
            # All have it on their disks now.
            self._sent = []

    def _send_model(self, worker: Worker) -> None:
        """Put the model's bytes on the cluster, and let a worker fetch them."""
        import ray

        if not self._sent:
            logger.info("sending the model %s to %s", self._spec.model, self.url)
            self._sent = [ray.put(each) for each in self._model.pieces()]
        worker.loading = worker.handle.load.remote(self._model.order, self._sent)

    def _check(self, loaded: Loaded) -> None:
        """Refuse a worker whose vectors would not be those of this machine."""
        if loaded.problem:
            raise ModelUnavailable(
                f"a worker of {self.url} cannot encode with {self._spec.model}: {loaded.problem}; "
                f"{HERE}"
            )
        if (loaded.fingerprint, loaded.dimension) != (self._spec.fingerprint, self._spec.dimension):
            raise ModelUnavailable(
                f"a worker of {self.url} makes other vectors with {self._spec.model} than this "
                f"machine does (fingerprint {loaded.fingerprint} of {loaded.dimension} dimensions "
                f"there, {self._spec.fingerprint} of {self._spec.dimension} here): install the "
                "same versions of policykb, sentence-transformers and torch there, and restart "
                f"what runs here where the model's folder was changed; {HERE}"
            )

    def _taken(
        self, worker: Worker, reference: Any, waiting: deque[Batch]
    ) -> Iterator[tuple[int, Vectors]]:
        """Yield a batch's vectors; none where it is sent again."""
        import ray
        from ray.exceptions import RayActorError, RayError

        batch = worker.busy[reference]
        try:
            vectors = ray.get(reference)
        except RayError as error:
            del worker.busy[reference]
            batch.tries += 1
            waiting.appendleft(batch)
            if isinstance(error, RayActorError):
                logger.warning("passages are encoded again: the worker that had them was lost")
                waiting.extendleft(worker.busy.values())
                self._dismiss(worker)
            if batch.tries >= TRIES:
                raise ModelUnavailable(
                    f"{len(batch.texts)} passages could not be encoded by workers of {self.url}, "
                    f"{TRIES} times ({reason(error)}): give them more memory; {HERE}"
                ) from error
            return
        del worker.busy[reference]
        self._failures = 0
        yield batch.first, self._checked(vectors, len(batch.texts))

    def _checked(self, vectors: object, count: int) -> Vectors:
        shape = count, self._spec.dimension
        if not isinstance(vectors, np.ndarray) or vectors.shape != shape:
            raise ModelUnavailable(f"a worker of {self.url} gave no vectors of shape {shape}")
        if vectors.dtype != np.float32 or not np.isfinite(vectors).all():
            raise ModelUnavailable(f"a worker of {self.url} gave vectors that are no numbers")
        return vectors

    def _dismiss(self, worker: Worker) -> None:
        import ray

        self._workers.remove(worker)
        ray.kill(worker.handle)

    def _look_at_the_clock(self, patience: float) -> None:
        """Say where nothing comes, and give up where that lasts."""
        now = time.monotonic()
        silent = now - self._news
        if silent > (PATIENCE if self.ready else patience):
            raise ExecutorUnavailable(
                f"no worker of {self.url} has encoded anything for {silent:.0f} s: `ray status` on "
                f"its head shows which have room for {self._room.told()}; {HERE}"
            )
        if silent > _SILENCE and now - self._told > _SILENCE:
            self._told = now
            logger.warning(
                "no worker of %s has encoded anything for %.0f s: it wants %s",
                self.url,
                silent,
                self._room.told(),
            )
