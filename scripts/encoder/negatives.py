"""Hard negatives: passages BM25 ranks high for a question that were not its source."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .bags import Bags

# Robertson & Zaragoza (2009), the usual values.
K1, B = 1.2, 0.75
CHUNK = 512


def bm25_matrix(bags: Bags, words: int) -> sparse.csr_matrix:
    """Return BM25 weights, shape (words, passages)."""
    counts = bags.matrix(words)
    lengths = np.diff(bags.starts)
    seen = np.bincount(counts.indices, minlength=words)
    idf = np.log1p((len(bags) - seen + 0.5) / (seen + 0.5)).astype(np.float32)
    norm = K1 * (1 - B + B * lengths / lengths.mean())
    counts.data *= (K1 + 1) / (counts.data + np.repeat(norm, np.diff(counts.indptr)))
    return (counts @ sparse.diags(idf)).T.tocsr()


def top_rows(scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.int64]:
    """Return the columns of the k highest scores of each row, best first."""
    best = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)


def mine_bm25(queries: Bags, passages: Bags, words: int, k: int) -> npt.NDArray[np.int64]:
    """Return the k passages BM25 ranks highest for each query, shape (queries, k)."""
    weights = bm25_matrix(passages, words)
    asked = queries.matrix(words)
    found = [
        top_rows((asked[first : first + CHUNK] @ weights).toarray(), k)
        for first in range(0, len(queries), CHUNK)
    ]
    return np.concatenate(found)


def mine_dense(
    queries: npt.NDArray[np.float32], passages: npt.NDArray[np.float32], k: int
) -> npt.NDArray[np.int64]:
    """Return the k passages of the highest cosine for each query, shape (queries, k)."""
    found = [
        top_rows(queries[first : first + CHUNK] @ passages.T, k)
        for first in range(0, len(queries), CHUNK)
    ]
    return np.concatenate(found)


def without_answers(
    found: npt.NDArray[np.int64], answer: npt.NDArray[np.int64], group: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return `found` with passages of the answer's group replaced by -1."""
    return np.where(group[found] == group[answer][:, None], -1, found)
