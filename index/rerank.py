"""Reorder the first candidates by how well each word of the question finds a like one in them.

A vector of a whole passage says what it is about; here every word of the question is compared
with every word of a candidate by the vectors of the words, and the best counts (late
interaction, Khattab and Zaharia 2020). A linear model adds this to the ranks of words and vectors.
No weight is negative, so a candidate that is better in every feature is never ranked lower.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.terms import question_words
from index.types import Encoder, Entry, Keys, Scored, Vectors

Ids: TypeAlias = npt.NDArray[np.uint32]
Matrix: TypeAlias = npt.NDArray[np.float32]
Idf: TypeAlias = Callable[[str], float]

WEIGHTS = Path(__file__).parent / "models" / "policykb-static-zh" / "reranker.json"
# Candidates read again. nDCG@10 of 100 over 50 on questions held out from the encoder: +.005 on the
# questions' own passages, +.002 on articles, +.003 on passages of several, +.002 on medical titles,
# for half a millisecond.
READ = 100
# A passage has 50 to 300 words; a bound on time.
MOST_PASSAGE_WORDS = 1024
# Words of a question, those it asks with aside, from which nothing is read again. A question has 5
# to 20; where a case is told in more, held-out medical questions (57) lost .026 nDCG@10 and
# cross-references (188) .013, as word by word everything is a little like everything.
LONG_QUESTION = 25
# Most passages the weights were fitted on are shorter than this, and so is every passage that a
# document is cut into. Whole documents keep their order: held-out whole laws would gain .06 to .10
# nDCG@10, but questions in the words of the text lose (.012 on four encyclopaedia paragraphs put
# together, .014 on a set of policies), and reading only where the first is hardly ahead does not
# settle it. docs/retrieval.md has the figures.
LONGEST_MEAN = 400
# Words of a passage that are read together: in more, nearly every word of a question finds a like
# one somewhere, and long passages win. nDCG@10 with stretches of 100 words over none, on questions
# held out from the encoder: .783 over .766 on passages of one to six articles, .839 over .826 on
# whole laws, .828 over .825 on single articles, .881 over .883 on the questions' own passages.
STRETCH = 100
# Rows of word vectors multiplied at a time: 84 x 256 x 12 words of a question stays below the
# 262,144 products from which OpenBLAS takes a second thread.
BLOCK = 84
# The id of no word: ends the title, the headings and every sentence of a passage's ids.
END = 0
_SENTENCES = re.compile(r"(?<=[。；！？\n])")
# Of candidate and question. Ranks are -log(1 + rank). "soft" is the mean over the question's words
# of the best cosine with a word of the passage's best stretch, weighted by the length of the word's
# vector, and "soft_idf" by idf, each over the best candidate's; "soft_sentence" is "soft_idf" in
# one sentence; "weakest" the least of the three heaviest words' cosines; "title_asked" the part of
# title and headings that the question asks about. Exact matches of words and runs of words,
# lengths, soft matches in the title or the text alone and the share of words itself were fitted to
# nothing. "cited" is log(1 + passages that cite the document).
FEATURES = (
    "fused_rank",
    "cosine",
    "cosine_rank",
    "soft",
    "soft_idf",
    "soft_sentence",
    "weakest",
    "title_asked",
    "cited",
)


@runtime_checkable
class WordEncoder(Encoder, Protocol):
    """An encoder whose vector of a text is made of vectors of its words."""

    def word_ids(self, texts: Sequence[str]) -> list[Ids]:
        """Return the ids, above 0, of each text's known words in their order."""
        ...

    def words_by_id(self, text: str) -> dict[int, str]:
        """Return the known words of a text by id, in the order of their first place."""
        ...

    def word_vectors(self, ids: Ids) -> Vectors:
        """Return the words' vectors; a longer one weighs more in a text. Of id 0, zeros."""
        ...


def passage_ids(encoder: WordEncoder, entries: Iterable[Entry]) -> list[Ids]:
    """Return what a reranker reads of each passage: title, headings, sentences, each ended."""
    parts = [[one.title, one.headings, *_SENTENCES.split(one.text)] for one in entries]
    cut = iter(encoder.word_ids([text for texts in parts for text in texts]))
    end = np.array([END], np.uint32)
    passages = []
    for texts in parts:
        ids = np.concatenate([piece for _ in texts for piece in (next(cut), end)])
        passages.append(_shortened(ids))
    return passages


def _shortened(ids: Ids) -> Ids:
    if len(ids) <= MOST_PASSAGE_WORDS:
        return ids
    ids = ids[:MOST_PASSAGE_WORDS].copy()
    # A title alone may fill it: the three parts are always there.
    ids[-3 if np.count_nonzero(ids == END) < 3 else -1 :] = END
    return ids


