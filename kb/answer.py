"""Answer a question with the documents' own sentences, each cited, or refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.answering import refuse
from kb.answering.clauses import (
    Responsible,
    clauses_by_number,
    clauses_of_bodies,
    responsible_clause,
)
from kb.answering.compose import choose, marked, short_answer
from kb.answering.evidence import Evidence, Sentence, weigh
from kb.answering.explain import explain
from kb.answering.follow import Before, completed
from kb.answering.question import Question, analyse
from kb.answering.quoting import Chosen
from kb.cite import Quotes
from kb.context import Context
from kb.llm.answering import Draft, OnSending, OnSentence, draft
from kb.llm.client import ChatModel
from kb.records import ClauseRecord, PassageRecord
from kb.search import LONGEST_QUERY, checked_query, ranked_passages, to_hit
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Answer, Filters, Hit, Written

# Passages fetched for a question, and how many of them a refusal shows.
FETCHED = 20
# A term stands in many passages, and few of them say what it means.
FETCHED_FOR_DEFINITION = 100
NEAREST = 5
# Passages looked at on either side of one whose items go on in its neighbours.
AROUND = 12
# Signs of items that the Markdown list has its own for.
BULLETS = "●•◆■➢➤√※· "

Found = Sequence[tuple[float, PassageRecord]]


def ask(
    context: Context,
    question: str,
    *,
    filters: Filters = NO_FILTERS,
    previous: Answer | None = None,
    model: Model | None = None,
) -> Answer:
    """Answer with verified citations; refuse where the evidence is below `context.refuse_below`.

    A refusal has a reason and the nearest passages. A question that follows another, answered by
    `previous`, is completed from it. With a `model` the answer is worded by it, from the passages
    that the evidence is in; where that fails the answer is extractive, and says why. Raises
    InvalidInput for an empty question.
    """
    text = checked_query(question, "question")
    whole = follow(text, previous)
    answer = _Asking(context, whole or text, filters, model).answer()
    return replace(answer, question=text, asked=whole)


@dataclass(frozen=True, slots=True)
class Model:
    """A language model that words answers, and who is told what it is sent and what it says."""

    chat: ChatModel
    on_sending: OnSending | None = None
    on_sentence: OnSentence | None = None


def follow(question: str, previous: Answer | None) -> str | None:
    """Return a question completed from the answer before it; None where it lacks nothing."""
    if previous is None:
        return None
    cited = previous.citations
    before = Before(
        previous.asked or previous.question,
        tuple(dict.fromkeys(one.title for one in cited)),
        tuple(one.quote for one in cited),
    )
    whole = completed(question, before)
    return None if whole is None or whole == question else whole[:LONGEST_QUERY]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question on its way to an answer."""

    context: Context
    text: str
    filters: Filters
    model: Model | None

    def answer(self) -> Answer:
        """Answer by clauses that are asked for, else by passages, else refuse."""
        asked, store = analyse(self.text), self.context.store
        for clauses in _clauses_asked_for(asked, store, self.filters):
            quotes = Quotes(store)
            listed = _list_clauses(clauses, quotes)
            if listed is not None:
                return self._answered(listed, quotes)
        fetched = FETCHED_FOR_DEFINITION if asked.kind == "definition" else FETCHED
        ranked = ranked_passages(self.context, self.text, fetched, "hybrid", self.filters)
        if not ranked:
            return Answer(self.text, False, None, reason="没有找到与问题有关的段落。")
        found = [(scored.score, passage) for scored, passage in ranked]
        cosines = [scored.dense for scored, _ in ranked]
        return self._by_evidence(weigh(asked, found, self.context.encoder, cosines), found)

    def _by_evidence(self, evidence: Evidence, found: Found) -> Answer:
        """Answer where the evidence is enough, with the model where there is one."""
        context = self.context
        allowed, missing = refuse.judged(
            evidence,
            _YearOfDocument(context.store),
            context.encoder.spec.model,
            context.refuse_below,
        )
        if missing is not None:
            return self._refused(found, missing)
        written: Written | None = None
        if self.model is not None:
            quotes = Quotes(context.store)
            drafted = self._drafted(self.model, evidence, allowed, quotes)
            written = drafted.written
            if drafted.body is not None:
                return self._answered(drafted.body, quotes, written)
            if drafted.insufficient:
                reason = "找到的段落与问题相关，但语言模型认为它们不足以回答。"
                return self._refused(found, reason, written)
        quotes = Quotes(context.store)
        body = _by_clause(evidence, context.store, self.filters, quotes)
        if body is None:
            body = _by_sentences(evidence, allowed, context.store, quotes)
        if body is None:
            return self._refused(found, "找到的句子无法在原文页面上核对。", written)
        return self._answered(body, quotes, written)

    def _drafted(
        self, model: Model, evidence: Evidence, allowed: Sequence[Sentence], quotes: Quotes
    ) -> Draft:
        """Let the model word an answer from the passages of the best sentences."""
        best = dict.fromkeys(sentence.passage for sentence in allowed)
        passages = [evidence.passages[number] for number in best]
        return draft(model.chat, self.text, passages, quotes, model.on_sending, model.on_sentence)

    def _answered(self, body: str, quotes: Quotes, written: Written | None = None) -> Answer:
        return Answer(self.text, True, body, tuple(quotes.citations), written=written)

    def _refused(self, found: Found, reason: str, written: Written | None = None) -> Answer:
        nearest: list[Hit] = [
            to_hit(self.context.store, self.text, rank, score, passage)
            for rank, (score, passage) in enumerate(found[:NEAREST], start=1)
        ]
        return Answer(
            self.text, False, None, nearest=tuple(nearest), reason=reason, written=written
        )


