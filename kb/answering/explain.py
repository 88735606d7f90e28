"""Choose what explains: the sentences of the passage that answers, with the items it announces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from kb.answering.compare import compare
from kb.answering.evidence import Evidence, Sentence, as_quoted
from kb.answering.places import is_heading
from kb.answering.question import Kind
from kb.answering.quoting import (
    ANNOUNCES,
    ITEM,
    MOST_ITEMS,
    Chosen,
    joined,
    says_something,
    with_items,
)
from kb.answering.tables import is_row
from kb.answering.text import Range, alike, sentences
from kb.records import PassageRecord

#: Gives the passages around one, itself among them, in the document's order.
Around = Callable[[PassageRecord], Sequence[PassageRecord]]

# Kinds answered by all of a passage that is short enough, a clause's measures for example.
_WHOLE_KINDS: frozenset[Kind] = frozenset({"manner", "aspects", "list", "duties"})
# Characters quoted of one passage, of the items of a list, and with which enough is said.
_LONGEST = 300
_LONGEST_LIST = 600
# An item's first sentence up to this length only names it.
_NAME_OF_ITEM = 15
_ENOUGH_SAID = 600
# Sentences of one passage quoted where they are judged one by one, and how far below the best
# one's score another may be.
_MOST_SENTENCES = 3
_CLOSE = 2.5
# What standing in front takes away from a passage's score.
_IN_FRONT = 4.0
# A row of a table seldom tells measures or effects.
_ROW = 1.5
# Other passages are quoted too where their score is this close to the best one's. On 803 questions
# new to the encoder, over a few documents or up to 6,000 passages: the right passage is quoted for
# .957 at 2.0 (1.38 passages an answer), .920 at 0.5 (1.09), .884 where only one is quoted.
_CLOSE_ELSEWHERE = 2.0
_MOST_PASSAGES = 3


def explain(evidence: Evidence, allowed: Sequence[Sentence], around: Around) -> list[Chosen]:
    """Return what to quote: from the passage that answers, then from one as good, if any.

    A passage counts as a whole, with its headings, and by its best sentence. What another document
    says in nearly the same words is left out.
    """
    both = compare(evidence, allowed) if evidence.question.kind == "compare" else []
    best = _best_of_passages(evidence, allowed)
    if both or not best:
        return both
    chosen = _of_passage(evidence, allowed, best[0], around)
    said, quoted = sum(len(one.text) for one in chosen), 1
    for sentence in best[1:]:
        close = _total(evidence, sentence) >= _total(evidence, best[0]) - _CLOSE_ELSEWHERE
        if said >= _ENOUGH_SAID or quoted == _MOST_PASSAGES or not close:
            break
        more = _of_passage(evidence, allowed, sentence, around)
        new = [one for one in more if not any(alike(one.text, other.text) for other in chosen)]
        chosen += new
        said += sum(len(one.text) for one in new)
        # A copy says nothing new and takes no other passage's place.
        quoted += bool(new)
    return chosen


def _best_of_passages(evidence: Evidence, allowed: Sequence[Sentence]) -> list[Sentence]:
    """Return each passage's best sentence, the best passage's first."""
    best: dict[int, Sentence] = {}
    for sentence in allowed:
        passage = evidence.passages[sentence.passage]
        if not says_something(passage, sentence):
            continue
        best.setdefault(sentence.passage, sentence)
    return sorted(best.values(), key=lambda one: -_total(evidence, one))


def _total(evidence: Evidence, sentence: Sentence) -> float:
    row = evidence.question.kind in _WHOLE_KINDS and is_row(sentence.text)
    against = _IN_FRONT * sentence.signals.front + _ROW * row
    return as_quoted(evidence, sentence) - against


def _of_passage(
    evidence: Evidence, allowed: Sequence[Sentence], best: Sentence, around: Around
) -> list[Chosen]:
    """Return what to quote of the passage whose best sentence is given."""
    passage, kind = evidence.passages[best.passage], evidence.question.kind
    if kind == "list" and best.signals.fits_kind == 1:
        chosen = with_items(passage, Range(best.start, best.end))
    elif kind in _WHOLE_KINDS:
        chosen = _run(evidence, best)
    else:
        chosen = _sentences(evidence, allowed, best)
    return joined(_with_siblings(joined(chosen), kind, around))


def _sentences(evidence: Evidence, allowed: Sequence[Sentence], best: Sentence) -> list[Chosen]:
    """Return the sentences of a passage whose scores are close to its best one's."""
    passage = evidence.passages[best.passage]
    near = [
        one
        for one in allowed
        if one.passage == best.passage
        and one.score >= best.score - _CLOSE
        and says_something(passage, one)
    ]
    picked = sorted(near[:_MOST_SENTENCES], key=lambda one: one.start)
    chosen = [part for one in picked for part in with_items(passage, Range(one.start, one.end))]
    if evidence.question.kind == "reason" and not best.signals.fits_kind:
        following = next((one for one in sentences(passage.text) if one.start >= best.end), None)
        if following is not None:
            chosen = [Chosen(passage, best.start, best.end), Chosen(passage, *following)]
    return chosen


