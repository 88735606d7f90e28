"""Clauses: found by ministry, role, number, words and what they ask; one by its id."""

from __future__ import annotations

from datetime import date

from kb import library
from kb.facade.base import Opened
from kb.records import ClauseQuery
from kb.seams import errors_mapped
from kb.types import NO_FILTERS, ClauseInfo, ClauseList, Filters, Obligation, RoleFilter


class Clauses(Opened):
    """The numbered provisions of a knowledge base."""

    @errors_mapped()
    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        text: str | None = None,
        obligation: Obligation | None = None,
        due_before: date | None = None,
        filters: Filters = NO_FILTERS,
        limit: int | None = None,
        offset: int = 0,
    ) -> ClauseList:
        """Return the clauses that all of this holds for, in document order.

        `ministry` under any of its names; `text` all of whose words, and whole what it quotes,
        stand in the clause; `due_before` on or after one of its deadlines. `limit` and `offset`
        choose some; `total` and `counts` are of all. InvalidInput, NotFound for a document filter.
        """
        from kb import finder

        library.check_filters(self._home.store, filters)
        words = () if text is None else finder.words_of(text)
        query = ClauseQuery(filters, ministry, role, number, words, obligation, due_before)
        return finder.find(self._home.store, query, limit=limit, offset=offset)

    @errors_mapped()
    def clause(self, clause_id: str, document: str | None = None) -> ClauseInfo:
        """Return one clause by its id, which is the same whenever the same text is read; NotFound.

        Where several documents or versions have it, that of the newest current one, or of
        `document`; `also_in` names the others.
        """
        from kb import finder

        return finder.clause(self._home.store, clause_id, document)
