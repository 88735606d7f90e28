"""Look up what a query names outright, instead of ranking for it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.segment import bigrams
from index.simplify import simplified
from index.synonyms import Synonyms, fold
from ingest.numbering import number_key
from kb.finding.arrange import COMPARABLE
from kb.finding.phrases import plain
from kb.finding.query import Named
from kb.records import PassageRecord
from kb.store.protocol import StoreReader
from kb.types import DocumentInfo, Filters

# Passages that a lookup puts first.
MOST_LOOKED_UP = 20
# Documents that one name may mean.
MOST_DOCUMENTS = 5
# Characters of a title, its marks aside, that a query must have to mean it without 《》.
SHORTEST_TITLE = 3
# Pairs of signs beside a date up to which the day itself is what is asked for.
MOST_BESIDE_DATE = 8
_STATE = re.compile(r"^中华人民共和国")
_MARKS = re.compile(r"[\W_]+")
_EDITION = re.compile(
    r"[（(](?:试行|暂行|修订|修正|草案|征求意见稿|(?:19|20)\d\d年?.{0,6})[）)]\s*$"
)


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a query names: passages to show first, and the documents it is about.

    `documents` is empty where the query names none; `complete` tells that it asks for no more
    than the passages.
    """

    passages: tuple[PassageRecord, ...] = ()
    documents: tuple[str, ...] = ()
    complete: bool = False


NOTHING = LookedUp()


def look_up(named: Named, store: StoreReader, filters: Filters, synonyms: Synonyms) -> LookedUp:
    """Return what a query names, among the documents the filters leave."""
    if not named.outright:
        return NOTHING
    documents, known = _documents(named, store, filters, synonyms)
    says_more = named.says_more(known)
    if named.clauses and (documents or not says_more):
        passages = _of_clauses(named.clauses, documents, store, filters)
        if passages:
            return LookedUp(passages, _ids(documents), complete=not says_more)
    if documents and not says_more:
        first = (next(iter(store.passages(one.document_id)), None) for one in documents)
        return LookedUp(tuple(filter(None, first)), _ids(documents))
    return LookedUp((), _ids(documents))


def with_clauses(
    named: Named, ranked: Sequence[tuple[float, PassageRecord]]
) -> list[tuple[float, PassageRecord]]:
    """Put ranked passages of the named clauses first, those that score like the best.

    A number may be part of a name (第三条道路), so that one that fits worse stays where it is.
    """
    if not named.clauses or not ranked:
        return list(ranked)
    values, least = set(named.clauses), COMPARABLE * ranked[0][0]

    def elsewhere(hit: tuple[float, PassageRecord]) -> bool:
        number = hit[1].clause_number
        return number is None or hit[0] < least or number_key(number) not in values

    return sorted(ranked, key=elsewhere)


def with_dates(
    named: Named, ranked: Sequence[tuple[float, PassageRecord]]
) -> list[tuple[float, PassageRecord]]:
    """Put ranked passages that hold a named day first, where the query says little else."""
    if not named.dates or named.titles or len(bigrams(named.rest)) > MOST_BESIDE_DATE:
        return list(ranked)
    days = [f"{day.year}年{day.month}月{day.day}日" for day in named.dates]
    return sorted(ranked, key=lambda hit: not any(day in plain(hit[1].text) for day in days))


def _ids(documents: Sequence[DocumentInfo]) -> tuple[str, ...]:
    return tuple(document.document_id for document in documents)


def _documents(
    named: Named, store: StoreReader, filters: Filters, synonyms: Synonyms
) -> tuple[list[DocumentInfo], str]:
    """Return the documents a query means, and its words that mean them."""
    listed = store.documents(filters)
    if filters.document is not None:
        # The one that is open: its clauses are meant, whatever else is said.
        return (listed if named.clauses else []), ""
    found = [one for one in listed if _number(one.document_number) in map(_number, named.numbers)]
    for title in named.titles:
        found += _titled(title, listed)
    if found or named.numbers or named.titles:
        return list({one.document_id: one for one in found}.values())[:MOST_DOCUMENTS], ""
    if named.clauses:
        return _named_before(named.before, listed, synonyms)
    dated = [one for one in listed if one.issued_on in named.dates]
    return dated[:MOST_DOCUMENTS], ""


def _titled(title: str, documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Return the documents of that title, else those whose title holds it."""
    sought = plain_title(title)
    if not sought:
        return []
    exact = [one for one in documents if plain_title(one.title) == sought]
    return exact or [one for one in documents if sought in plain_title(one.title)]


def _named_before(
    before: str, documents: Sequence[DocumentInfo], synonyms: Synonyms
) -> tuple[list[DocumentInfo], str]:
    """Return the documents whose title ends what is said before a clause's number.

    网络安全法第二十一条 means 中华人民共和国网络安全法; so does 网安法第二十一条 where the two are
    known as names of one thing.
    """
    wordings = [(before, before)]
    for name in synonyms.in_query(fold(before)):
        wordings += [(fold(before).replace(name.name, other), before) for other in name.others]
    for wording, written in wordings:
        folded = plain_title(wording)
        found: dict[str, list[DocumentInfo]] = {}
        for document in documents:
            title = plain_title(document.title)
            if len(title) >= SHORTEST_TITLE and title in folded:
                found.setdefault(title, []).append(document)
        if found:
            return found[max(found, key=len)][:MOST_DOCUMENTS], written
        if len(folded) >= SHORTEST_TITLE:
            close = [one for one in documents if plain_title(one.title).endswith(folded)]
            if close:
                return close[:MOST_DOCUMENTS], written
    return [], ""


def plain_title(title: str) -> str:
    """Return a title as titles are compared: no marks, no 中华人民共和国, no edition."""
    text = _EDITION.sub("", simplified(unicodedata.normalize("NFKC", title)).strip())
    return _STATE.sub("", _MARKS.sub("", text).lower())


def _number(number: str | None) -> str:
    return _MARKS.sub("", unicodedata.normalize("NFKC", number or ""))


def _of_clauses(
    clauses: Sequence[str],
    documents: Sequence[DocumentInfo],
    store: StoreReader,
    filters: Filters,
) -> tuple[PassageRecord, ...]:
    """Return the passages of the clauses, of those documents or of all."""
    scopes = [replace(filters, document=one.document_id) for one in documents] or [filters]
    found: dict[int, PassageRecord] = {}
    for value in clauses:
        for scope in scopes:
            for passage in _passages_of(value, store, scope):
                found.setdefault(passage.key, passage)
                if len(found) == MOST_LOOKED_UP:
                    return tuple(found.values())
    return tuple(found.values())


def _passages_of(value: str, store: StoreReader, scope: Filters) -> Iterator[PassageRecord]:
    clauses = store.clauses(scope, number=value)[:MOST_LOOKED_UP]
    # An article is meant before an item of the same number.
    clauses.sort(key=lambda clause: "条" not in clause.number)
    for clause in clauses:
        for passage in store.passages(clause.document_id):
            if passage.start < clause.end and clause.start < passage.end:
                yield passage
