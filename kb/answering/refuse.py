"""Decide whether the evidence is enough to answer, and say in words what is missing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from kb.answering.evidence import Evidence, Sentence
from kb.answering.text import fold

# Weights of a logistic model of "the passages hold the answer", fitted by
# `scripts/calibrate_answers.py` on written questions over 2,000 passages, with the right passage
# among them or taken out.
WEIGHTS: Final[Mapping[str, float]] = {
    "constant": -2.5,
    "source": -3.1,
    "sentence": -0.9,
    "pairs": 3.0,
    "literal": 11.8,
    "together": -3.5,
    "span": 1.6,
    "wants_span": -2.0,
    "dense": 0.0,
    "absent": 1.2,
}
#: Evidence below this is refused; see the curve that `scripts/calibrate_answers.py` prints.
ENOUGH = 0.2
# Words of the question named in a reason.
_NAMED = 2
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

#: Gives the year a document was issued, by its id; None where that is not known.
YearOf = Callable[[str], str | None]


def confidence(evidence: Evidence) -> float:
    """Return how likely the passages hold the answer, from 0 to 1."""
    total = sum(WEIGHTS[name] * value for name, value in measures(evidence).items())
    return 1 / (1 + math.exp(-total))


def measures(evidence: Evidence) -> dict[str, float]:
    """Return what the confidence is made of, each from 0 to 1."""
    signals = [sentence.signals for sentence in evidence.sentences]
    absent = [
        weight * (1 - much) for (_, weight), much in zip(evidence.words, evidence.held, strict=True)
    ]
    return {
        "constant": 1.0,
        "source": max((one.source_cover for one in signals), default=0.0),
        "sentence": max((one.sentence_cover for one in signals), default=0.0),
        "pairs": max((one.pairs for one in signals), default=0.0),
        "literal": evidence.literal,
        "together": evidence.together,
        "span": max((one.span_score for one in signals), default=0.0)
        if evidence.question.wants_span
        else 0.0,
        "wants_span": float(evidence.question.wants_span),
        "dense": max((one.dense for one in signals), default=0.0),
        "absent": max(absent, default=0.0),
    }


def about_the_years(evidence: Evidence, year_of: YearOf) -> tuple[Sentence, ...]:
    """Return the sentences, in their order, that may speak of every year the question names.

    One that names other years only does not; one that names none does where its passage, its
    headings, or else its document's date has the year.
    """
    years = evidence.question.years
    return tuple(
        sentence
        for sentence in evidence.sentences
        if all(_speaks_of(year, sentence, evidence, year_of) for year in years)
    )


def _speaks_of(year: str, sentence: Sentence, evidence: Evidence, year_of: YearOf) -> bool:
    named = _YEAR.findall(fold(sentence.text))
    if year in named:
        return True
    passage = evidence.passages[sentence.passage]
    around = fold("\n".join((passage.text, passage.title, *passage.heading_path)))
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


def year_reason(evidence: Evidence) -> str:
    """Say which years the question names and which the passages have."""
    asked = "、".join(f"{year}年" for year in evidence.question.years)
    text = fold("".join(passage.text for passage in evidence.passages[:3]))
    there = [year for year in dict.fromkeys(_YEAR.findall(text)) if year not in asked]
    if not there:
        return f"找到的段落没有提到{asked}。"
    return f"找到的段落说的是{'、'.join(f'{year}年' for year in there[:_NAMED])}，没有提到{asked}。"


def _named(words: list[str]) -> str:
    return "".join(f"“{word}”" for word in words)
