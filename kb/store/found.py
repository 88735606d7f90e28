"""Find clauses: which match, how many, for whom, and what stands in those that are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa

from ingest.numbering import number_key
from kb.naming import names_of_body
from kb.records import ClausePage, ClauseQuery, ClauseRecord, NamedCount
from kb.store import filters as where
from kb.store.base import Select, chunks
from kb.store.relations import RelationReader
from kb.store.rows import to_clause
from kb.store.tables import clauses, deadlines, documents, obligations, responsibilities
from kb.types import NO_FILTERS, Deadline, Filters, ResponsibleBody, RoleFilter

Place: TypeAlias = tuple[str, int]
_T = TypeVar("_T")
#: Tables of what clauses say: each row has its clause's document and ordinal.
_Facts: TypeAlias = sa.Table


class ClauseReader(RelationReader):
    """Answers which clauses there are."""

    def clauses(
        self,
        filters: Filters = NO_FILTERS,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
    ) -> list[ClauseRecord]:
        """Return the clauses of current documents that match, in document order."""
        query = ClauseQuery(filters, ministry, role, number)
        return list(self.find_clauses(query).clauses)

    def find_clauses(
        self, query: ClauseQuery, *, limit: int | None = None, offset: int = 0
    ) -> ClausePage:
        """Return the clauses that match, in document order from `offset` on, and their number."""
        with self._engine.begin() as connection:
            matching = self._matching(connection, query)
            places = _ordered(connection, matching, limit, offset)
            total = offset + len(places)
            if limit is not None and (len(places) == limit or not places):
                total = _count(connection, matching)
            return ClausePage(tuple(_clauses_at(connection, places)), total)

    def count_bodies(self, query: ClauseQuery) -> list[NamedCount]:
        """Return in how many matching clauses each body has which role, by the name stored."""
        with self._engine.begin() as connection:
            matching = self._matching(connection, query)
            found = _by_body(matching, responsibilities.c.ministry)
            return [_counted(row) for row in connection.execute(found)]

    def count_together(self, query: ClauseQuery, names: Sequence[str]) -> NamedCount:
        """Return the same of one body under several names, a clause counted once."""
        with self._engine.begin() as connection:
            matching = self._matching(connection, query)
            found = _by_body(matching, sa.literal(names[0]), names)
            return _counted(connection.execute(found).one())

    def clauses_of(self, document_id: str) -> list[ClauseRecord]:
        """Return a document's clauses in order, whether it is current or was replaced."""
        return self.clauses(Filters(document=document_id))

    def clauses_by_id(self, clause_id: str) -> list[ClauseRecord]:
        """Return the clauses of an id: those of current documents first, the newest first."""
        query = (
            sa.select(clauses.c.document_id, clauses.c.ordinal)
            .join(documents)
            .where(clauses.c.clause_id == clause_id)
            .order_by(
                documents.c.superseded_by.is_not(None),
                documents.c.added_at.desc(),
                documents.c.document_id,
                clauses.c.ordinal,
            )
        )
        with self._engine.begin() as connection:
            places = [(row.document_id, row.ordinal) for row in connection.execute(query)]
            return _clauses_at(connection, places)

    def _matching(self, connection: sa.Connection, query: ClauseQuery) -> Select:
        """Select the places of the clauses that match."""
        filters = query.filters
        found = sa.select(clauses.c.document_id, clauses.c.ordinal).join(documents)
        found = found.where(*self._fulfilling(connection, filters))
        if filters.document is None:
            found = found.where(where.current())
        if query.number is not None:
            found = found.where(clauses.c.number_key == number_key(query.number))
        found = found.where(*(where.holds(text) for text in query.words))
        for facts, condition in _facts(query):
            found = found.join(*_once(facts, condition))
        return found


def _facts(query: ClauseQuery) -> Iterator[tuple[_Facts, where.Condition]]:
    """Yield the facts a clause must have: a table, and what one of its rows must fulfil."""
    for ministry, role in ((query.ministry, query.role), (query.filters.ministry, "any")):
        of_body = responsibilities.c.ministry.in_(names_of_body(ministry or ""))
        in_role = responsibilities.c.role == role
        wanted = [of_body] * (ministry is not None) + [in_role] * (role != "any")
        if wanted:
            yield responsibilities, sa.and_(*wanted)
    if query.obligation is not None:
        yield obligations, obligations.c.obligation == query.obligation
    if query.due_by is not None:
        yield deadlines, deadlines.c.due <= query.due_by


