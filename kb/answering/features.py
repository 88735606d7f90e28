"""What the span reader sees of each word: numbers that do not depend on any encoder.

`scripts/train_reader.py` trains on these and `reader` runs on them, so both call `observe`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kb.answering.text import sentences
from kb.answering.words import Array, Word, WordTable, cut

# A question word and a passage word this much alike (cosine) count as a partial match.
ALIKE = 0.35
# What a partial match counts of a full one.
PARTIAL = 0.7
# Words of a question that are looked at; longer ones are pasted text.
MOST_QUESTION_WORDS = 64

_ASKING = ("多少", "哪", "什么", "啥", "谁", "几", "多久", "何", "多长", "多大", "怎", "多高")
_NUMERALS = frozenset("〇零一二三四五六七八九十百千万亿两几")
_CLAUSE_END = frozenset("，,；;：:")
_MARKS = frozenset("，,；;：:。！？、（）“”《》")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Features of a word alone, of a word beside the question, and of a word in its place.
_FIXED = 11
_BY_WORD = _FIXED + 5
FEATURES = _BY_WORD + 6
#: Columns that hold how much of the question a word's sentence and its source cover.
SENTENCE_COVER, SOURCE_COVER = _BY_WORD, _BY_WORD + 1


@dataclass(frozen=True, slots=True)
class Source:
    """A text to read, and the words that say where it stands (title, headings)."""

    text: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question's words, their vectors (m, 64) and weights (m,), and where it asks."""

    words: tuple[str, ...]
    vectors: Array
    weights: Array
    asking: int


@dataclass(frozen=True, slots=True)
class Observed:
    """Every word of the sources in order, as the reader sees them.

    `vectors` is (n, 64) and `features` (n, FEATURES); `source` and `sentence` number the source
    and the sentence each word stands in, sentences counted through all sources; `spans` are the
    sentences' character ranges. `matches` is (n, m): how far each word is each question word.
    """

    words: tuple[Word, ...]
    vectors: Array
    features: Array
    matches: Array
    source: npt.NDArray[np.intp]
    sentence: npt.NDArray[np.intp]
    spans: tuple[tuple[int, int], ...]


def look_at_question(question: str, words: WordTable) -> Asked:
    """Cut and weigh a question."""
    texts = tuple(word.text for word in cut(question))[:MOST_QUESTION_WORDS] or ("?",)
    weights = np.array([words.weight(text) for text in texts], np.float32)
    at = [place for place, text in enumerate(texts) if any(sign in text for sign in _ASKING)]
    return Asked(texts, words.vectors(list(texts)), weights, at[-1] if at else len(texts) - 1)


def observe(asked: Asked, sources: Sequence[Source], table: WordTable) -> Observed:
    """Look at every word of the sources with the question in mind."""
    words: list[Word] = []
    places: list[tuple[int, int, int, int]] = []
    spans: list[tuple[int, int]] = []
    for number, source in enumerate(sources):
        _place(source, number, words, places, spans)
    texts = [word.text for word in words]
    row = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    which = np.array([row[text] for text in texts], np.intp)
    known = _Distinct.of(list(row), asked, table)
    where = np.array(places, np.intp).reshape(-1, 4)
    matches = known.matches[which]
    features = np.zeros((len(texts), FEATURES), np.float32)
    if texts:
        features[:, :_BY_WORD] = known.features[which]
        extra = [matches_in(asked, source.context, table) for source in sources]
        _relate(features[:, _BY_WORD:], asked, matches, where, extra)
    vectors = known.vectors[which]
    return Observed(
        tuple(words), vectors, features, matches, where[:, 0], where[:, 1], tuple(spans)
    )


def _place(
    source: Source,
    number: int,
    words: list[Word],
    places: list[tuple[int, int, int, int]],
    spans: list[tuple[int, int]],
) -> None:
    """Append a source's words with their source, sentence, clause and sentence within it."""
    clause = places[-1][2] + 1 if places else 0
    for order, (start, end) in enumerate(sentences(source.text)):
        for word in cut(source.text[start:end]):
            words.append(Word(word.text, word.start + start, word.end + start))
            places.append((number, len(spans), clause, order))
            clause += word.text in _CLAUSE_END
        spans.append((start, end))
        clause += 1


@dataclass(frozen=True, slots=True)
class _Distinct:
    """What is known of each distinct word, wherever it stands."""

    vectors: Array
    matches: Array
    features: Array

    @classmethod
    def of(cls, texts: Sequence[str], asked: Asked, table: WordTable) -> _Distinct:
        vectors = table.vectors(texts)
        similar = vectors @ asked.vectors.T
        features = np.zeros((len(texts), _BY_WORD), np.float32)
        if texts:
            features[:, :_FIXED] = [_fixed(text, table.weight(text)) for text in texts]
            _compare(features[:, _FIXED:], asked, texts, similar)
        return cls(vectors, _matches(asked, texts, similar), features)


