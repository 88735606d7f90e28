"""Clauses: found by ministry, role, number, document."""

from __future__ import annotations

from kb import library
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import NO_FILTERS, ClauseList, Filters, RoleFilter


class Clauses(Opened):
    """The numbered provisions of a knowledge base."""

    @errors_mapped()
    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        filters: Filters = NO_FILTERS,
    ) -> ClauseList:
        """Return clauses by ministry (under any of its names), role, number or document."""
        from kb.naming import match_ministry
        from kb.parsing import clause_info

        library.check_filters(self._home.store, filters)
        found = self._home.store.clauses(filters, ministry, role, number)
        match = None if ministry is None else match_ministry(ministry, found)
        return ClauseList(match, tuple(map(clause_info, found)))
