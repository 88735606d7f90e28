"""Word vectors to start from: the PPMI matrix of neighbouring words, factorised.

Levy & Goldberg (2014) showed that word2vec factorises a shifted PMI matrix; doing it directly is
deterministic, needs no extra library and takes about a minute here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

WINDOW = 8
# Levy, Goldberg & Dagan (2015): context distribution smoothing of 0.75 helps in every setting.
SMOOTHING = 0.75
# Mikolov et al. (2013): words above this frequency are thinned out.
SUBSAMPLE = 1e-4
POWER_ITERATIONS = 3
OVERSAMPLING = 32


def word_vectors(
    documents: Sequence[npt.NDArray[np.int32]], words: int, dimension: int, seed: int
) -> npt.NDArray[np.float32]:
    """Return vectors of shape (words, dimension) of length 1, or 0 for words never seen."""
    rng = np.random.default_rng(seed)
    counts = neighbour_counts(documents, words, rng)
    basis, values = leading_eigenvectors(positive_pmi(counts), dimension, rng)
    vectors = basis * np.sqrt(np.maximum(values, 0))
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def neighbour_counts(
    documents: Sequence[npt.NDArray[np.int32]], words: int, rng: np.random.Generator
) -> sparse.csr_matrix:
    """Count pairs of words within `WINDOW` of each other, a pair at distance d counting 1 / d."""
    ids = np.concatenate(documents)
    owner = np.repeat(np.arange(len(documents)), [len(one) for one in documents])
    frequency = np.bincount(ids, minlength=words) / len(ids)
    keep_rate = np.sqrt(SUBSAMPLE / np.maximum(frequency, SUBSAMPLE))
    # The unknown piece, id 0, says nothing about its neighbours.
    kept = (rng.random(len(ids)) < keep_rate[ids]) & (ids != 0)
    ids, owner = ids[kept], owner[kept]
    total = sparse.csr_matrix((words, words), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        same = owner[:-distance] == owner[distance:]
        left, right = ids[:-distance][same], ids[distance:][same]
        weights = np.full(len(left), 1 / distance, dtype=np.float32)
        total = total + sparse.coo_matrix((weights, (left, right)), shape=(words, words)).tocsr()
    return (total + total.T).tocsr()


def positive_pmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return max(0, PMI) of the counts, the smoothing shared by both sides to stay symmetric."""
    sums = np.asarray(counts.sum(axis=1)).ravel()
    smoothed = np.maximum(sums, 1e-12) ** SMOOTHING
    # The geometric mean of p(a) p_s(b) and p_s(a) p(b), up to the constant below.
    side = np.sqrt(np.maximum(sums, 1e-12) * smoothed / smoothed.sum())
    table = counts.tocoo()
    ratio = table.data / (side[table.row] * side[table.col])
    table.data = np.maximum(np.log(ratio), 0).astype(np.float32)
    table.eliminate_zeros()
    return table.tocsr()


def leading_eigenvectors(
    matrix: sparse.csr_matrix, rank: int, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the leading eigenvectors and eigenvalues of a symmetric matrix.

    Randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4).
    """
    width = rank + OVERSAMPLING
    basis = rng.standard_normal((matrix.shape[0], width)).astype(np.float32)
    for _ in range(1 + POWER_ITERATIONS):
        basis, _ = np.linalg.qr(matrix @ basis)
    values, rotation = np.linalg.eigh(basis.T @ (matrix @ basis))
    order = np.argsort(-values)[:rank]
    return basis @ rotation[:, order], values[order].astype(np.float32)
