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
    matches_in,
    observe,
)
from kb.answering.kinds import defines, elsewhere, fits, term
from kb.answering.missing import Missing, missing
from kb.answering.places import about, for_another, front, headings_above, is_heading, under
from kb.answering.question import Question
from kb.answering.reader import Found, default_reader, spans
from kb.answering.standing import LOOKED_AT, NOWHERE, gap, stand_out
from kb.answering.tables import Cell, best_cell, is_row
from kb.answering.text import Range, fold
from kb.answering.words import Array, table
from kb.records import PassageRecord

if TYPE_CHECKING:
    from index import Encoder

# Passages whose sentences are read. The right one is among the first 6 hits for 97 of 100 written
# questions over 2,000 passages (`scripts/calibrate_answers.py`), and reading takes 2 ms a passage.
READ = 6
# What explains something stands under a heading that search may not see, so more are looked at
# where no span is sought, which takes 0.5 ms a passage.
READ_FOR_EXPLANATION = LOOKED_AT
# Log probabilities below this all say "not here".
_LEAST_SCORE = -12.0
# Passages found whose cosines say how much is on the subject.
_AROUND = 10
# Captions and what stands under tables and figures.
NOTE = re.compile(
    r"\s*(?:[图表]\s*\d+(?:[-.]\d+)?[\s：:．.]|(?:资料|数据)?来源|注\s*\d*[：:]|[①-⑳])"
)
_IT_IS = re.compile(r"(?:[^，。]{0,8}，)?(?:它|其|这|所谓[^，。]{2,12})[^，。]{0,4}(?:是|指)")
_NOT_WORDS = re.compile(r"[^\w\u4e00-\u9fff]+")

