"""Search all segments of a vector index."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path

import numpy as np

from index.dense.segment import DenseSegment
from index.errors import IndexDamaged
from index.keys import ascending
from index.manifest import REBUILD
from index.types import Keys, Vectors


class FaissIndex:
    """Ranks keys by the cosine of their vectors with a query's; opened for reading only."""

    def __init__(self, folder: Path) -> None:
        """Open a folder of segments; raises IndexDamaged when it cannot be read."""
        self.segments = open_segments(folder)

    def __len__(self) -> int:
        return len(self.keys())

    def search(
        self, vector: Vectors, k: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (key, cosine > 0), best first; only from `allowed` when given.

        `vector` has shape (dimension,) and length 1. A zero vector, of a query or of a passage,
        has nothing in common with anything and never matches.
        """
        if k < 1 or not vector.any():
            return []
        if allowed is not None:
            allowed = ascending(allowed)
        found = [segment.search(vector, k, allowed) for segment in self.segments]
        # A key is in one segment only. Two sorts by one column each are quicker than one by both.
        hits = sorted(hit for hits in found for hit in hits)
        hits.sort(key=itemgetter(1), reverse=True)
        return hits[:k]

    def scores(self, vector: Vectors, keys: Keys) -> dict[int, float]:
        """Return the cosine of each of `keys` that is in the index, 0 where it is below."""
        vector = vector.astype(np.float32)
        found: dict[int, float] = {}
        for segment in self.segments:
            found |= segment.scores(vector, keys)
        return found

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        held = [segment.live_keys() for segment in self.segments]
        return np.sort(np.concatenate([np.empty(0, np.int64), *held]), kind="stable")


def open_segments(folder: Path) -> list[DenseSegment]:
    """Open the segments in a folder, oldest first."""
    if not folder.is_dir():
        raise IndexDamaged(f"the index has lost its folder {folder}: {REBUILD}")
    return [DenseSegment(path) for path in sorted(folder.iterdir())]
