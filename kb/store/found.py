"""Find clauses: which match, how many, for whom, and what stands in those that are shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

import sqlalchemy as sa

from ingest.numbering import number_key
from kb.naming import names_of_body
from kb.records import ClausePage, ClauseQuery, ClauseRecord, FoundBody, Place
from kb.store import filters as where
from kb.store.base import CHUNK, Select, chunks
from kb.store.dialect import POSTGRESQL, at_places
from kb.store.relations import RelationReader
from kb.store.rows import to_clause
from kb.store.tables import clauses, deadlines, documents, obligations, responsibilities
from kb.types import NO_FILTERS, Deadline, Filters, ResponsibleBody, RoleFilter

#: How many places are looked up by one statement; the rest of them are nowhere.
_SIZES = (1, 10, 50, CHUNK)
_NOWHERE: Place = ("", -1)
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

    def titles_with_clause(self, number: str, filters: Filters = NO_FILTERS) -> dict[str, str]:
        """Return the titles of the documents with a clause of that number, in document order."""
        with self._engine.begin() as connection:
            matching = self._matching(connection, ClauseQuery(filters, number=number)).subquery()
            having = documents.c.document_id.in_(sa.select(matching.c.document_id))
            query = sa.select(documents.c.document_id, documents.c.title).where(having)
            query = query.order_by(documents.c.added_at, documents.c.document_id)
            return {row.document_id: row.title for row in connection.execute(query)}

    def bodies_found(self, query: ClauseQuery) -> Iterator[FoundBody]:
        """Yield the bodies that the clauses that match make responsible."""
        with self._engine.begin() as connection:
            chosen = self._matching(connection, query).subquery()
            here = sa.and_(
                responsibilities.c.document_id == chosen.c.document_id,
                responsibilities.c.clause_ordinal == chosen.c.ordinal,
            )
            # An outer join, so that the clauses chosen are read first and not every body there is.
            found = sa.select(
                chosen.c.document_id,
                chosen.c.ordinal,
                responsibilities.c.ministry,
                responsibilities.c.role,
            ).select_from(chosen.outerjoin(responsibilities, here))
            # All at once: row by row takes twice the time.
            for row in connection.execute(found).all():
                if row.ministry is not None:
                    yield (row.document_id, row.ordinal), row.ministry, row.role

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
        """Select the places of the clauses that match.

        The rarest thing asked for is read through its index, and all else is looked up from there:
        a join would leave the order to the database, which without statistics gets it wrong.
        """
        all_facts = _facts(query)
        if all_facts:
            facts, condition = all_facts[0]
            found = sa.select(facts.c.document_id, facts.c.clause_ordinal.label("ordinal"))
            found = found.where(condition).distinct()
        else:
            found = sa.select(clauses.c.document_id, clauses.c.ordinal)
            found = found.where(*_of_clause(query))
        at = found.subquery()
        matching = sa.select(at.c.document_id, at.c.ordinal)
        if query.filters.document is not None:
            matching = matching.where(at.c.document_id == query.filters.document)
        for facts, condition in all_facts[1:]:
            there = sa.and_(
                facts.c.document_id == at.c.document_id, facts.c.clause_ordinal == at.c.ordinal
            )
            matching = matching.where(sa.exists().where(there, condition))
        of_clause = _of_clause(query)
        if all_facts and of_clause:
            here = (clauses.c.document_id == at.c.document_id, clauses.c.ordinal == at.c.ordinal)
            matching = matching.where(sa.exists().where(*here, *of_clause))
        of_document = self._fulfilling(connection, query.filters)
        if query.filters.document is None:
            of_document.append(where.current())
        there = documents.c.document_id == at.c.document_id
        return matching.where(sa.exists().where(there, *of_document))


def _of_clause(query: ClauseQuery) -> list[where.Condition]:
    """Return what a row of `clauses` must fulfil."""
    found = [where.holds(words) for words in query.words]
    if query.number is not None:
        found.append(clauses.c.number_key == number_key(query.number))
    if query.filters.document is not None:
        found.append(clauses.c.document_id == query.filters.document)
    return found


def _facts(query: ClauseQuery) -> list[tuple[_Facts, where.Condition]]:
    """Return the facts a clause must have: a table, and what one of its rows must fulfil.

    The rarest comes first, as far as can be told beforehand.
    """
    found: list[tuple[_Facts, where.Condition]] = []
    for ministry, role in ((query.ministry, query.role), (query.filters.ministry, "any")):
        of_body = responsibilities.c.ministry.in_(names_of_body(ministry or ""))
        in_role = responsibilities.c.role == role
        wanted = [of_body] * (ministry is not None) + [in_role] * (role != "any")
        if wanted:
            found.append((responsibilities, sa.and_(*wanted)))
    if query.due_by is not None:
        found.append((deadlines, deadlines.c.due <= query.due_by))
    if query.obligation is not None:
        found.append((obligations, obligations.c.obligation == query.obligation))
    return found


def _ordered(
    connection: sa.Connection, matching: Select, limit: int | None, offset: int
) -> list[Place]:
    document_id, ordinal = matching.selected_columns
    added = sa.select(documents.c.added_at).where(documents.c.document_id == document_id)
    query = matching.order_by(added.scalar_subquery(), document_id, ordinal)
    rows = connection.execute(query.limit(limit).offset(offset))
    return [(row.document_id, row.ordinal) for row in rows]


def _count(connection: sa.Connection, matching: Select) -> int:
    query = sa.select(sa.func.count()).select_from(matching.subquery())
    return int(connection.execute(query).scalar_one())


def _clauses_at(connection: sa.Connection, places: Sequence[Place]) -> list[ClauseRecord]:
    """Return the clauses at places, in their order, with all that they say."""
    rows = _at(connection, clauses, clauses.c.ordinal, places)
    bodies = _at(connection, responsibilities, responsibilities.c.clause_ordinal, places)
    obliged = _at(connection, obligations, obligations.c.clause_ordinal, places)
    due = _at(connection, deadlines, deadlines.c.clause_ordinal, places)
    titles = _titles(connection, {document_id for document_id, _ in places})
    return [
        to_clause(
            rows[place][0],
            titles[place[0]],
            [_body(row) for row in bodies[place]],
            [row.obligation for row in obliged[place]],
            [Deadline(row.due, row.as_written) for row in due[place]],
        )
        for place in places
        if place in rows
    ]


def _body(row: sa.Row[Any]) -> ResponsibleBody:
    return ResponsibleBody(row.ministry, row.as_written, row.role, bool(row.implicit))


def _titles(connection: sa.Connection, document_ids: Collection[str]) -> dict[str, str]:
    query = sa.select(documents.c.document_id, documents.c.title)
    return {
        row.document_id: row.title
        for chunk in chunks(sorted(document_ids))
        for row in connection.execute(query.where(documents.c.document_id.in_(chunk)))
    }


def _at(
    connection: sa.Connection, table: sa.Table, ordinal: sa.Column[int], places: Sequence[Place]
) -> dict[Place, list[sa.Row[Any]]]:
    """Return the rows of a table for clauses, each clause's in the order they were written."""
    found: dict[Place, list[sa.Row[Any]]] = defaultdict(list)
    for row in _rows_at(connection, table, ordinal, places):
        found[row.document_id, getattr(row, ordinal.name)].append(row)
    if "position" in table.c:
        for rows in found.values():
            rows.sort(key=lambda row: int(row.position))
    return found