# Weights of `Signals` in a sentence's score, in its fields' order, where the answer may be a span
# and where it may not; fitted by `scripts/calibrate_answers.py` (softmax over a question's
# sentences; the sentence with the answer came first for .931 and .857 of questions new to the
# models). Its passages have no headings, notices or captions, few name a province where the country
# was asked about, and its plain questions have spans: the weights of `heading`, `elsewhere`,
# `under` and `front`, and of `fits_kind` where there is no span, are set by hand.
SPAN_WEIGHTS = (1.87, 0.70, 2.97, 2.05, 5.36, 3.75, 1.28, -1.0, -1.5, -0.74, 0.3, -2.0)
PLAIN_WEIGHTS = (3.66, 1.98, 4.60, 4.10, 5.51, 0.0, 1.5, -1.0, -1.5, 0.18, 2.0, -4.0)
# The same of a passage as a whole, where several of its sentences may be the answer; fitted on 981
# such questions, for .866 of which the right passage then came first (.856 by search alone, .850
# with the weights of a sentence), before search read its first candidates again. `under` and
# `elsewhere` are set by hand.
PASSAGE_WEIGHTS = (1.05, 1.45, 0.77, 4.30, 6.22, 0.0, 0.68, 0.0, -1.0, -0.91, 1.5, 0.0)
# What a passage's best sentence adds to its score.
_OF_SENTENCE = 0.25


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
    under: float
    front: float

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
            self.under,
            self.front,
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
    of the question's weight that each of the first `READ` passages so holds. `gap` is how far the
    first passage's rank score stands above that of the fourth that is no copy of it, as a part of
    it; `above` the same of every passage read, over the fourth and the tenth text found. `around`
    is the mean cosine of the first ten passages. `whole` is what speaks for each passage as one,
    where no span is sought. `missing` is what each of the first `READ` passages lacks.
    """

    question: Question
    passages: tuple[PassageRecord, ...]
    sentences: tuple[Sentence, ...]
    words: tuple[tuple[str, float], ...]
    held: tuple[float, ...]
    literal: tuple[float, ...]
    gap: float
    whole: tuple[Signals, ...] = ()
    above: tuple[tuple[float, ...], ...] = ()
    around: float = 0.0
    missing: tuple[Missing, ...] = ()


def weigh(
    question: Question,
    found: Sequence[tuple[float, PassageRecord]],
    encoder: Encoder,
    cosines: Sequence[float] = (),
) -> Evidence:
    """Read the first passages of a ranking and score every sentence of them.

    Where a definition is asked for, passages that define the term are read first. `cosines` are
    those of the passages found with the question.
    """
    standing = stand_out(found)
    around = sum(cosines[:_AROUND]) / len(cosines[:_AROUND]) if cosines else 0.0
    if question.kind == "definition":
        found = sorted(found, key=lambda one: not defines(question, one[1].text))
    found = found[: READ if question.wants_span else READ_FOR_EXPLANATION]
    passages = tuple(passage for _, passage in found)
    sources = [_source(passage) for passage in passages]
    asked = look_at_question(question.text, table())
    seen = observe(asked, sources, table())
    words = tuple(
        (text, weight)
        for text, weight in dict(zip(asked.words, asked.weights.tolist(), strict=True)).items()
        if weight > 0
    )
    held, literal = _literally(words, sources[:READ])
    if not seen.words:
        return Evidence(question, passages, (), words, held, literal, 0.0)
    read = _read(asked, seen) if question.wants_span else []
    best = {(span.source, span.sentence): span for span in read}
    asked_vector = encoder.encode_queries([question.text])[0]
    dense = _dense(asked_vector, passages, seen, encoder)
    scores = [score for score, _ in found]
    under_known: dict[tuple[str, str], float] = {}
    sentences = [
        _weighed(question, asked, passages, seen, at, best, dense, scores, under_known)
        for at in np.unique(seen.sentence, return_index=True)[1].tolist()
    ]
    ranked = sorted(sentences, key=lambda one: -one.score)
    whole: tuple[Signals, ...] = ()
    if not question.wants_span:
        whole = _whole(question, asked, asked_vector, passages, sentences, scores, encoder)
    return Evidence(
        question,
        passages,
        tuple(ranked),
        words,
        held,
        literal,
        gap(scores, passages),
        whole,
        tuple(standing.get(one.key, NOWHERE) for one in passages),
        around,
        missing(question.text, passages[:READ], encoder),
    )


def _source(passage: PassageRecord) -> Source:
    return Source(passage.text, "\n".join((passage.title, *passage.heading_path)))


def _read(asked: Asked, seen: Observed) -> list[Found]:
    return spans(seen, *default_reader().score(asked, seen))


def _dense(
    question: Array, passages: Sequence[PassageRecord], seen: Observed, encoder: Encoder
) -> Array:
    """Return the cosine of every sentence with the question."""
    numbers, firsts = np.unique(seen.sentence, return_index=True)
    texts = [
        passages[int(seen.source[at])].text[slice(*seen.spans[number])]
        for number, at in zip(numbers.tolist(), firsts.tolist(), strict=True)
    ]
    cosines = np.zeros(len(seen.spans), np.float32)
    cosines[numbers] = encoder.encode_passages(texts) @ question
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
    under_known: dict[tuple[str, str], float],
) -> Sentence:
    """Weigh the sentence that begins with word `at`."""
    source, number = int(seen.source[at]), int(seen.sentence[at])
    start, end = seen.spans[number]
    place = Range(start, end)
    text = passages[source].text[start:end]
    span = best.get((source, (start, end)))
    read = 1 - max(span.score, _LEAST_SCORE) / _LEAST_SCORE if span is not None else 0.0
    cell = None
    if question.kind == "number" and is_row(text):
        cell = best_cell(asked, passages[source].text, place, table())
    signals = Signals(
        sentence_cover=max(
            float(seen.features[at, SENTENCE_COVER]), cell.cover if cell is not None else 0.0
        ),
        source_cover=float(seen.features[at, SOURCE_COVER]),
        pairs=_shared_pairs(question.text, text),
        dense=float(dense[number]),
        rank_score=scores[source] / max(*scores, 1e-9),
        span_score=read,
        fits_kind=max(fits(question, text), _defined(question, passages[source], place)),
        heading=1.0 if _is_heading(text) else 0.0,
        elsewhere=float(elsewhere(question, text)),
        length=math.log1p(len(text)) / 5,
        under=_under(question, asked, passages[source], place, under_known),
        front=front(passages[source].text, place),
    )
    weights = SPAN_WEIGHTS if question.wants_span else PLAIN_WEIGHTS
    return Sentence(source, start, end, text, signals, scored(signals, weights), span, cell)


def _is_heading(text: str) -> bool:
    """Tell a heading or caption from a sentence and from a row of a table."""
    return NOTE.match(text) is not None or is_heading(text)


def _under(
    question: Question,
    asked: Asked,
    passage: PassageRecord,
    place: Range,
    known: dict[tuple[str, str], float],
) -> float:
    """Return how far the headings above promise what is asked; most sentences share theirs."""
    path = [heading for heading in passage.heading_path if heading != passage.title]
    headings = headings_above(passage.text, place, path)
    key = passage.title, headings
    if key not in known:
        known[key] = under(question, asked, headings, passage.title, table())
    return known[key]


def _defined(question: Question, passage: PassageRecord, place: Range) -> float:
    """Return 1 for "it is ..." under a heading that names the term of a definition."""
    text = passage.text[place.start : place.end]
    if question.kind != "definition" or _IT_IS.match(text) is None:
        return 0.0
    headings = headings_above(passage.text, place, passage.heading_path)
    return float(term(question) in fold(headings))


def _whole(
    question: Question,
    asked: Asked,
    asked_vector: Array,
    passages: Sequence[PassageRecord],
    sentences: Sequence[Sentence],
    scores: Sequence[float],
    encoder: Encoder,
) -> tuple[Signals, ...]:
    """Weigh each passage as if it were one sentence, its headings with it, notices left out."""
    under_of = {one.passage: one.signals.under for one in sorted(sentences, key=_under_of)}
    source_cover = {one.passage: one.signals.source_cover for one in sentences}
    said = [about(one.text) for one in passages]
    texts = [
        "\n".join((*one.heading_path[-2:], text))
        for one, (text, _) in zip(passages, said, strict=True)
    ]
    dense = encoder.encode_passages(texts) @ asked_vector
    weight = float(asked.weights.sum()) + 1e-6
    headings = [
        headings_above(one.text, Range(len(one.text), len(one.text)), one.heading_path[-1:])
        for one in passages
    ]
    whole = []
    for at, text in enumerate(texts):
        signals = Signals(
            sentence_cover=float(matches_in(asked, text, table()) @ asked.weights) / weight,
            source_cover=source_cover.get(at, 0.0),
            pairs=_shared_pairs(question.text, text),
            dense=float(dense[at]),
            rank_score=scores[at] / max(*scores, 1e-9) * said[at][1],
            span_score=0.0,
            fits_kind=fits(question, text),
            heading=0.0,
            elsewhere=float(elsewhere(question, text) or for_another(question, headings[at])),
            length=math.log1p(len(text)) / 5,
            under=under_of.get(at, 0.0),
            front=0.0,
        )
        whole.append(signals)
    return tuple(whole)


def _under_of(sentence: Sentence) -> float:
    return sentence.signals.under


def scored(signals: Signals, weights: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, signals.values(), strict=True))


def as_quoted(evidence: Evidence, sentence: Sentence) -> float:
    """Return what a sentence's passage is worth quoting as a whole, and the sentence in it."""
    whole = scored(evidence.whole[sentence.passage], PASSAGE_WEIGHTS)
    return whole + _OF_SENTENCE * sentence.score


def _shared_pairs(question: str, text: str) -> float:
    """Return the part of the question's neighbouring characters that the text has."""
    asked = {
        run[at : at + 2] for run in _NOT_WORDS.split(fold(question)) for at in range(len(run) - 1)
    }
    folded = fold(text)
    return sum(pair in folded for pair in asked) / max(len(asked), 1)


def _literally(
    words: Sequence[tuple[str, float]], sources: Sequence[Source]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return how far each word is held by the sources, and the part of all that each holds."""
    if not words or not sources:
        return tuple(0.0 for _ in words), tuple(0.0 for _ in sources)
    texts = [fold(source.text + "\n" + source.context) for source in sources]
    held = np.array([[_held(word, text) for word, _ in words] for text in texts], np.float32)
    weights = np.array([weight for _, weight in words], np.float32)
    by_source = held @ weights / weights.sum()
    return tuple(held.max(axis=0).tolist()), tuple(by_source.tolist())


def _held(word: str, text: str) -> float:
    """Return 1 for a word that is in the text, else the part of its neighbouring signs that are."""
    if word in text:
        return 1.0
    pairs = [word[at : at + 2] for at in range(len(word) - 1)]
    return sum(pair in text for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0
