"""Choose the sentences of an answer and write it as Markdown with `[n]` markers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.answering.evidence import Evidence, Sentence
from kb.answering.question import Question
from kb.answering.span import complete, one_quantity
from kb.answering.tables import is_row
from kb.answering.text import Range, sentences, squash

# Sentences in one answer.
MOST_SENTENCES = 3
# A further sentence may score this much below the best one: for a span, where a second sentence is
# worth showing only when the choice was close, and for an explanation.
_CLOSE_SPAN = 1.0
_CLOSE = 2.5
# One of another document may score this much below.
_CLOSE_ELSEWHERE = 1.0
# A numbered sentence shorter than this is the heading of what follows it.
_RUN_IN = 30
# Items of an enumeration that are quoted with the sentence that announces them.
_MOST_ITEMS = 12
_ITEM = re.compile(
    r"\s*(?:[（(][一二三四五六七八九十\d]+[）)]|[一二三四五六七八九十]+[是、．.]|\d+[、.．)）]|[①-⑳●•◆■·-])"
)
_ANNOUNCES = re.compile(r"(?:[：:]|如下|下列[^。]*|以下[^。]*)[。：:]?$")
_STOPS = "。！？!?；;：:"
_REFERENCE = re.compile(r"\[(\d{1,3})\]")
_BODY_END = re.compile(
    r"[部局委厅署院办会府]$|(?:部门|机关|机构|单位|组织|公司|企业|团体|[人者员])$"
)
# A span that makes up more than this part of its sentence says nothing the sentence does not.
_MOST_OF_SENTENCE = 0.8
# Texts that share this part of their characters' pairs say the same.
_SAME = 0.8


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is quoted from a passage: characters `[start, end)` of its text."""

    passage: int
    start: int
    end: int


def choose(evidence: Evidence, allowed: Sequence[Sentence]) -> list[Chosen]:
    """Return what to quote, in document order; the best sentence is always among it."""
    best = allowed[0]
    close = _CLOSE_SPAN if evidence.question.wants_span else _CLOSE
    picked = [best]
    document = evidence.passages[best.passage].document_id
    for sentence in allowed[1:]:
        if len(picked) == MOST_SENTENCES or sentence.score < best.score - close:
            break
        if sentence.signals.heading:
            continue
        elsewhere = evidence.passages[sentence.passage].document_id != document
        if elsewhere and sentence.score < best.score - _CLOSE_ELSEWHERE:
            continue
        if not any(_alike(sentence.text, other.text) for other in picked):
            picked.append(sentence)
    chosen = [_with_company(evidence, sentence) for sentence in picked]
    return _in_order(evidence, chosen)


def short_answer(question: Question, sentence: Sentence, passage_text: str) -> str | None:
    """Return the span of a sentence that answers, if it has one shorter than itself.

    Who is responsible is answered by what can be: a span that ends as bodies and people do. How
    much is answered by one quantity, unless several are asked for.
    """
    if sentence.cell is not None:
        cell = sentence.cell
        return passage_text[cell.start : cell.end].strip() + cell.unit
    if sentence.span is None:
        return None
    start, end = complete(passage_text, sentence.span.start, sentence.span.end)
    if question.kind in ("number", "date") and not question.wants_several:
        start, end = one_quantity(passage_text, start, end)
    span = passage_text[start:end]
    if not span or len(span) > _MOST_OF_SENTENCE * len(sentence.text):
        return None
    if question.kind == "responsible" and _BODY_END.search(span) is None:
        return None
    return span


def _with_company(evidence: Evidence, sentence: Sentence) -> Chosen:
    """Take a heading with what it heads, and an announcement with the items it announces."""
    text = evidence.passages[sentence.passage].text
    following = [span for span in sentences(text) if span.start >= sentence.end]
    end = sentence.end
    if _ANNOUNCES.search(sentence.text):
        for item in following[:_MOST_ITEMS]:
            if not _ITEM.match(text[item.start : item.end]):
                break
            end = item.end
    if end == sentence.end and _heads(sentence.text) and following:
        end = _after_heading(following, text)
    return Chosen(sentence.passage, sentence.start, end)


def _heads(text: str) -> bool:
    """Tell whether a line only says what the next is about."""
    if is_row(text):
        return False
    return text[-1] not in _STOPS or (len(text) < _RUN_IN and _ITEM.match(text) is not None)


def _after_heading(following: Sequence[Range], text: str) -> int:
    """Return the end of the first sentence that is one, among the next three lines."""
    for span in following[:3]:
        if text[span.end - 1] in _STOPS:
            return span.end
    return following[0].end


def _in_order(evidence: Evidence, chosen: Sequence[Chosen]) -> list[Chosen]:
    """Order by document and place, the best document first, and join what touches."""
    documents = [evidence.passages[one.passage].document_id for one in chosen]
    first = {document: at for at, document in reversed(list(enumerate(documents)))}

    def place(one: Chosen) -> tuple[int, int, int]:
        passage = evidence.passages[one.passage]
        return first[passage.document_id], passage.ordinal, one.start

    joined: list[Chosen] = []
    for one in sorted(chosen, key=place):
        last = joined[-1] if joined else None
        text = evidence.passages[one.passage].text
        if last is None or last.passage != one.passage or text[last.end : one.start].strip():
            joined.append(one)
        else:
            joined[-1] = Chosen(one.passage, last.start, max(last.end, one.end))
    return joined


def _alike(one: str, other: str) -> bool:
    mine, others = _pairs(one), _pairs(other)
    smaller = min(len(mine), len(others))
    return smaller > 0 and len(mine & others) / smaller >= _SAME


def _pairs(text: str) -> set[str]:
    bare = squash(text)
    return {bare[at : at + 2] for at in range(len(bare) - 1)}


def marked(text: str, markers: Sequence[int]) -> str:
    """Return the text on one line, with its markers.

    The text's own reference marks get full-width brackets, so that none is taken for a marker.
    """
    return _REFERENCE.sub(r"［\1］", " ".join(text.split())) + "".join(
        f"[{marker}]" for marker in markers
    )