def _rows_at(
    connection: sa.Connection, table: sa.Table, ordinal: sa.Column[int], places: Sequence[Place]
) -> Iterator[sa.Row[Any]]:
    if connection.dialect.name == POSTGRESQL:
        lists = {
            "documents": [document_id for document_id, _ in places],
            "clauses": [clause for _, clause in places],
        }
        yield from connection.execute(at_places(table, ordinal), lists).all()
        return
    for chunk in chunks(places):
        size = next(size for size in _SIZES if size >= len(chunk))
        padded = [*chunk, *[_NOWHERE] * (size - len(chunk))]
        given: dict[str, str | int] = {
            f"d{at}": document_id for at, (document_id, _) in enumerate(padded)
        }
        given |= {f"c{at}": clause for at, (_, clause) in enumerate(padded)}
        query = _lookup(table, ordinal, size, connection.dialect)
        yield from connection.execute(query, given).all()


@lru_cache(maxsize=64)
def _lookup(
    table: sa.Table, ordinal: sa.Column[int], size: int, dialect: sa.Dialect
) -> sa.TextualSelect:
    """Return what reads a table's rows of `size` clauses.

    SQLAlchemy writes a list of values anew each time, which took longer than reading the rows
    (`benchmarks/finder.py`): what it writes is kept, for a few sizes.
    """
    names = (sa.column("at_document", sa.String), sa.column("at_clause", sa.Integer))
    places = [
        (sa.bindparam(f"d{at}", type_=sa.String), sa.bindparam(f"c{at}", type_=sa.Integer))
        for at in range(size)
    ]
    given = sa.values(*names, name="given").data(places).cte()
    here = sa.and_(table.c.document_id == given.c[0], ordinal == given.c[1])
    # An outer join, so that the places are looked up and the table is not read through.
    query = sa.select(table).select_from(given.outerjoin(table, here))
    query = query.where(table.c.document_id.is_not(None))
    named = cast("type[Any]", type(dialect))(paramstyle="named")
    return sa.text(str(query.compile(dialect=named))).columns(*table.c)