class _YearOfDocument:
    """Looks up the year a document was issued, each once."""

    def __init__(self, store: StoreReader) -> None:
        self._store = store
        self._known: dict[str, str | None] = {}

    def __call__(self, document_id: str) -> str | None:
        if document_id not in self._known:
            document = self._store.document(document_id)
            issued = document.issued_on if document is not None else None
            self._known[document_id] = str(issued.year) if issued is not None else None
        return self._known[document_id]


def _clauses_asked_for(
    asked: Question, store: StoreReader, filters: Filters
) -> Iterator[list[ClauseRecord]]:
    """Yield the clauses a question names by their number, then those that name its body."""
    yield clauses_by_number(asked, store, filters)
    if asked.kind in ("clauses", "duties", "list"):
        yield clauses_of_bodies(asked, store, filters)


def _list_clauses(clauses: Sequence[ClauseRecord], quotes: Quotes) -> str | None:
    """List clauses, each cited whole."""
    lines = []
    for clause in clauses:
        markers = quotes.cite_clause(clause)
        if markers:
            lines.append("- " + marked(clause.text, markers))
    return "\n".join(lines) or None


def _by_clause(
    evidence: Evidence, store: StoreReader, filters: Filters, quotes: Quotes
) -> str | None:
    """Answer who is responsible with the bodies a clause names, and quote the clause."""
    if evidence.question.kind != "responsible":
        return None
    found: Responsible | None = responsible_clause(evidence, store, filters)
    markers = quotes.cite_clause(found.clause) if found is not None else ()
    if found is None or not markers:
        return None
    return f"{marked(found.short, markers)}\n\n{marked(found.clause.text, markers)}"


def _by_sentences(
    evidence: Evidence, allowed: Sequence[Sentence], store: StoreReader, quotes: Quotes
) -> str | None:
    """Quote the sentences that answer, after the span that answers where one is asked for."""
    if not evidence.question.wants_span:

        def around(passage: PassageRecord) -> list[PassageRecord]:
            return store.neighbours(passage.document_id, passage.ordinal, AROUND, AROUND)

        return _written(_cited(explain(evidence, allowed, around), quotes))
    best = allowed[0]
    passage = evidence.passages[best.passage]
    cited = _cited(choose(evidence, allowed), quotes)
    span = short_answer(evidence.question, best, passage.text)
    holds = (
        markers
        for one, markers in cited
        if one.passage is passage and one.start <= best.start and best.end <= one.end
    )
    markers = next(holds, ())
    if span is None or not markers:
        return _written(cited)
    return f"{marked(span, markers)}\n\n{_written(cited)}"


def _cited(chosen: Sequence[Chosen], quotes: Quotes) -> list[tuple[Chosen, tuple[int, ...]]]:
    """Cite what was chosen; what is not on its page is left out."""
    cited = []
    for one in chosen:
        start = one.passage.start
        markers = quotes.cite(one.passage, start + one.start, start + one.end)
        if markers:
            cited.append((one, markers))
    return cited


def _written(cited: Sequence[tuple[Chosen, tuple[int, ...]]]) -> str | None:
    """Write each quote as a paragraph, items as a list."""
    parts: list[str] = []
    for at, (one, markers) in enumerate(cited):
        item = one.is_item and len(cited) > 1
        follows = item and at > 0 and cited[at - 1][0].is_item
        parts.append(("\n" if follows else "\n\n") if at else "")
        text = one.text.lstrip(BULLETS) if item else one.text
        parts.append(("- " if item else "") + marked(text, markers))
    return "".join(parts) or None
