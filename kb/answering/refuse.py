"""Decide whether the evidence is enough to answer, and say in words what is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kb.answering.confidence import Confidence, default_confidence
from kb.answering.evidence import READ, Evidence, Sentence, as_quoted
from kb.answering.missing import Missing
from kb.answering.named import holds, periods, places
from kb.answering.question import Question
from kb.answering.text import fold
from kb.records import PassageRecord

# The log odds that what may answer holds the answer are a mean of two models': of the network in
# `kb.answering.confidence`, which counts twice, and of a logistic one with these weights, itself
# the mean of fits on 1,200 and 3,900 questions. The network refuses more questions whose passage is
# not there or that were altered, but leans on how far the first passage stands out, which
# neighbours in whole documents hide; the other leans on words, and refuses more of what names
# another year.
# `scripts/calibrate_refusal.py` draws the curve of both together.
WEIGHTS: Final[Mapping[str, float]] = {
    "constant": -5.10,
    "literal": 1.12,
    "wants_span": -0.28,
    "dense": 3.89,
    "best_dense": 0.83,
    "gap_literal": 4.01,
    "gap_dense": 5.31,
}
# For encoders other than the one that comes with the package a logistic model alone, which does not
# look at cosines; of the first fit.
WEIGHTS_WITHOUT_DENSE: Final[Mapping[str, float]] = {
    "constant": -3.35,
    "literal": 3.59,
    "wants_span": -0.63,
    "gap_literal": 5.21,
}
CALIBRATED_ENCODER = "policykb-static-zh"
# Evidence below the setting `refuse_below`, 0.12 unless it is set, is refused: 6 of 100 questions
# that the passages answer, 64 whose passage was taken out, 95 whose year or province was changed,
# 20 with another noun, 99 on another subject. docs/answers.md has the curve.
# Words of the question named in a reason.
_NAMED = 2
# Passages a reason looks at.
NEAREST = 3
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

#: Gives the year a document was issued, by its id; None where that is not known.
YearOf = Callable[[str], str | None]


def judged(
    evidence: Evidence, year_of: YearOf, encoder: str, least: float
) -> tuple[tuple[Sentence, ...], str | None]:
    """Return the sentences that may answer, best first, or why the question is to be refused.

    `least` is the confidence below which it is.
    """
    question = evidence.question
    named = about_what_is_named(evidence, year_of)
    if not named:
        return (), reason_for_names(evidence)
    allowed = of_the_sort_asked(question, named)
    if not allowed:
        return (), reason_for_sort()
    if confidence(evidence, allowed, encoder) < least:
        return (), reason(evidence)
    return allowed, None


def confidence(
    evidence: Evidence, allowed: Sequence[Sentence], encoder: str = CALIBRATED_ENCODER
) -> float:
    """Return how likely the sentences that may answer hold the answer, from 0 to 1.

    `encoder` is the model that made the cosines.
    """
    return 1 / (1 + math.exp(-log_odds(measures(evidence, allowed), encoder)))


def log_odds(seen: Mapping[str, float], encoder: str = CALIBRATED_ENCODER) -> float:
    """Return the log odds that evidence of these measures holds the answer."""
    if encoder != CALIBRATED_ENCODER:
        return sum(weight * seen[name] for name, weight in WEIGHTS_WITHOUT_DENSE.items())
    return together(seen, default_confidence())


def together(seen: Mapping[str, float], network: Confidence) -> float:
    """Return the log odds by the logistic model and a network, which counts twice as much."""
    logistic = sum(weight * seen[name] for name, weight in WEIGHTS.items())
    return (logistic + 2 * network(seen)) / 3


def measures(evidence: Evidence, allowed: Sequence[Sentence]) -> dict[str, float]:
    """Return what the confidence is made of.

    Only passages with a sentence that may answer count. `literal` is the part of the question that
    one of them has as it is written, `dense` the best cosine of their sentences; `above_4` and
    `above_10` say how far the best of them stands out, `around` how much else is on the subject.
    `words` and `weight` are how many words the question has, and what they weigh. `gap_literal` and
    `gap_dense` are 0 where the first passage found may not answer: then nothing stands out.
    `nothing_far` and `nothing_absent` are 0 where the passage quoted first has all words asked for
    or their like, and fall with what it lacks (`kb.answering.missing`).
    """
    near = _near(allowed)
    lacking = _lacking_of(evidence, near)
    passages = {one.passage for one in near}
    best = min((one.passage for one in allowed), default=0)
    above_4, above_10 = evidence.above[best] if evidence.above else (0.0, 0.0)
    literal = max((evidence.literal[at] for at in passages if at < READ), default=0.0)
    dense = max((one.signals.dense for one in near), default=0.0)
    gap = evidence.gap if 0 in passages else 0.0
    return {
        "constant": 1.0,
        "literal": literal,
        "wants_span": float(evidence.question.wants_span),
        "dense": dense,
        "best_dense": near[0].signals.dense if near else 0.0,
        "gap_literal": gap * literal,
        "gap_dense": gap * dense,
        "above_4": above_4,
        "above_10": above_10,
        "around": evidence.around,
        "words": len(evidence.words) / 10,
        "weight": min(sum(weight for _, weight in evidence.words) / 5, 2.0),
        "nothing_far": -lacking.in_sentence,
        "nothing_absent": -lacking.in_passage,
    }


def _lacking_of(evidence: Evidence, near: Sequence[Sentence]) -> Missing:
    """Return what the passage that would be quoted first lacks; of one not read, as any does."""
    if not evidence.missing:
        return Missing()
    best = near[0] if near else None
    if evidence.whole:
        best = max(near, key=lambda one: as_quoted(evidence, one), default=None)
    if best is not None and best.passage < READ:
        return evidence.missing[best.passage]
    return Missing(
        max(one.in_sentence for one in evidence.missing),
        max(one.in_passage for one in evidence.missing),
    )


def _near(allowed: Sequence[Sentence]) -> list[Sentence]:
    return [one for one in allowed if one.passage < READ] or list(allowed[:1])


def about_what_is_named(evidence: Evidence, year_of: YearOf) -> tuple[Sentence, ...]:
    """Return the sentences, in their order, that may speak of all years and places named.

    A sentence that names other years only does not speak of the year; one that names none does
    where its passage, its headings, or else its document's date has it. Places and periods have to
    be in its passage, its headings or its document's title: the passage that answers has them for
    97 of 100 questions that name one (5,413 places in 23,928 questions).
    """
    years = evidence.question.years
    named = (*places(evidence.question.text), *periods(evidence.question.text))
    missing = {at for at in range(len(evidence.passages)) if _lacking(named, evidence.passages[at])}
    return tuple(
        sentence
        for sentence in evidence.sentences
        if sentence.passage not in missing
        and all(_speaks_of(year, sentence, evidence, year_of) for year in years)
    )


def of_the_sort_asked(question: Question, allowed: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Return the sentences with one first that holds the sort of figure asked for.

    None where none of them does and nothing else is asked. Of 2,588 written questions for a figure
    alone the right passage has none of the sort for .018, of 1,604 that ask more (罚多少，谁来罚？)
    for .093. Dates are not asked to be any: .16 of 95 questions for one are answered by an event
    (一审法庭辩论终结前).
    """
    if question.kind != "number":
        return tuple(allowed)
    first = next((one for one in allowed if one.signals.fits_kind > 0), None)
    if first is None:
        return tuple(allowed) if question.asks_more else ()
    return (first, *(one for one in allowed if one is not first))


