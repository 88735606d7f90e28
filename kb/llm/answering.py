"""Let a language model word the answer, and keep of it what its citations support."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kb.answering.compose import marked
from kb.answering.text import Range, sentences
from kb.answering.words import cut, table
from kb.cite import Quotes
from kb.llm.claims import Claim, claims
from kb.llm.client import ChatModel, ModelFailed
from kb.llm.planted import without_instructions
from kb.llm.prompt import INSUFFICIENT, chosen, messages
from kb.llm.support import unsupported
from kb.records import PassageRecord
from kb.types import Sending, Written

#: Told what is about to be sent, before it is.
OnSending = Callable[[Sending], None]
#: Told each sentence that its citations support, with its markers, as the answer comes.
OnSentence = Callable[[str], None]

# Sentences quoted of one passage for one claim.
_MOST_QUOTED = 2
# What a further sentence must add of the claim's words, by weight, to be quoted too.
_LEAST_ADDED = 0.15
_FIGURE_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model's answer came to; `body` is None where none of it can be used.

    `insufficient` where the model found that the passages do not hold the answer.
    """

    body: str | None
    written: Written
    insufficient: bool = False


def draft(
    model: ChatModel,
    question: str,
    passages: Sequence[PassageRecord],
    quotes: Quotes,
    on_sending: OnSending | None = None,
    on_sentence: OnSentence | None = None,
) -> Draft:
    """Ask the model, and return its supported sentences with verified quotes.

    Never raises for what the model does: `written.note` says why its answer is not used.
    """
    sent = chosen([without_instructions(passage) for passage in passages])
    conversation = messages(question, sent)
    size = sum(len(message["content"]) for message in conversation)
    sending = Sending(model.model, model.host, len(sent), size)
    if on_sending is not None:
        on_sending(sending)
    lines: list[str] = []
    removed = 0
    try:
        for claim in _until_insufficient(claims(model.stream(conversation))):
            line = None if unsupported(claim, sent) else _cited(claim, sent, quotes)
            if line is None:
                removed += 1
                continue
            lines.append(line)
            if on_sentence is not None:
                on_sentence(line)
    except _Insufficient:
        note = "语言模型认为找到的段落不足以回答"
        return Draft(None, Written(sending, True, removed, note), insufficient=True)
    except ModelFailed as error:
        return Draft(None, Written(sending, False, removed, f"没有得到语言模型的回答：{error}"))
    if not lines:
        note = "语言模型的回答没有一句能由所引段落支持"
        return Draft(None, Written(sending, False, removed, note))
    return Draft("\n\n".join(lines), Written(sending, True, removed, _told(removed)))


class _Insufficient(Exception):
    """The model says that the passages do not hold the answer."""


def _until_insufficient(said: Iterator[Claim]) -> Iterator[Claim]:
    for number, claim in enumerate(said):
        if number == 0 and claim.text.strip("。.！!“”\"' ") == INSUFFICIENT:
            raise _Insufficient
        yield claim


def _told(removed: int) -> str | None:
    return f"删去{removed}句引文不支持的话" if removed else None


def _cited(claim: Claim, sent: Sequence[PassageRecord], quotes: Quotes) -> str | None:
    """Return the sentence with the markers of its quotes; None where none can be located."""
    markers: list[int] = []
    for number in claim.markers:
        passage = sent[number - 1]
        for place in _best_sentences(claim.text, passage.text):
            start = passage.start + place.start
            markers += quotes.cite(passage, start, passage.start + place.end)
    kept = list(dict.fromkeys(markers))
    return marked(claim.text, kept) if kept else None


def _best_sentences(claim: str, text: str) -> list[Range]:
    """Return the sentences of a passage that hold most of a claim, in their order."""
    weights = {
        word.text: _FIGURE_WEIGHT if re.match(r"\d", word.text) else table().weight(word.text)
        for word in cut(claim)
    }
    total = sum(weights.values())
    open_places = {place: _words(text[place.start : place.end]) for place in sentences(text)}
    missing = dict(weights)
    picked: list[Range] = []
    while open_places and len(picked) < _MOST_QUOTED:
        best = max(open_places, key=lambda one: _held(missing, open_places[one]))
        gained = _held(missing, open_places[best])
        if picked and gained < _LEAST_ADDED * total:
            break
        picked.append(best)
        for word in open_places.pop(best):
            missing.pop(word, None)
    return sorted(picked)


def _words(text: str) -> set[str]:
    return {word.text for word in cut(text)}


def _held(weights: dict[str, float], words: set[str]) -> float:
    return sum(weights[word] for word in weights.keys() & words)
