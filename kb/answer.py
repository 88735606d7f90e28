"""Answer a question with the documents' own sentences, each cited, or refuse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
from kb.answering.question import Question, analyse
from kb.answering.quoting import Chosen
from kb.cite import Quotes
from kb.context import Context
from kb.records import ClauseRecord, PassageRecord
from kb.search import checked_query, ranked_passages, to_hit
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Answer, Filters, Hit

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


def ask(context: Context, question: str, *, filters: Filters = NO_FILTERS) -> Answer:
    """Answer with verified citations; refuse where the evidence is below `context.refuse_below`.

    A refusal has a reason and the nearest passages. Raises InvalidInput for an empty question.
    """
    text = checked_query(question, "question")
    asked = analyse(text)
    quotes = Quotes(context.store)
    for clauses in _clauses_asked_for(asked, context.store, filters):
        listed = _list_clauses(clauses, quotes)
        if listed is not None:
            return _answered(text, listed, quotes)
    fetched = FETCHED_FOR_DEFINITION if asked.kind == "definition" else FETCHED
    ranked = ranked_passages(context, text, fetched, "hybrid", filters)
    found = [(scored.score, passage) for scored, passage in ranked]
    if not found:
        return Answer(text, False, None, reason="没有找到与问题有关的段落。")
    evidence = weigh(asked, found, context.encoder)
    allowed = refuse.about_what_is_named(evidence, _YearOfDocument(context.store))
    if not allowed:
        return _refused(context.store, text, found, refuse.reason_for_names(evidence))
    if refuse.confidence(evidence, context.encoder.spec.model) < context.refuse_below:
        return _refused(context.store, text, found, refuse.reason(evidence))
    body = _by_clause(evidence, context.store, filters, quotes)
    if body is None:
        body = _by_sentences(evidence, allowed, context.store, quotes)
    if body is None:
        return _refused(context.store, text, found, "找到的句子无法在原文页面上核对。")
    return _answered(text, body, quotes)


class _YearOfDocument:
    """Looks up the year a document was issued."""

    def __init__(self, store: StoreReader) -> None:
        self._store = store

    def __call__(self, document_id: str) -> str | None:
        document = self._store.document(document_id)
        issued = document.issued_on if document is not None else None
        return str(issued.year) if issued is not None else None


def _answered(question: str, body: str, quotes: Quotes) -> Answer:
    return Answer(question, True, body, tuple(quotes.citations))


def _refused(store: StoreReader, question: str, found: Found, reason: str) -> Answer:
    nearest: list[Hit] = [
        to_hit(store, question, rank, score, passage)
        for rank, (score, passage) in enumerate(found[:NEAREST], start=1)
    ]
    return Answer(question, False, None, nearest=tuple(nearest), reason=reason)


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