class Reranker:
    """A linear model over `FEATURES`."""

    def __init__(self, encoder: WordEncoder, weights: Mapping[str, float], contrast: float) -> None:
        """Hold the weights by feature (0 where absent), and how far apart scores are put."""
        self._encoder = encoder
        self._weights = np.array([weights.get(name, 0.0) for name in FEATURES], np.float32)
        self._contrast = contrast

    def rerank(
        self, query: str, hits: Sequence[Scored], passages: Mapping[int, Ids], idf: Idf
    ) -> list[Scored]:
        """Return `hits`, best first by the fused score, with the first `READ` reordered.

        `passages` are the ids of those, by key; where one is missing, where they are longer than
        what the weights were fitted on, or where the query has no known word or a whole case of
        them, nothing is reordered. The best score stays as it was and the others follow it by
        their distance; what is not read comes after, in its order.
        """
        read = hits[:READ]
        if len(read) < 2 or not {hit.key for hit in read} <= passages.keys():
            return list(hits)
        texts = [passages[hit.key] for hit in read]
        too_long = sum(map(len, texts)) > LONGEST_MEAN * len(texts)
        rows = None if too_long else self.features(query, read, texts, idf)
        if rows is None:
            return list(hits)
        merit = rows @ self._weights
        order = np.lexsort((np.array([hit.key for hit in read]), -merit))
        scores = read[0].score * np.exp(self._contrast * (merit - merit.max()))
        best = zip(order.tolist(), scores[order].tolist(), strict=True)
        first = [_scored(read[at], score) for at, score in best]
        return first + _following(first[-1].score, hits[READ:])

    def features(
        self, query: str, hits: Sequence[Scored], passages: Sequence[Ids], idf: Idf
    ) -> Matrix | None:
        """Return a row of `FEATURES` for each hit; None for a query of no known word or many."""
        words = self._encoder.words_by_id(query)
        asked = {at: word for at, word in words.items() if word not in question_words()} or words
        if not asked or len(asked) >= LONG_QUESTION or not hits:
            return None
        ids = np.fromiter(asked, np.uint32, len(asked))
        rarity = np.array([idf(word) for word in asked.values()], np.float32)
        # A word that no passage has is as rare as they come.
        rarity[rarity == 0] = max(float(rarity.max()), 1.0)
        return np.column_stack([_ranks(hits), self._soft(ids, rarity, passages), _cited(hits)])

    def _soft(self, ids: Ids, rarity: Matrix, passages: Sequence[Ids]) -> Matrix:
        """Compare the question's words with those of every passage's title and sentences."""
        flat = np.concatenate(list(passages))
        distinct, place = _distinct(flat)
        asked, weights = _unit(self._encoder.word_vectors(ids))
        near, norms = _near(self._encoder.word_vectors(distinct), asked)
        weights, rarity = weights / max(weights.sum(), 1e-6), rarity / rarity.sum()
        ends = np.flatnonzero(flat == END)
        sentences = np.concatenate(([0], ends[:-1] + 1))
        starts = np.cumsum([0, *map(len, passages)])[:-1]
        first = np.searchsorted(sentences, starts)
        found = np.maximum.reduceat(near.take(place, axis=0), sentences)
        lengths = np.diff(sentences, append=len(flat))
        stretch = _best_stretch(found, first, lengths, weights + rarity)
        # Title and headings end where the first sentence starts.
        bounds = np.column_stack((starts, sentences[first + 2])).ravel()
        # Row by row of a transposed copy: over short rows a maximum takes four times as long.
        closest = np.ascontiguousarray(near.T).max(axis=0)
        about = np.add.reduceat((closest * norms).take(place), bounds)[::2]
        said = np.add.reduceat(norms.take(place), bounds)[::2]
        heaviest = np.argsort(-weights, kind="stable")[:3]
        columns = (
            _to_best(stretch @ weights),
            _to_best(stretch @ rarity),
            # The first two sentences are title and headings.
            np.maximum.reduceat(found @ rarity, np.column_stack((first, first + 2)).ravel())[1::2],
            stretch[:, heaviest].min(axis=1),
            about / np.maximum(said, 1e-6),
        )
        return np.column_stack(columns).astype(np.float32)


def _distinct(ids: Ids) -> tuple[Ids, Keys]:
    """Return the ids that occur, ascending, and for each of `ids` its place among them.

    By a table of all ids up to the largest: a third of the time of sorting them.
    """
    seen = np.zeros(int(ids.max()) + 1, np.bool_)
    seen[ids] = True
    distinct = np.flatnonzero(seen)
    places = np.empty(len(seen), np.int64)
    places[distinct] = np.arange(len(distinct))
    return distinct.astype(np.uint32), places.take(ids)


