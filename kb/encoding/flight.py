"""Batches and workers of the cluster, and what a worker is said to need."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingest.cluster.session import resources

#: Texts in a batch: what is sent, and lost with a worker, at a time.
BATCH = 128
#: What the scheduler is told that a worker takes, in bytes: the program and its libraries, and the
#: model's files once and a half, which is what loading it takes at its height. Less where no node
#: has as much: it is a hint, and none that keeps the work from being done.
PROGRAM, COPIES = 1 << 30, 1.5


@dataclass(slots=True)
class Batch:
    """Texts that are encoded together; `first` is the number of the first one."""

    first: int
    texts: Sequence[str]
    tries: int = 0


@dataclass(slots=True, eq=False)
class Worker:
    """An actor on the cluster: what it is to load, else what it encodes, oldest first."""

    handle: Any
    loading: Any
    busy: dict[Any, Batch] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether it holds the model."""
        return self.loading is None

    def expected(self) -> Iterator[Any]:
        """Yield what it is to answer."""
        if self.loading is not None:
            yield self.loading
        yield from self.busy


@dataclass(frozen=True, slots=True)
class Room:
    """Places for workers in a cluster: each on a GPU where it has any, else on a processor."""

    gpu: bool
    places: int
    memory: int

    def hints(self) -> dict[str, Any]:
        """Return what Ray is told of a worker.

        One on a GPU claims no processor: files would not be read there while it waits for work.
        """
        needed = {"num_gpus": 1, "num_cpus": 0} if self.gpu else {"num_cpus": 1}
        return {**needed, "memory": self.memory, "max_restarts": 0, "max_task_retries": 0}

    def told(self) -> str:
        """Return in words what a worker needs."""
        kind = "a GPU" if self.gpu else "a processor"
        return f"{kind} and {self.memory / (1 << 30):.1f} GiB of memory"


def look_around(size: int) -> Room:
    """Return the places that the cluster has for workers with a model of `size` bytes."""
    nodes = resources()
    gpu = any(node.get("GPU", 0) >= 1 for node in nodes)
    unit = "GPU" if gpu else "CPU"
    working = [node for node in nodes if node.get(unit, 0) >= 1]
    wanted = PROGRAM + int(COPIES * size)
    memory = min(wanted, max((int(node.get("memory", wanted)) for node in working), default=wanted))
    places = sum(
        min(int(node[unit]), int(node.get("memory", memory)) // memory) for node in working
    )
    return Room(gpu, places, memory)


def cut(texts: Sequence[str]) -> deque[Batch]:
    """Return texts in batches."""
    starts = range(0, len(texts), BATCH)
    return deque(Batch(first, list(texts[first : first + BATCH])) for first in starts)