def reason_for_sort() -> str:
    """Say that the passages lack the sort of figure asked for."""
    return "找到的段落与问题相关，但没有一处给出所问的数。"


def _lacking(named: Sequence[str], passage: PassageRecord) -> list[str]:
    text = _with_headings(passage)
    return [name for name in named if not holds(name, text)]


def _with_headings(passage: PassageRecord) -> str:
    return fold("\n".join((passage.text, passage.title, *passage.heading_path)))


def _speaks_of(year: str, sentence: Sentence, evidence: Evidence, year_of: YearOf) -> bool:
    named = _YEAR.findall(fold(sentence.text))
    if year in named:
        return True
    passage = evidence.passages[sentence.passage]
    around = _with_headings(passage)
    if year in _YEAR.findall(around):
        return not named
    return not named and not _YEAR.search(around) and year_of(passage.document_id) == year


def reason(evidence: Evidence) -> str:
    """Say what the documents mention of the question, and what they do not."""
    known = list(zip(evidence.words, evidence.held, strict=True))
    known.sort(key=lambda word: -word[0][1])
    missing = [text for (text, _), much in known if much < 0.5 and len(text) > 1]
    held = [text for (text, _), much in known if much == 1 and len(text) > 1]
    if not missing:
        return "找到的段落与问题相关，但没有能回答它的句子。"
    absent = _named(missing[:_NAMED])
    if not held:
        return f"文档中没有提到{absent}。"
    return f"文档提到{_named(held[:_NAMED])}，但没有提到{absent}。"


def reason_for_names(evidence: Evidence) -> str:
    """Say which place, period or year the passages lack, and which years they have."""
    question = evidence.question
    named = (*places(question.text), *periods(question.text))
    lacking = [_lacking(named, passage) for passage in evidence.passages[:NEAREST]]
    absent = [name for name in named if all(name in names for names in lacking)]
    if absent:
        return f"找到的段落没有提到{_named(absent[:_NAMED])}。"
    if not question.years:
        return f"没有一个段落同时提到{_named(list(named))}。"
    asked = "、".join(f"{year}年" for year in question.years)
    text = fold("".join(passage.text for passage in evidence.passages[:NEAREST]))
    there = [year for year in dict.fromkeys(_YEAR.findall(text)) if year not in asked]
    if not there:
        return f"找到的段落没有提到{asked}。"
    return f"找到的段落说的是{'、'.join(f'{year}年' for year in there[:_NAMED])}，没有提到{asked}。"


def _named(words: list[str]) -> str:
    return "".join(f"“{word}”" for word in words)
