"""Weigh the sentences of the retrieved passages as evidence for a question."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.answering.features import (
    SENTENCE_COVER,
    SOURCE_COVER,
    Asked,
    Observed,
    Source,
    look_at_question,
    observe,
)
from kb.answering.kinds import defines, elsewhere, fits
from kb.answering.question import Question
from kb.answering.reader import Found, default_reader, spans
from kb.answering.tables import Cell, best_cell, is_row
from kb.answering.text import Range, fold
from kb.answering.words import Array, table
from kb.records import PassageRecord

if TYPE_CHECKING:
    from index import Encoder

# Passages whose sentences are read. The right one is among the first 6 hits for 97 of 100 written
# questions over 2,000 passages (`scripts/calibrate_answers.py`), and reading takes 2 ms a passage.
READ = 6
# Log probabilities below this all say "not here".
_LEAST_SCORE = -12.0
# A passage that answers stands out against what is only on its subject, by about this rank.
_GAP_RANK = 4
# Captions and what stands under tables and figures.
NOTE = re.compile(
    r"\s*(?:[图表]\s*\d+(?:[-.]\d+)?[\s：:．.]|(?:资料|数据)?来源|注\s*\d*[：:]|[①-⑳])"
)
# A line without a stop at its end is a heading or a caption if it is shorter than this.
_HEADING = 60
_NOT_WORDS = re.compile(r"[^\w\u4e00-\u9fff]+")

# Weights of `Signals` in a sentence's score, in its fields' order, where the answer may be a span
# and where it may not; fitted by `scripts/calibrate_answers.py` (softmax over a question's
# sentences; the sentence with the answer came first for .916 and .843 of questions new to the
# models). Its passages have no headings or captions, few name a province where the country was
# asked about, and its plain questions have spans: the weights of `heading` and `elsewhere`, and
# of `fits_kind` where there is no span, are set by hand.
SPAN_WEIGHTS = (0.99, 0.20, 1.94, 2.03, 3.75, 4.31, 1.24, -1.0, -1.5, -0.67)
PLAIN_WEIGHTS = (3.91, 2.35, 4.52, 4.06, 4.34, 0.0, 1.5, -1.0, -1.5, 0.15)


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for a sentence; each from about 0 to 1."""

    sentence_cover: float
    source_cover: float
    pairs: float
    dense: float
    rank_score: float
    span_score: float
    fits_kind: float
    heading: float
    elsewhere: float
    length: float

    def values(self) -> tuple[float, ...]:
        """Return the signals in the order of the weights."""
        return (
            self.sentence_cover,
            self.source_cover,
            self.pairs,
            self.dense,
            self.rank_score,
            self.span_score,
            self.fits_kind,
            self.heading,
            self.elsewhere,
            self.length,
        )


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: characters `[start, end)` of a passage's text, and what it is worth."""

    passage: int
    start: int
    end: int
    text: str
    signals: Signals
    score: float
    span: Found | None
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The passages read and their sentences, best first, and what they hold of the question.

    `words` are the question's words that mean something, with their weights; `held` says of each
    how far the passages between them hold it as it is written, from 0 to 1. `literal` is the part
    of the question's weight so held by the passage that holds most. `gap` is how far the first
    passage's rank score stands above that of the fourth, as a part of it.
    """

    question: Question
    passages: tuple[PassageRecord, ...]
    sentences: tuple[Sentence, ...]
    words: tuple[tuple[str, float], ...]
    held: tuple[float, ...]
    literal: float
    gap: float


def weigh(
    question: Question, found: Sequence[tuple[float, PassageRecord]], encoder: Encoder
) -> Evidence:
    """Read the first passages of a ranking and score every sentence of them.

    Where a definition is asked for, passages that define the term are read first.
    """
    if question.kind == "definition":
        found = sorted(found, key=lambda one: not defines(question, one[1].text))
    found = found[:READ]
    passages = tuple(passage for _, passage in found)
    sources = [_source(passage) for passage in passages]
    asked = look_at_question(question.text, table())
    seen = observe(asked, sources, table())
    words = tuple(
        (text, weight)
        for text, weight in dict(zip(asked.words, asked.weights.tolist(), strict=True)).items()
        if weight > 0
    )
    held, literal = _literally(words, sources)
    if not seen.words:
        return Evidence(question, passages, (), words, held, literal, 0.0)
    best = {(span.source, span.sentence): span for span in _read(asked, seen)}
    dense = _dense(question.text, passages, seen, encoder)
    scores = [score for score, _ in found]
    sentences = [
        _weighed(question, asked, passages, seen, at, best, dense, scores)
        for at in np.unique(seen.sentence, return_index=True)[1].tolist()
    ]
    ranked = sorted(sentences, key=lambda one: -one.score)
    return Evidence(question, passages, tuple(ranked), words, held, literal, _gap(scores))


def _source(passage: PassageRecord) -> Source:
    return Source(passage.text, "\n".join((passage.title, *passage.heading_path)))


def _read(asked: Asked, seen: Observed) -> list[Found]:
    return spans(seen, *default_reader().score(asked, seen))


def _dense(
    question: str, passages: Sequence[PassageRecord], seen: Observed, encoder: Encoder
) -> Array:
    """Return the cosine of every sentence with the question."""
    numbers, firsts = np.unique(seen.sentence, return_index=True)
    texts = [
        passages[int(seen.source[at])].text[slice(*seen.spans[number])]
        for number, at in zip(numbers.tolist(), firsts.tolist(), strict=True)
    ]
    cosines = np.zeros(len(seen.spans), np.float32)
    cosines[numbers] = encoder.encode_passages(texts) @ encoder.encode_queries([question])[0]
    return cosines


def _weighed(
    question: Question,
    asked: Asked,
    passages: Sequence[PassageRecord],
    seen: Observed,
    at: int,
    best: dict[tuple[int, tuple[int, int]], Found],
    dense: Array,
    scores: Sequence[float],
) -> Sentence:
    """Weigh the sentence that begins with word `at`."""
    source, number = int(seen.source[at]), int(seen.sentence[at])
    start, end = seen.spans[number]
    text = passages[source].text[start:end]
    span = best.get((source, (start, end)))
    read = 1 - max(span.score, _LEAST_SCORE) / _LEAST_SCORE if span is not None else 0.0
    cell = None
    if question.kind == "number" and is_row(text):
        cell = best_cell(asked, passages[source].text, Range(start, end), table())
    signals = Signals(
        sentence_cover=max(
            float(seen.features[at, SENTENCE_COVER]), cell.cover if cell is not None else 0.0
        ),
        source_cover=float(seen.features[at, SOURCE_COVER]),
        pairs=_shared_pairs(question.text, text),
        dense=float(dense[number]),
        rank_score=scores[source] / max(*scores, 1e-9),
        span_score=read,
        fits_kind=fits(question, text),
        heading=1.0 if _is_heading(text) else 0.0,
        elsewhere=float(elsewhere(question, text)),
        length=math.log1p(len(text)) / 5,
    )
    weights = SPAN_WEIGHTS if question.wants_span else PLAIN_WEIGHTS
    score = sum(w * value for w, value in zip(weights, signals.values(), strict=True))
    return Sentence(source, start, end, text, signals, score, span, cell)


def _is_heading(text: str) -> bool:
    """Tell a heading or caption from a sentence and from a row of a table."""
    if NOTE.match(text):
        return True
    return len(text) < _HEADING and text[-1] not in "。！？!?；;：:" and not is_row(text)


def _shared_pairs(question: str, text: str) -> float:
    """Return the part of the question's neighbouring characters that the text has."""
    asked = {
        run[at : at + 2] for run in _NOT_WORDS.split(fold(question)) for at in range(len(run) - 1)
    }
    folded = fold(text)
    return sum(pair in folded for pair in asked) / max(len(asked), 1)


def _gap(scores: Sequence[float]) -> float:
    ordered = sorted(scores, reverse=True)
    last = ordered[min(_GAP_RANK, len(ordered)) - 1]
    return 1 - last / ordered[0] if ordered[0] > 0 else 0.0


def _literally(
    words: Sequence[tuple[str, float]], sources: Sequence[Source]
) -> tuple[tuple[float, ...], float]:
    """Return how far each word is held by the sources, and the most weight that one holds."""
    if not words or not sources:
        return tuple(0.0 for _ in words), 0.0
    texts = [fold(source.text + "\n" + source.context) for source in sources]
    held = np.array([[_held(word, text) for word, _ in words] for text in texts], np.float32)
    weights = np.array([weight for _, weight in words], np.float32)
    by_source = held @ weights / weights.sum()
    return tuple(held.max(axis=0).tolist()), float(by_source.max())


def _held(word: str, text: str) -> float:
    """Return 1 for a word that is in the text, else the part of its neighbouring signs that are."""
    if word in text:
        return 1.0
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0
