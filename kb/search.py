"""Search: a query in, ranked passages out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.answering.text import fold, sentences
from kb.context import Context
from kb.errors import InvalidInput
from kb.records import PassageRecord
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Filters, Hit, Mode, SearchResult

if TYPE_CHECKING:
    from index import Scored
    from kb.store.protocol import Keys

MOST_HITS = 1000
# Characters of a query that are looked at; whatever is longer is pasted text.
LONGEST_QUERY = 2000
_MODES = ("hybrid", "lexical", "dense")


def search(
    context: Context,
    query: str,
    *,
    k: int = 10,
    mode: Mode = "hybrid",
    filters: Filters = NO_FILTERS,
) -> SearchResult:
    """Return at most `k` passages of current documents, best first.

    Raises InvalidInput for a query without a visible character, for `k` outside 1 to 1,000 and
    for an unknown mode. A query longer than `LONGEST_QUERY` is cut.
    """
    query = checked_query(query, "query")
    if not 1 <= k <= MOST_HITS:
        raise InvalidInput(f"k is {k}: give a number from 1 to {MOST_HITS}", field="k")
    if mode not in _MODES:
        raise InvalidInput(f"mode is {mode!r}: give one of {', '.join(_MODES)}", field="mode")
    found = ranked_passages(context, query, k, mode, filters)
    hits = [
        to_hit(context.store, query, rank, scored.score, passage)
        for rank, (scored, passage) in enumerate(found, start=1)
    ]
    return SearchResult(query, tuple(hits))


def checked_query(query: str, field: str) -> str:
    """Return the query without white space around it, cut to what is looked at."""
    plain = query.strip()
    if not any(sign.isprintable() and not sign.isspace() for sign in plain):
        raise InvalidInput(f"the {field} is empty: type a question or some words", field=field)
    return plain[:LONGEST_QUERY]


def ranked_passages(
    context: Context, query: str, k: int, mode: Mode, filters: Filters
) -> list[tuple[Scored, PassageRecord]]:
    """Return at most `k` ranked passages that the store still has.

    The index may be a generation behind the store, so keys the store has dropped are left out and
    more are asked for in their place.
    """
    index = context.index
    if index is None:
        return []
    allowed: Keys | None = context.store.keys_matching(filters)
    if allowed is not None and len(allowed) == 0:
        return []
    wanted = k
    while True:
        ranked = index.search(query, wanted, mode, allowed)
        passages = context.store.passages_by_key([scored.key for scored in ranked])
        found = [(scored, passages[scored.key]) for scored in ranked if scored.key in passages]
        if len(found) >= k or len(ranked) < wanted:
            return found[:k]
        wanted *= 2


def to_hit(store: StoreReader, query: str, rank: int, score: float, passage: PassageRecord) -> Hit:
    """Return a ranked passage as it is shown."""
    return Hit(
        rank=rank,
        score=score,
        passage_id=passage.passage_id,
        document_id=passage.document_id,
        title=passage.title,
        page=_page_of_best_sentence(store, query, passage),
        pages=passage.pages,
        heading_path=passage.heading_path,
        clause=passage.clause_number,
        text=passage.text,
        boxes=passage.boxes,
    )


def _page_of_best_sentence(store: StoreReader, query: str, passage: PassageRecord) -> int:
    """Return the page on which the sentence that shares most with the query begins."""
    if len(passage.pages) < 2:
        return passage.pages[0] if passage.pages else 1
    asked = _pairs(query)
    best = max(
        sentences(passage.text),
        key=lambda span: len(asked & _pairs(passage.text[span.start : span.end])),
        default=None,
    )
    if best is None:
        return passage.pages[0]
    start = passage.start + best.start
    boxes = store.boxes(passage.document_id, start, start + 1)
    return boxes[0].page if boxes else passage.pages[0]


def _pairs(text: str) -> set[str]:
    folded = fold(text)
    return {folded[at : at + 2] for at in range(len(folded) - 1)}
