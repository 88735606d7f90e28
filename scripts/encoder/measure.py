"""nDCG@10 of unit vectors on questions with one right passage each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .bags import Bags

CHUNK = 512


def unit_rows(vectors: npt.NDArray[np.float32], bags: Bags) -> npt.NDArray[np.float32]:
    """Return the normalised sum of each bag's vectors; an empty bag is all zeros."""
    sums = np.asarray(bags.matrix(len(vectors)) @ vectors)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def ranks(
    queries: npt.NDArray[np.float32],
    passages: npt.NDArray[np.float32],
    answer: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """Return the 0-based rank of each query's answer."""
    found = []
    for first in range(0, len(queries), CHUNK):
        scores = queries[first : first + CHUNK] @ passages.T
        own = scores[np.arange(len(scores)), answer[first : first + CHUNK]]
        found.append((scores > own[:, None]).sum(axis=1))
    return np.concatenate(found)


def ndcg_at_10(rank: npt.NDArray[np.int64]) -> float:
    """Return nDCG@10 with one relevant passage per query: 1 / log2(rank + 2), 0 past ten."""
    return float(np.where(rank < 10, 1 / np.log2(rank + 2.0), 0.0).mean())
