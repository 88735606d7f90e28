"""Add word and vector scores into one ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from index.types import Priors, Scored

NO_PRIORS = Priors()
# Candidates taken from each side.
POOL = 200
# Chosen on questions and passages kept out of the encoder's training (written questions in four
# registers, reading comprehension, medical titles, web questions): the best mean nDCG@10 at which
# none of them falls below words alone. `benchmarks/retrieval.py` prints what the parts do.
DENSE_WEIGHT = 0.5
DOUBT = 2.0
SHARE_POWER = 1.5
CITED_POWER = 0.04


def fuse(
    words: Mapping[int, float],
    vectors: Mapping[int, float],
    k: int,
    priors: Priors = NO_PRIORS,
) -> list[Scored]:
    """Return at most `k` keys, best first, by words and vectors together.

    `words` holds shares: a key's BM25 score over the most that its query could score. `vectors`
    holds cosines. Either may lack a key, which then scores 0 there. Shares and cosines are
    absolute, so neither side is stretched to the other: where the best share is low, the words
    of the question are not those of the passages, and the vectors decide; where it is high, the
    words do. A key's score is share^1.5 + 0.5 (1 - best share)^2 cosine / sqrt(w), times
    (1 + n)^0.04. n passages cite its document: a prior independent of the query, that saturates
    (Craswell et al. 2005, Relevance weighting for query independent evidence). Of w windows on
    average, a cosine is the best: the more there are, the more often it is one of chance.
    """
    held = list(words.keys() | vectors.keys())
    keys = np.array(held, np.int64)
    shares = np.array([words.get(key, 0.0) for key in held])
    cosines = np.array([vectors.get(key, 0.0) for key in held])
    weight = dense_weight(float(shares.max(initial=0.0))) / math.sqrt(priors.windows)
    counts = np.array([priors.citing.get(key, 0) for key in held])
    scores = (shares**SHARE_POWER + weight * cosines) * (1 + counts) ** CITED_POWER
    order = np.lexsort((keys, -scores))[:k]
    columns = (keys, scores, shares, cosines, counts)
    return list(map(Scored, *(column[order].tolist() for column in columns)))


def dense_weight(best_share: float) -> float:
    """Return what a cosine counts beside a share, given the best share found."""
    return DENSE_WEIGHT * math.pow(1.0 - min(best_share, 1.0), DOUBT)
