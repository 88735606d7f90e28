"""What of a question no passage has a like word for.

The encoder gives a word that says more a longer vector, and words that mean the same directions
that are near. A word of the question is missing as far as the nearest word of the evidence is
from it, times its length (late interaction, Khattab and Zaharia 2020, of what is not there), times
how much it is needed: what asks or classes (意思, 类型) is seldom in what answers. How seldom is
counted by `scripts/count_needs.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from index import Encoder
from index.rerank import WordEncoder
from index.terms import question_words
from kb.answering.text import sentences
from kb.answering.words import MODEL, Array
from kb.records import PassageRecord

#: Below this cosine with every word of a passage a word of the question has no like there.
LIKE = 0.45


@dataclass(frozen=True, slots=True)
class Missing:
    """What a passage lacks of a question, its title and headings counting as part of it.

    `in_sentence` is how far the word most missing is from the sentence that has most of the
    question; `in_passage` the summed weights of the words that have no like in the passage.
    """

    in_sentence: float = 0.0
    in_passage: float = 0.0


def missing(
    question: str, passages: Sequence[PassageRecord], encoder: Encoder
) -> tuple[Missing, ...]:
    """Return what each passage lacks of the question; nothing of encoders without words."""
    if not isinstance(encoder, WordEncoder) or not passages:
        return ()
    asked = asked_words(question, encoder)
    if not asked:
        return tuple(Missing() for _ in passages)
    vectors = encoder.word_vectors(np.array(list(asked), np.uint32))
    needed = np.array([_needs().get(word, 1.0) for word in asked.values()], np.float32)
    weights = np.linalg.norm(vectors, axis=1) * needed
    texts = [_texts(passage) for passage in passages]
    near = nearest(vectors, [text for some in texts for text in some], encoder)
    found, first = [], 0
    for some in texts:
        found.append(_missing(weights, near[first], near[first + 1 : first + len(some)]))
        first += len(some)
    return tuple(found)


def asked_words(question: str, encoder: WordEncoder) -> dict[int, str]:
    """Return the words a question is about by the encoder's ids; all it knows if it is of none."""
    known = encoder.words_by_id(question)
    about = {at: word for at, word in known.items() if word not in question_words()}
    return about or known


def _texts(passage: PassageRecord) -> list[str]:
    """Return title and headings as one text, then the sentences."""
    heads = "\n".join((passage.title, *passage.heading_path))
    return [heads, *(passage.text[one.start : one.end] for one in sentences(passage.text))]


def nearest(asked: Array, texts: Sequence[str], encoder: WordEncoder) -> Array:
    """Return for each text the best cosines of its words with those asked for, 0 where below."""
    # A text ends with no word, whose vector is zeros: one without words has nothing near.
    ids = [np.append(one, np.uint32(0)) for one in encoder.word_ids(texts)]
    distinct, place = np.unique(np.concatenate(ids), return_inverse=True)
    near = np.maximum(_unit(encoder.word_vectors(distinct)) @ _unit(asked).T, 0)
    starts = np.cumsum([0, *map(len, ids)])[:-1]
    best: Array = np.maximum.reduceat(near[place], starts, axis=0)
    return best


def _missing(weights: Array, heads: Array, said: Array) -> Missing:
    if not len(said):
        return Missing()
    by_sentence = np.maximum(said, heads)
    best = by_sentence[int(np.argmax(by_sentence @ weights))]
    without = weights[np.maximum(said.max(axis=0), heads) < LIKE]
    return Missing(float((weights * (1 - best)).max()), float(without.sum()))


def _unit(vectors: Array) -> Array:
    unit: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


@cache
def _needs() -> Mapping[str, float]:
    """Return by what factor a word counts for more or less than its vector's length says."""
    factors: dict[str, float] = json.loads((MODEL / "needs.json").read_text("utf-8"))
    return factors
