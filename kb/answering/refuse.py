"""Decide whether the evidence is enough to answer, and say in words what is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kb.answering.evidence import READ, Evidence, Sentence
from kb.answering.named import holds, periods, places
from kb.answering.question import Question
from kb.answering.text import fold
from kb.records import PassageRecord

# Weights of a logistic model of "what may answer holds the answer": the mean of two fits, on 1,200
# questions over 2,000 and over 200 passages before search read its first candidates again, and on
# 3,900 with it, over 8 to 25 whole documents and 200 to 6,000 passages. The first alone leans on
# words, the second on how far the first passage stands out, which copies and neighbours in whole
# documents hide. The mean was chosen on sets that are reported too (`docs/answers.md`);
# `scripts/calibrate_refusal.py` draws the curve of what is here. The cosines' weights
# fit the encoder that comes with the package; for any other the model without them is used, which
# is of the first fit.
WEIGHTS: Final[Mapping[str, float]] = {
    "constant": -5.10,
    "literal": 1.12,
    "wants_span": -0.28,
    "dense": 3.89,
    "best_dense": 0.83,
    "gap_literal": 4.01,
    "gap_dense": 5.31,
}
WEIGHTS_WITHOUT_DENSE: Final[Mapping[str, float]] = {
    "constant": -3.35,
    "literal": 3.59,
    "wants_span": -0.63,
    "dense": 0.0,
    "best_dense": 0.0,
    "gap_literal": 5.21,
    "gap_dense": 0.0,
}
CALIBRATED_ENCODER = "policykb-static-zh"
# Evidence below the setting `refuse_below`, 0.10 unless it is set, is refused: 6 of 100 questions
# that the passages answer, 39 whose passage was taken out, 94 whose year or province was changed,
# 98 on another subject. docs/answers.md has the curve.
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
    weights = WEIGHTS if encoder == CALIBRATED_ENCODER else WEIGHTS_WITHOUT_DENSE
    total = sum(weights[name] * value for name, value in measures(evidence, allowed).items())
    return 1 / (1 + math.exp(-total))


def measures(evidence: Evidence, allowed: Sequence[Sentence]) -> dict[str, float]:
    """Return what the confidence is made of, each from 0 to 1.

    Only passages with a sentence that may answer count; where the first is none of them, nothing
    stands out.
    """
    near = [one for one in allowed if one.passage < READ] or list(allowed[:1])
    passages = {one.passage for one in near}
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
    }


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

    None where none of them does. Of 1,077 questions for figures that have a span, the sentence with
    the span does for .982; the rest ask for "多少" of what has no figure. Dates are not asked to be
    any: .16 of 95 questions for one are answered by an event (一审法庭辩论终结前).
    """
    if question.kind != "number":
        return tuple(allowed)
    first = next((one for one in allowed if one.signals.fits_kind > 0), None)
    if first is None:
        return ()
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