def _matches(asked: Asked, texts: Sequence[str], similar: Array) -> Array:
    """Return (n, m): 1 where the words are the same, less where they are alike."""
    alike = np.where(similar < ALIKE, np.float32(0), PARTIAL * similar)
    columns: dict[str, list[int]] = {}
    for column, text in enumerate(asked.words):
        columns.setdefault(text, []).append(column)
    for row, text in enumerate(texts):
        if text in columns:
            alike[row, columns[text]] = 1.0
    return alike


def _compare(out: Array, asked: Asked, texts: Sequence[str], similar: Array) -> None:
    """Fill in how each word compares with the question's words, and with what it asks for."""
    weights = dict(zip(asked.words, asked.weights.tolist(), strict=True))
    signs = {sign for text, weight in weights.items() if weight > 0 for sign in text}
    out[:, 0] = [weights.get(text, 0.0) for text in texts]
    out[:, 1] = [sum(sign in signs for sign in text) / len(text) for text in texts]
    content = asked.weights > 0
    if content.any():
        out[:, 2] = similar[:, content].max(axis=1)
    focus = _focus(asked)
    if focus:
        out[:, 3] = similar[:, focus].max(axis=1)
        ends = {asked.words[at][-1] for at in focus}
        out[:, 4] = [text[-1] in ends for text in texts]


def _relate(
    out: Array,
    asked: Asked,
    matches: Array,
    where: npt.NDArray[np.intp],
    extra: Sequence[Array],
) -> None:
    """Fill in how much of the question each word's clause, sentence and source cover."""
    source, sentence, clause, order = where.T
    by_sentence = cover(asked, matches, sentence)
    by_source = cover(asked, matches, source, extra)
    out[:, 0] = by_sentence[sentence]
    out[:, 1] = by_source[source]
    out[:, 2] = cover(asked, matches, clause)[clause]
    out[:, 3] = out[:, 0] - by_sentence.max()
    out[:, 4] = out[:, 1] - by_source.max()
    out[:, 5] = order / 8


def cover(
    asked: Asked, matches: Array, groups: npt.NDArray[np.intp], extra: Sequence[Array] | None = None
) -> Array:
    """Return for each group of words how much of the question's weight it matches, 0 to 1.

    `groups` is ascending and numbers the group of each row of `matches`; `extra[i]` is a (m,)
    best match that group `i` has besides.
    """
    count = int(groups[-1]) + 1 if len(groups) else 0
    best = np.zeros((count if extra is None else len(extra), len(asked.words)), np.float32)
    if count:
        firsts = np.flatnonzero(np.diff(groups, prepend=-1))
        best[groups[firsts]] = np.maximum.reduceat(matches, firsts, axis=0)
    if extra is not None:
        best = np.maximum(best, np.array(extra, np.float32).reshape(best.shape))
    covered: Array = best @ asked.weights / (float(asked.weights.sum()) + 1e-6)
    return covered


def matches_in(asked: Asked, context: str, table: WordTable) -> Array:
    """Return (m,): how far each question word is matched in a source's context."""
    texts = _words_of(context)
    if not texts:
        return np.zeros(len(asked.words), np.float32)
    best: Array = _matches(asked, texts, table.vectors(texts) @ asked.vectors.T).max(axis=0)
    return best


@lru_cache(maxsize=1024)
def _words_of(context: str) -> tuple[str, ...]:
    """Return the words of a title with headings, which many passages have in common."""
    return tuple(dict.fromkeys(word.text for word in cut(context)))


def _focus(asked: Asked) -> list[int]:
    """Return what is asked for: words with a meaning right after the asking word, else before."""
    after = range(asked.asking, min(asked.asking + 4, len(asked.words)))
    found = [at for at in after if asked.weights[at] > 0][:2]
    before = range(max(0, asked.asking - 3), asked.asking)
    return found or [at for at in before if asked.weights[at] > 0][-1:]


@lru_cache(maxsize=50_000)
def _fixed(text: str, weight: float) -> tuple[float, ...]:
    return (
        weight,
        text[0].isdigit(),
        all(sign in _NUMERALS for sign in text),
        text in _MARKS,
        text == "、",
        text in "“《",
        text in "”》",
        len(text) / 4,
        weight == 0.0,
        _YEAR.fullmatch(text) is not None,
        text[0].isascii() and text[0].isalpha(),
    )
