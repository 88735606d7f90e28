"""Add word and vector scores into one ranking."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from index.types import Scored

NOTHING: Mapping[int, int] = MappingProxyType({})
# Candidates taken from each side, and of both together those whose order is looked into.
# Of 100 from each side, what is cited is found less: recall@100 of cross-references .807 for .823,
# of STARD (measured only) .735 for .755; of nine other held-out sets the same within .001, but for
# passages of several articles, .972 for .967.
POOL = 200
CHOSEN = 100
# Chosen on questions and passages kept out of the encoder's training (written questions in four
# registers, reading comprehension, medical titles, web questions): the best mean nDCG@10 at which
# none of them falls below words alone. `benchmarks/retrieval.py` prints what the parts do.
DENSE_WEIGHT = 0.5
DOUBT = 2.0
SHARE_POWER = 1.5
# What citations count in the choice of candidates and in their order. Questions held out from the
# encoder were drawn from all articles alike, so citations can only cost there: nDCG@10 of statutes
# -.002 at 0.02, -.006 at 0.03, -.015 at 0.04 (s.e. .003), of passages of several articles -.002,
# -.005, -.009, of written questions 0; recall@100 at 0.05 -.001, -.003, 0. People ask for what is
# cited: STARD, measured only, .418 -> .434, .454, .458 and recall@100 at 0.05 .718 -> .755.
CITED_POWER = 0.03
CITED_POWER_OF_CHOICE = 0.05


def fuse(
    words: Mapping[int, float],
    vectors: Mapping[int, float],
    k: int,
    citing: Mapping[int, int] = NOTHING,
) -> list[Scored]:
    """Return at most `k` keys, best first, by words and vectors together.

    `words` holds shares: a key's BM25 score over the most that its query could score. `vectors`
    holds cosines. Either may lack a key, which then scores 0 there. Shares and cosines are
    absolute, so neither side is stretched to the other: where the best share is low, the words
    of the question are not those of the passages, and the vectors decide; where it is high, the
    words do. A key's score is share^1.5 + 0.5 (1 - best share)^2 cosine, times (1 + n)^0.03
    where n passages cite its document, as `citing` says by key: a prior independent of the query,
    that saturates (Craswell et al. 2005, Relevance weighting for query independent evidence). It
    counts more in which keys are chosen at all, which costs little.
    """
    held = list(words.keys() | vectors.keys())
    keys = np.array(held, np.int64)
    shares = np.array([words.get(key, 0.0) for key in held])
    cosines = np.array([vectors.get(key, 0.0) for key in held])
    weight = dense_weight(float(shares.max(initial=0.0)))
    counts = np.array([citing.get(key, 0) for key in held])
    merits, cited = shares**SHARE_POWER + weight * cosines, 1.0 + counts
    chosen = np.lexsort((keys, -merits * cited**CITED_POWER_OF_CHOICE))[: max(k, CHOSEN)]
    scores = merits * cited**CITED_POWER
    order = chosen[np.lexsort((keys[chosen], -scores[chosen]))][:k]
    columns = (keys, scores, shares, cosines, counts)
    return list(map(Scored, *(column[order].tolist() for column in columns)))


def dense_weight(best_share: float) -> float:
    """Return what a cosine counts beside a share, given the best share found."""
    return DENSE_WEIGHT * math.pow(1.0 - min(best_share, 1.0), DOUBT)