def _near(vectors: Vectors, asked: Vectors) -> tuple[Matrix, Matrix]:
    """Return the cosines (0 where below) of words with those asked for, and the words' lengths.

    In blocks so small that the library multiplies each in one thread: on a busy machine two
    threads wait for each other, which made one search in ten take 50 ms longer.
    """
    full = len(vectors) // BLOCK * BLOCK
    blocks = vectors[:full].reshape(-1, BLOCK, vectors.shape[1]) @ asked.T
    products = np.concatenate((blocks.reshape(full, len(asked)), vectors[full:] @ asked.T))
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return np.maximum(products / np.maximum(norms, 1e-9)[:, None], 0), norms


def _best_stretch(found: Matrix, first: Keys, lengths: Keys, weights: Matrix) -> Matrix:
    """Return for each passage the best cosines of one stretch of it, title and headings added.

    `found` are the best cosines of every sentence (rows) with every word of the question,
    `first` the row of each passage's title, `lengths` the words of every sentence.
    """
    text, last = first + 2, np.append(first[1:], len(found))
    words = np.add.reduceat(lengths, np.column_stack((first, text)).ravel())[1::2]
    short = np.flatnonzero(words <= STRETCH)
    # A short text is one stretch.
    spans = [np.column_stack((short, text[short], last[short]))]
    for owner in np.flatnonzero(words > STRETCH).tolist():
        start = int(text[owner])
        cut = _stretches(lengths[start : last[owner]].tolist(), start)
        spans.append(np.array([(owner, low, high) for low, high in cut]))
    owner, low, high = np.concatenate(spans).T
    padded = np.concatenate((found, np.zeros((1, found.shape[1]), found.dtype)))
    best = np.maximum.reduceat(padded, np.column_stack((low, high)).ravel())[::2]
    heads = np.maximum(found[first], found[first + 1])
    best = np.maximum(best, heads[owner])
    order = np.lexsort((-(best @ weights), owner))
    chosen: Matrix = best[order[np.searchsorted(owner[order], np.arange(len(first)))]]
    return chosen


def _stretches(lengths: list[int], start: int) -> Iterator[tuple[int, int]]:
    """Yield runs of sentences of `STRETCH` words, each from the middle of the one before."""
    low, count = 0, len(lengths)
    while True:
        high, words = low + 1, lengths[low]
        while high < count and words + lengths[high] <= STRETCH:
            words += lengths[high]
            high += 1
        yield start + low, start + high
        if high == count:
            return
        half, low = lengths[low], low + 1
        while low < high - 1 and half + lengths[low] <= STRETCH / 2:
            half += lengths[low]
            low += 1


def load_reranker(encoder: Encoder, path: Path = WEIGHTS) -> Reranker | None:
    """Return the reranker that was trained for an encoder, None for one it was not."""
    if not isinstance(encoder, WordEncoder):
        return None
    fields = json.loads(path.read_text("utf-8"))
    if encoder.spec.model != fields["encoder"]:
        return None
    return Reranker(encoder, fields["weights"], fields["contrast"])


def _ranks(hits: Sequence[Scored]) -> Matrix:
    cosines = np.array([hit.dense for hit in hits], np.float32)
    by_cosine = np.empty(len(hits))
    by_cosine[np.argsort(-cosines, kind="stable")] = np.arange(len(hits))
    fused = -np.log1p(np.arange(len(hits)))
    return np.column_stack((fused, _to_best(cosines), -np.log1p(by_cosine))).astype(np.float32)


def _cited(hits: Sequence[Scored]) -> Matrix:
    return np.log1p(np.array([hit.citing for hit in hits], np.float32))


def _to_best(values: Matrix) -> Matrix:
    return values / max(float(values.max()), 1e-6)


def _unit(vectors: Vectors) -> tuple[Vectors, Matrix]:
    """Return the vectors at length 1 (or 0), and the lengths they had."""
    norms = np.linalg.norm(vectors, axis=1)
    return vectors / np.maximum(norms, 1e-9)[:, None], norms


def _following(last: float, hits: Sequence[Scored]) -> list[Scored]:
    """Scale the scores of `hits` to start below `last`."""
    if not hits or hits[0].score <= 0:
        return [_scored(hit, 0.0) for hit in hits]
    scale = math.nextafter(last, 0.0) / hits[0].score
    return [_scored(hit, hit.score * scale) for hit in hits]


def _scored(hit: Scored, score: float) -> Scored:
    """Return a hit of another score; a fifth of the time of `dataclasses.replace`."""
    return Scored(hit.key, score, hit.lexical, hit.dense, hit.citing)
