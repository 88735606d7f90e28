"""Choose the sentences of an answer and write it as Markdown with `[n]` markers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.answering.evidence import Evidence, Sentence
from kb.answering.phrase import whole_phrase
from kb.answering.question import Question
from kb.answering.quoting import Chosen, joined, with_items
from kb.answering.span import complete, one_quantity
from kb.answering.text import Range, alike, fold

# Sentences in one answer.
MOST_SENTENCES = 3
# A further sentence is worth showing only when the choice was close; of a question in two parts,
# not so close. Right passages quoted of 256 such questions, new to the encoder: .883 at 1, .910 at
# 2; of 203 in one part .951 and .961, with more wrong ones beside them.
_CLOSE = 1.0
_CLOSE_OF_PARTS = 2.0
_PARTS = re.compile(r"[，、,]")
_REFERENCE = re.compile(r"\[(\d+)\]")
_BODY_END = re.compile(
    r"[部局委厅署院办会府]$|(?:部门|机关|机构|单位|组织|公司|企业|团体|[人者员])$"
)
# A date is no answer to how much, unless that is asked of time.
_DATE = re.compile(r"(?:\d{4}年)?(?:\d{1,2}月(?:份|底|末|初)?)?(?:\d{1,2}[日号])?")
_WHEN = re.compile(
    r"(?:(?:19|20)\d\d|[今去明前]|[〇零一二三四五六七八九]{4})年(?:初|底|末|中)?"
    r"(?:\d{1,2}月(?:份|底|末|初)?(?:\d{1,2}[日号])?|[一二三四]季度|[上下]半年)?"
    r"|\d{1,2}月(?:份|底|末|初)?(?:\d{1,2}[日号])?|\d{1,2}[日号]|[一二三四]季度|[上下]半年"
    r"|之日起?|当[日天年月]|(?:\d+|[一二三四五六七八九十]+)个?(?:工作日|日|天|月|年)"
)
_EVENT = re.compile(r"[前后时日期节季月年天周]")
_FIGURE = re.compile(r"[\d〇零一二两三四五六七八九十百千万亿半]")
_OF_TIME = re.compile(r"[几哪少][年月日天周号]|[久期限]|时[间候]")
# A span that makes up more than this part of its sentence says nothing the sentence does not.
_MOST_OF_SENTENCE = 0.8


def choose(evidence: Evidence, allowed: Sequence[Sentence]) -> list[Chosen]:
    """Return what to quote for a short answer; the sentence it stands in is always among it."""
    best = allowed[0]
    picked = [best]
    in_parts = _PARTS.search(evidence.question.text) is not None
    least = best.score - (_CLOSE_OF_PARTS if in_parts else _CLOSE)
    for sentence in allowed[1:]:
        if len(picked) == MOST_SENTENCES or sentence.score < least:
            break
        if sentence.signals.heading or sentence.signals.front == 1:
            continue
        if not any(alike(sentence.text, other.text) for other in picked):
            picked.append(sentence)
    chosen = [
        part
        for one in picked
        for part in with_items(evidence.passages[one.passage], Range(one.start, one.end))
    ]
    return _in_order(chosen)


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
    start, end = whole_phrase(question, passage_text, start, end)
    if question.kind == "date" and not _says_when(passage_text[start:end]):
        start, end = _nearest_date(passage_text, sentence, start)
    if question.kind in ("number", "date") and not question.wants_several:
        start, end = one_quantity(passage_text, start, end)
    span = passage_text[start:end]
    if not span or len(span) > _MOST_OF_SENTENCE * len(sentence.text):
        return None
    return span if _may_be(question, span) else None


def _may_be(question: Question, span: str) -> bool:
    """Tell whether a span is of the sort that is asked for."""
    if question.kind == "number":
        only_a_date = _DATE.fullmatch(span) and not _OF_TIME.search(question.text)
        return not only_a_date and _FIGURE.search(fold(span)) is not None
    return question.kind != "responsible" or _BODY_END.search(span) is not None


def _says_when(span: str) -> bool:
    return _WHEN.search(fold(span)) is not None or _EVENT.search(span) is not None


def _nearest_date(text: str, sentence: Sentence, at: int) -> tuple[int, int]:
    """Return the date of a sentence that stands nearest to a place; the place where it has none."""
    folded = fold(text)
    dates = list(_WHEN.finditer(folded, sentence.start, sentence.end))
    if not dates:
        return at, at
    nearest = min(dates, key=lambda one: abs(one.start() - at))
    return nearest.span()


def _in_order(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Order by document and place, the best document first, and join what touches."""
    documents = [one.passage.document_id for one in chosen]
    first = {document: at for at, document in reversed(list(enumerate(documents)))}

    def place(one: Chosen) -> tuple[int, int, int]:
        return first[one.passage.document_id], one.passage.ordinal, one.start

    return joined(sorted(chosen, key=place))


def marked(text: str, markers: Sequence[int]) -> str:
    """Return the text on one line, with its markers.

    The text's own reference marks get full-width brackets, so that none is taken for a marker.
    """
    return _REFERENCE.sub(r"［\1］", " ".join(text.split())) + "".join(
        f"[{marker}]" for marker in markers
    )