def _run(evidence: Evidence, best: Sentence) -> list[Chosen]:
    """Return the sentences of a passage that is short enough, else those from its best one on.

    A list begins with what announces it.
    """
    passage = evidence.passages[best.passage]
    longest = _LONGEST_LIST if evidence.question.kind == "list" else _LONGEST
    said = [Chosen(passage, *place) for place in sentences(passage.text)]
    said = [one for one in said if says_something(passage, one)]
    said = [one for one in said if not is_row(one.text)] or said
    if evidence.question.kind == "list" or sum(len(one.text) for one in said) > longest:
        said = [one for one in said if one.start >= best.start]
    kept: list[Chosen] = []
    for one in said:
        if kept and one.end - kept[0].start > longest:
            break
        kept.append(one)
    return kept


def _with_siblings(chosen: list[Chosen], kind: Kind, around: Around) -> list[Chosen]:
    """Add the items that stand as passages of their own beside what was chosen."""
    if not chosen:
        return []
    item = ITEM.match(chosen[0].text) is not None and kind in _WHOLE_KINDS
    last = chosen[-1].text
    goes_on = ANNOUNCES.search(last) is not None or (kind == "list" and ITEM.match(last))
    if not item and not goes_on:
        return chosen
    mine = chosen[0].passage
    section = [one for one in around(mine) if one.heading_path == mine.heading_path]
    after = [one for one in section if one.ordinal > mine.ordinal]
    before = [one for one in reversed(section) if one.ordinal < mine.ordinal]
    first = chosen[0].start == 0 and item
    ahead = list(_items(before, backwards=True))[::-1] if first else []
    longest = _LONGEST_LIST if kind == "list" else _LONGEST
    return _at_most([*ahead, *chosen], list(_items(after)), longest)


def _items(passages: Sequence[PassageRecord], *, backwards: bool = False) -> Iterator[Chosen]:
    """Yield the passages that are items, up to one that is not or that begins a section."""
    for passage in passages:
        lines = [
            place
            for place in sentences(passage.text)
            if not is_heading(passage.text[place.start : place.end])
        ]
        begins_section = bool(lines) and lines[0].start > 0
        if not lines or ITEM.match(passage.text[lines[0].start :]) is None:
            return
        if begins_section and not backwards:
            return
        yield Chosen(passage, lines[0].start, lines[-1].end)
        if begins_section:
            return


def _at_most(chosen: list[Chosen], after: Sequence[Chosen], longest: int) -> list[Chosen]:
    """Add what comes after, first sentences only where all of it would be too long."""
    after = after[:MOST_ITEMS]
    if sum(len(one.text) for one in (*chosen, *after)) > longest:
        chosen, after = [_first(one) for one in chosen], [_first(one) for one in after]
    kept = list(chosen)
    for one in after:
        if sum(len(other.text) for other in kept) + len(one.text) > longest:
            break
        kept.append(one)
    return kept


def _first(one: Chosen) -> Chosen:
    """Return the first sentence of an item, with the short one that names it."""
    if ITEM.match(one.text) is None:
        return one
    for place in sentences(one.text):
        if place.end > _NAME_OF_ITEM:
            return Chosen(one.passage, one.start, one.start + place.end)
    return one