def _once(facts: _Facts, condition: where.Condition) -> tuple[sa.Subquery, where.Condition]:
    """Join the clauses that have a fact, each once; worked out from the few rows that match."""
    places = sa.select(facts.c.document_id, facts.c.clause_ordinal).where(condition).distinct()
    chosen = places.subquery()
    return chosen, sa.and_(
        chosen.c.document_id == clauses.c.document_id,
        chosen.c.clause_ordinal == clauses.c.ordinal,
    )


def _ordered(
    connection: sa.Connection, matching: Select, limit: int | None, offset: int
) -> list[Place]:
    query = matching.order_by(documents.c.added_at, clauses.c.document_id, clauses.c.ordinal)
    rows = connection.execute(query.limit(limit).offset(offset))
    return [(row.document_id, row.ordinal) for row in rows]


def _count(connection: sa.Connection, matching: Select) -> int:
    query = sa.select(sa.func.count()).select_from(matching.subquery())
    return int(connection.execute(query).scalar_one())


def _by_body(
    matching: Select, name: sa.ColumnElement[str], names: Sequence[str] | None = None
) -> Select:
    """Select each body's name, and in how many clauses it has which role and is named."""
    chosen = matching.subquery()
    of_clause = sa.and_(
        responsibilities.c.document_id == chosen.c.document_id,
        responsibilities.c.clause_ordinal == chosen.c.ordinal,
    )
    roles = [
        sa.func.max(sa.case((responsibilities.c.role == role, 1), else_=0)).label(role)
        for role in ("lead", "participant", "joint")
    ]
    each = sa.select(name.label("name"), *roles).select_from(chosen)
    each = each.join(responsibilities, of_clause)
    if names is not None:
        each = each.where(responsibilities.c.ministry.in_(names))
    each = each.group_by(responsibilities.c.document_id, responsibilities.c.clause_ordinal)
    clause = each.group_by(name).subquery() if names is None else each.subquery()
    sums = [sa.func.sum(clause.c[role.name]).label(role.name) for role in roles]
    total = sa.func.count().label("total")
    return sa.select(clause.c.name, *sums, total).group_by(clause.c.name)


def _counted(row: sa.Row[Any]) -> NamedCount:
    return NamedCount(row.name, row.lead, row.participant, row.joint, row.total)


def _clauses_at(connection: sa.Connection, places: Sequence[Place]) -> list[ClauseRecord]:
    """Return the clauses at places, in their order, with all that they say."""
    at = sa.tuple_(clauses.c.document_id, clauses.c.ordinal)
    query = sa.select(clauses, documents.c.title).join(documents)
    rows = {
        (row.document_id, row.ordinal): row
        for chunk in chunks(places)
        for row in connection.execute(query.where(at.in_(chunk)))
    }
    bodies = _said(connection, responsibilities, places, _body)
    obliged = _said(connection, obligations, places, lambda row: row.obligation)
    due = _said(connection, deadlines, places, lambda row: Deadline(row.due, row.as_written))
    return [
        to_clause(rows[place], bodies[place], obliged[place], due[place])
        for place in places
        if place in rows
    ]


def _body(row: sa.Row[Any]) -> ResponsibleBody:
    return ResponsibleBody(row.ministry, row.as_written, row.role, bool(row.implicit))


def _said(
    connection: sa.Connection,
    facts: _Facts,
    places: Sequence[Place],
    read: Callable[[sa.Row[Any]], _T],
) -> dict[Place, list[_T]]:
    at = sa.tuple_(facts.c.document_id, facts.c.clause_ordinal)
    found: dict[Place, list[_T]] = defaultdict(list)
    for chunk in chunks(places):
        query = sa.select(facts).where(at.in_(chunk)).order_by(facts.c.position)
        for row in connection.execute(query):
            found[row.document_id, row.clause_ordinal].append(read(row))
    return found
