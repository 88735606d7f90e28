"""Find clauses by all that is known of them: whose, in what role, what they ask, their words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from ingest.ministries import resolve
from kb.answering.words import STOP_WORDS, cut
from kb.errors import InvalidInput, NotFound
from kb.naming import match_ministry
from kb.parsing import clause_info
from kb.records import ClauseQuery, Place
from kb.store.protocol import StoreReader
from kb.types import ClauseInfo, ClauseList, MinistryCount, TimelineEntry

# Words of a query that are looked for; whatever is longer is pasted text.
MOST_WORDS = 50
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」')


def words_of(query: str) -> tuple[str, ...]:
    """Return what a clause's text must have for a query: its words, and what it quotes whole.

    Words are those of the segmenter, so that 数据出境 评估 asks for three words and “数据出境” for
    one run of text. Single signs that only join words (的, 和) are left out where there is more.
    Raises InvalidInput where nothing is asked for.
    """
    quoted = [phrase for found in _QUOTED.findall(query) for phrase in found if phrase.strip()]
    words = [word.text for word in cut(_QUOTED.sub(" ", query)) if word.text.strip()]
    telling = [word for word in words if any(map(str.isalnum, word))]
    kept = [word for word in telling if len(word) > 1 or word not in STOP_WORDS]
    found = dict.fromkeys([phrase.strip() for phrase in quoted] + kept)
    wanted = tuple(found) or tuple(dict.fromkeys(telling))
    if not wanted:
        raise InvalidInput("the text to find is empty: type some words", field="text")
    return wanted[:MOST_WORDS]


def find(
    store: StoreReader, query: ClauseQuery, *, limit: int | None = None, offset: int = 0
) -> ClauseList:
    """Return the clauses that match, `limit` of them from `offset` on, and what all are.

    Raises InvalidInput for a limit or an offset that makes no sense.
    """
    if limit is not None and limit < 0:
        raise InvalidInput(f"limit is {limit}: give 0 or more", field="limit")
    if offset < 0:
        raise InvalidInput(f"offset is {offset}: give 0 or more", field="offset")
    page = store.find_clauses(query, limit=limit, offset=offset)
    match = None if query.ministry is None else match_ministry(query.ministry, page.clauses)
    found = tuple(map(clause_info, page.clauses))
    return ClauseList(match, found, page.total, counts(store, query))


def counts(store: StoreReader, query: ClauseQuery) -> tuple[MinistryCount, ...]:
    """Return in how many matching clauses each body has which role, most named first.

    Bodies count under their present names; a clause that names one twice counts once.
    """
    present: dict[str, str] = {}
    named: dict[str, dict[str, set[Place]]] = {}
    for place, name, role in store.bodies_found(query):
        if name not in present:
            present[name] = resolve(name).name
            named.setdefault(present[name], defaultdict(set))
        named[present[name]][role].add(place)
    found = (
        MinistryCount(
            name,
            len(places["lead"]),
            len(places["participant"]),
            len(places["joint"]),
            len(set().union(*places.values())),
        )
        for name, places in named.items()
    )
    return tuple(sorted(found, key=lambda count: (-count.total, count.name)))


def clause(store: StoreReader, clause_id: str, document_id: str | None = None) -> ClauseInfo:
    """Return the clause of an id, of the newest current document that has it; NotFound.

    `document_id` names another document or version; `also_in` lists all the others.
    """
    records = store.clauses_by_id(clause_id)
    chosen = [one for one in records if document_id in {None, one.document_id}]
    if not chosen:
        where = "" if document_id is None else f" in document {document_id}"
        message = f"there is no clause {clause_id!r}{where}: `policykb clauses` shows the ids"
        raise NotFound(message)
    others = dict.fromkeys(one.document_id for one in records)
    others.pop(chosen[0].document_id)
    return replace(clause_info(chosen[0]), also_in=tuple(others))


def timeline(clauses: Iterable[ClauseInfo], due_by: date | None = None) -> list[TimelineEntry]:
    """Return the deadlines of clauses up to a day, earliest first, each with who sets it."""
    entries = [
        TimelineEntry(
            due=deadline.due,
            as_written=deadline.as_written,
            clause_id=one.clause_id,
            number=one.number,
            document_id=one.document_id,
            title=one.title,
            page=one.page,
        )
        for one in clauses
        for deadline in one.deadlines
        if due_by is None or deadline.due <= due_by
    ]
    return sorted(entries, key=lambda entry: entry.due)
