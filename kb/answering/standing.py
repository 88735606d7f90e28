"""How far passages stand above others in a ranking: the one that answers stands out."""

from __future__ import annotations

from collections.abc import Sequence

from kb.answering.text import alike
from kb.records import PassageRecord

# Passages of a ranking that are looked at.
LOOKED_AT = 20
# A passage that answers stands out against what is only on its subject, by about this rank.
_GAP_RANK = 4
# Ranks of the texts that a passage is held against, copies of one text counting once, and what it
# stands above them where that is not known: the mean of `scripts/calibrate_refusal.py`.
_RANKS = (4, 10)
_UNKNOWN = (0.26, 0.36)
NOWHERE = (0.0, 0.0)


def gap(scores: Sequence[float], passages: Sequence[PassageRecord]) -> float:
    """Return how far the first passage stands above one that says something else.

    Copies of the first (a second file of one document, a law quoted whole) are passed over.
    """
    ranked = sorted(zip(scores, passages, strict=True), key=lambda one: -one[0])
    if not ranked or ranked[0][0] <= 0:
        return 0.0
    best, first = ranked[0]
    others = [score for score, passage in ranked[1:] if not alike(first.text, passage.text)]
    last = others[min(_GAP_RANK - 1, len(others)) - 1] if others else best
    return 1 - last / best


def stand_out(
    found: Sequence[tuple[float, PassageRecord]],
) -> dict[int, tuple[float, ...]]:
    """Return by key how far each passage stands above the fourth and the tenth text, 0 to 1.

    Copies of one text are one and stand as high as the first of them. Of a few passages in all the
    last are far below whatever is asked, which says nothing.
    """
    texts: list[tuple[float, str]] = []
    place: dict[int, int] = {}
    for score, passage in sorted(found, key=lambda one: -one[0])[:LOOKED_AT]:
        same = (at for at, (_, text) in enumerate(texts) if alike(text, passage.text))
        place[passage.key] = next(same, len(texts))
        if place[passage.key] == len(texts):
            texts.append((score, passage.text))
    if len(found) < LOOKED_AT:
        return dict.fromkeys(place, _UNKNOWN)
    return {key: tuple(_above(texts, at, rank) for rank in _RANKS) for key, at in place.items()}


def _above(texts: Sequence[tuple[float, str]], at: int, rank: int) -> float:
    best = texts[at][0]
    return 1 - texts[min(max(rank - 1, at), len(texts) - 1)][0] / best if best > 0 else 0.0
