"""Add word and vector scores into one ranking."""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Scored

Ranked = Sequence[tuple[int, float]]

# Candidates taken from each side.
POOL = 100
# Weight of the vectors' part beside the words' 1.
DENSE_WEIGHT = 0.5


def fuse(lexical: Ranked, dense: Ranked, k: int, weight: float = DENSE_WEIGHT) -> list[Scored]:
    """Return at most `k` keys by lexical/max + weight * dense/max, best first.

    Dividing by each side's best score keeps a ranking independent of how many candidates were
    taken, which min-max scaling does not. A side that found nothing adds nothing.
    """
    words = dict(lexical)
    vectors = dict(dense)
    best_word = max(words.values(), default=1.0)
    best_vector = max(vectors.values(), default=1.0)
    scored = [
        Scored(
            key,
            words.get(key, 0.0) / best_word + weight * vectors.get(key, 0.0) / best_vector,
            words.get(key, 0.0),
            vectors.get(key, 0.0),
        )
        for key in words.keys() | vectors.keys()
    ]
    return sorted(scored, key=lambda hit: (-hit.score, hit.key))[:k]
