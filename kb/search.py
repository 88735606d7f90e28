"""Search: a query in, ranked passages out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from index.cross import READ, order_of
from kb.answering.text import fold, sentences
from kb.context import Context
from kb.errors import InvalidInput
from kb.finding.arrange import Found, arranged
from kb.finding.lookup import NOTHING, LookedUp, look_up, with_clauses, with_dates
from kb.finding.phrases import holding
from kb.finding.query import Named, read_query
from kb.finding.scopes import allowed_by, inside, is_nothing
from kb.finding.spelling import meant
from kb.finding.unknown import UNWORDED, are_indexed, are_shown, have_meaning, words_of
from kb.records import PassageRecord
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Filters, Hit, Mode, OtherPlace, SearchResult

if TYPE_CHECKING:
    from index import PassageIndex, Scored
    from index.cross import PairReader
    from index.types import Allowed

MOST_HITS = 1000
# Characters of a query that are looked at; whatever is longer is pasted text.
LONGEST_QUERY = 2000
# Passages ranked beyond twice as many as are shown: some are put together, some put back.
SPARE = 10
# The score of what a query names outright; a fused score is nearly always below.
LOOKED_UP = 1.0
NOWHERE = "没有段落一字不差地包含引号中的词语，以下是按其中词语找到的段落。"
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

    Documents and clauses that the query names outright come first; words in quotes must stand in
    a passage as they are; a short query of words nowhere found is searched as what it sounds
    like. Where no passage has a word of the query, a note says so; where the encoder knows none
    of them either, nothing is found. Passages of the same text become one hit, and those that
    read on are joined. Raises InvalidInput for a query without a visible character, for `k`
    outside 1 to 1,000 and for an unknown mode. A query longer than `LONGEST_QUERY` is cut.
    """
    query = checked_query(query, "query")
    if not 1 <= k <= MOST_HITS:
        raise InvalidInput(f"k is {k}: give a number from 1 to {MOST_HITS}", field="k")
    if mode not in _MODES:
        raise InvalidInput(f"mode is {mode!r}: give one of {', '.join(_MODES)}", field="mode")
    index = context.index
    if index is None:
        return SearchResult(query, ())
    allowed = allowed_by(index, context.store, filters)
    if is_nothing(allowed):
        return SearchResult(query, ())
    named = read_query(query)
    corrected = None if named.outright or named.phrases else meant(query, index)
    sought = Sought(corrected or query, k, mode, filters, allowed, named)
    notes = []
    if named.phrases:
        held = holding(named.phrases, index, context.store, allowed)
        held = inside(held, allowed, index, context.store, filters)
        if len(held):
            sought = replace(sought, allowed=held)
        else:
            notes.append(NOWHERE)
    looked_up = look_up(named, context.store, filters, index.lexical.synonyms)
    unknown = () if looked_up != NOTHING else _unknown_words(sought.query, index)
    if unknown and not have_meaning(unknown, context.encoder):
        return SearchResult(query, (), corrected)
    found = arranged(
        _ranked(context, index, sought, looked_up), k, one_document=filters.document is not None
    )
    hits = _hits(context.store, sought.query, found, looked_up)
    if hits and unknown and not are_shown(unknown, hits):
        notes = [UNWORDED]
    return SearchResult(query, tuple(hits), corrected, tuple(notes))


def _unknown_words(query: str, index: PassageIndex) -> tuple[str, ...]:
    """Return the words of a query where no passage has one of them, else none."""
    words = words_of(query)
    return () if are_indexed(words, query, index) else words


def _hits(store: StoreReader, query: str, found: Sequence[Found], looked_up: LookedUp) -> list[Hit]:
    exact = {passage.key for passage in looked_up.passages}
    hits, score = [], float("inf")
    for rank, one in enumerate(found, start=1):
        # What was moved up or back has the score of its place: scores never rise.
        score = min(score, one.score)
        hit = to_hit(store, query, rank, score, one.passage)
        hits.append(_shown(store, hit, one, exact=one.passage.key in exact))
    return hits


@dataclass(frozen=True, slots=True)
class Sought:
    """A query that was checked, and what may be found by it."""

    query: str
    k: int
    mode: Mode
    filters: Filters
    allowed: Allowed
    named: Named


