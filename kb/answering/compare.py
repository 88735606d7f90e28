"""Quote both sides of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.answering.evidence import Evidence, Sentence
from kb.answering.quoting import Chosen, joined, says_something
from kb.answering.tables import is_row
from kb.answering.text import fold, sentences

_SIDES = re.compile(
    r"(?P<one>[^，。？?、]{2,14}?)(?:与|和|跟|同|比起|相比于?)(?P<other>[^，。？?、]{2,14}?)"
    r"(?:相比|之间|的|在|有[什何哪啥]|哪|谁|是|，|、)"
)
_SEVERAL = re.compile(
    r"(?P<first>[^，。？?、]{1,14}(?:、[^，。？?、]{1,14}?)+)(?:和|与|及|以及)(?P<last>[^，。？?、]{1,14}?)"
    r"(?=相比|之间|的|在|有[什何哪啥]|各|哪|谁|是|，)"
)
# A sentence that begins with a side is about it, and worth this much more; twice that where it
# names no other side.
_HOLDS = 4.0
_MOST_ROWS = 8


def sides(question: str) -> tuple[str, ...]:
    """Return the things a question compares, two or more; none where they are not seen."""
    folded = fold(question)
    several = _SEVERAL.search(folded)
    if several is not None:
        return (*several["first"].split("、"), several["last"])
    found = _SIDES.search(folded)
    return (found["one"].strip(), found["other"].strip()) if found is not None else ()


def compare(evidence: Evidence, allowed: Sequence[Sentence]) -> list[Chosen]:
    """Return the best sentence on each side, one on both first; empty where a side has none."""
    named = sides(evidence.question.text)
    said = [one for one in allowed if says_something(evidence.passages[one.passage], one)]
    picked: list[Sentence] = []
    for side in named:
        about = sorted(
            (one for one in said if side in fold(one.text)),
            key=lambda one: -(one.score + _HOLDS * _about_it(one.text, side, named)),
        )
        if not about:
            return []
        if is_row(about[0].text) and all(fold(about[0].text).count(one) for one in named):
            return _table(evidence, about[0])
        if about[0] not in picked:
            picked.append(about[0])
    ordered = sorted(picked, key=lambda one: (one.passage, one.start))
    return joined([Chosen(evidence.passages[one.passage], one.start, one.end) for one in ordered])


def _table(evidence: Evidence, top: Sentence) -> list[Chosen]:
    """Return the rows of a table from the one that heads it with both sides."""
    passage = evidence.passages[top.passage]
    rows = [Chosen(passage, top.start, top.end)]
    for place in sentences(passage.text):
        if place.start >= top.end and len(rows) <= _MOST_ROWS:
            if not is_row(passage.text[place.start : place.end]):
                break
            rows.append(Chosen(passage, *place))
    return rows


def _about_it(text: str, side: str, named: Sequence[str]) -> int:
    """Return 1 for a sentence that begins with a side, 1 more where it names no other."""
    folded = fold(text)
    begins = side in folded[: len(side) + 4]
    alone = not any(other in folded for other in named if other != side)
    return begins + (begins and alone)