def _ranked(
    context: Context, index: PassageIndex, sought: Sought, looked_up: LookedUp
) -> list[tuple[float, PassageRecord]]:
    """Return what was looked up, the best of the documents named, and the best of all."""
    store = context.store
    pool = 2 * sought.k + SPARE
    ranked = [
        (scored.score, passage)
        for scored, passage in ranked_among(
            context, index, sought.query, pool, sought.mode, sought.allowed, sought.filters
        )
    ]
    ranked = with_dates(sought.named, with_clauses(sought.named, ranked))
    first = [(LOOKED_UP, passage) for passage in looked_up.passages]
    if looked_up.documents and sought.filters.document is None and not looked_up.complete:
        keys = [
            store.keys_matching(replace(sought.filters, document=name), index.manifest.revision)
            for name in looked_up.documents
        ]
        within = np.unique(np.concatenate([one for one in keys if one is not None]))
        most = max(1, sought.k // 2)
        found = ranked_among(context, index, sought.query, most, sought.mode, within)
        first += [(scored.score, passage) for scored, passage in found]
    everything = [*first, *ranked]
    if looked_up.passages:
        everything = _of_one_version(store, index, everything)
    taken = {passage.key: (score, passage) for score, passage in reversed(everything)}
    order = dict.fromkeys(passage.key for _, passage in everything)
    return [taken[key] for key in order]


def _of_one_version(
    store: StoreReader, index: PassageIndex, found: Sequence[tuple[float, PassageRecord]]
) -> list[tuple[float, PassageRecord]]:
    """Return what was found without the versions before of documents that are there, too.

    What is looked up is as it is now, and what is ranked as the index has it.
    """
    replaced = store.replaced_since(index.manifest.revision)
    there = {passage.document_id for _, passage in found} if replaced else set()
    return [one for one in found if replaced.get(one[1].document_id) not in there]


def _shown(store: StoreReader, hit: Hit, found: Found, *, exact: bool) -> Hit:
    """Return a hit with what was joined to it and where else its text stands."""
    also_in = tuple(
        OtherPlace(one.passage_id, one.document_id, one.title, one.pages[0] if one.pages else 1)
        for one in found.also_in
    )
    hit = replace(hit, also_in=also_in, exact=exact)
    if len(found.parts) < 2:
        return hit
    text = store.document_text(hit.document_id)[found.parts[0].start : found.parts[-1].end]
    return replace(
        hit,
        text=text.strip(),
        pages=tuple(sorted({page for part in found.parts for page in part.pages})),
        boxes=tuple(box for part in found.parts for box in part.boxes),
        joined=tuple(part.passage_id for part in found.parts),
    )


def checked_query(query: str, field: str) -> str:
    """Return the query without white space around it, cut to what is looked at."""
    plain = query.strip()
    if not any(sign.isprintable() and not sign.isspace() for sign in plain):
        raise InvalidInput(f"the {field} is empty: type a question or some words", field=field)
    return plain[:LONGEST_QUERY]


def ranked_passages(
    context: Context, query: str, k: int, mode: Mode, filters: Filters
) -> list[tuple[Scored, PassageRecord]]:
    """Return at most `k` ranked passages that the filters leave."""
    index = context.index
    if index is None:
        return []
    allowed = allowed_by(index, context.store, filters)
    return ranked_among(context, index, query, k, mode, allowed, filters)


def ranked_among(
    context: Context,
    index: PassageIndex,
    query: str,
    k: int,
    mode: Mode,
    allowed: Allowed,
    filters: Filters = NO_FILTERS,
) -> list[tuple[Scored, PassageRecord]]:
    """Return at most `k` ranked passages that the store still has, only what is `allowed`.

    The index may be a generation behind the store, so keys the store has dropped are left out and
    more are asked for in their place. What was replaced since is there: what replaced it is not in
    the index. Where the index applied the `filters` itself, the store has the last word on them.
    """
    if is_nothing(allowed):
        return []
    revision = index.manifest.revision
    reader = context.pair_reader if mode == "hybrid" else None
    wanted = k if reader is None else max(k, READ)
    while True:
        ranked = index.search(query, wanted, mode, allowed)
        keys = np.array([scored.key for scored in ranked], np.int64)
        keys = inside(keys, allowed, index, context.store, filters)
        passages = context.store.passages_by_key(keys.tolist(), revision)
        found = [(scored, passages[scored.key]) for scored in ranked if scored.key in passages]
        if len(found) >= k or len(ranked) < wanted:
            return (found if reader is None else _read_again(query, found, reader))[:k]
        wanted *= 2


def _read_again(
    query: str, found: Sequence[tuple[Scored, PassageRecord]], reader: PairReader
) -> list[tuple[Scored, PassageRecord]]:
    """Put what was found in a cross-encoder's order; scores stay with their places."""
    texts = [f"{passage.title}\n{passage.text}" for _, passage in found]
    order = order_of(reader, query, texts)
    return [
        (replace(found[at][0], score=found[place][0].score), found[at][1])
        for place, at in enumerate(order)
    ]


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
