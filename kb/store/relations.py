"""Read what documents say of one another, and find the documents they mean.

Which document is meant is worked out when it is asked: documents come and go, and each may be what
another has named all along. What that says of repeal is kept until the store changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from kb.lineage import Party, Repeal, meant
from kb.records import ReferenceRecord
from kb.store import filters as where
from kb.store.base import Connected, Select, chunks, revision_of
from kb.store.rows import to_reference
from kb.store.tables import clauses, documents, issuers, relations, titles
from kb.titles import number_key, title_key
from kb.types import Filters, Relation

Repeals = Mapping[str, tuple[Repeal, ...]]


@dataclass(frozen=True, slots=True)
class _Said:
    """A reference, the document that makes it, and the number of the clause it stands in."""

    source: str
    reference: ReferenceRecord
    clause: str | None


class RelationReader(Connected):
    """Answers what documents are to one another."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._repeals_at: tuple[int, Repeals] = (-1, MappingProxyType({}))

    def relations(self, document_id: str) -> tuple[Relation, ...]:
        """Return what a document says of others, then what current ones say of it, in order."""
        return self._relations(document_id)

    def _relations(
        self, document_id: str, among: Collection[str] | None = None
    ) -> tuple[Relation, ...]:
        """Return the relations of a document, to those `among` some ids where they are given."""
        with self._engine.begin() as connection:
            own = _said(connection, relations.c.document_id == document_id)
            out = _meant(connection, own, among)
            said = _said(connection, _may_mean(connection, document_id))
            others = [one for one in said if among is None or one.source in among]
            found = _meant(connection, others, among)
            parties = _parties(connection, [each.source for each in others])
        told = [_outgoing(said, out[at]) for at, said in enumerate(own)]
        return (*told, *_incoming(document_id, others, found, parties))

    def _repeals(self, connection: sa.Connection) -> Repeals:
        """Return which documents others repeal, each with by whom and from when."""
        revision = revision_of(connection)
        kept, repeals = self._repeals_at
        if kept != revision:
            repeals = MappingProxyType(_read_repeals(connection))
            self._repeals_at = (revision, repeals)
        return repeals

    def _fulfilling(self, connection: sa.Connection, filters: Filters) -> list[where.Condition]:
        """Return what a row of `documents` must fulfil, the ministry aside."""
        day = where.day_of(filters)
        repeals = {} if day is None else self._repeals(connection)
        gone = [of for of, by in repeals.items() if day and any(each.holds(day) for each in by)]
        return list(where.document_conditions(filters, gone))


def _read_repeals(connection: sa.Connection) -> dict[str, tuple[Repeal, ...]]:
    said = _said(connection, sa.and_(relations.c.kind == "repeals", where.current()))
    parties = _parties(connection, [each.source for each in said])
    found: dict[str, dict[str, Repeal]] = defaultdict(dict)
    for one, targets in zip(said, _meant(connection, said), strict=True):
        for target in targets:
            found[target.document_id][one.source] = Repeal(one.source, parties[one.source].since)
    return {
        of: tuple(sorted(by.values(), key=lambda each: (each.on is None, each.on, each.by)))
        for of, by in found.items()
    }


def _said(connection: sa.Connection, condition: where.Condition) -> list[_Said]:
    at = sa.and_(
        clauses.c.document_id == relations.c.document_id,
        clauses.c.ordinal == relations.c.clause_ordinal,
    )
    query = (
        sa.select(relations, clauses.c.number.label("clause"))
        .join(documents, documents.c.document_id == relations.c.document_id)
        .outerjoin(clauses, at)
        .where(condition)
        .order_by(documents.c.added_at, relations.c.document_id, relations.c.position)
    )
    rows = connection.execute(query)
    return [_Said(row.document_id, to_reference(row), row.clause) for row in rows]


def _may_mean(connection: sa.Connection, document_id: str) -> where.Condition:
    """Match what current documents say that may be of one: under its number, or its titles."""
    query = sa.select(documents.c.number_key).where(documents.c.document_id == document_id)
    number = connection.execute(query).scalar_one_or_none()
    keys = sa.select(titles.c.key).where(titles.c.document_id == document_id)
    named: where.Condition = relations.c.title_key.in_(keys)
    if number is not None:
        named = sa.or_(named, relations.c.number_key == number)
    return sa.and_(named, where.current(), relations.c.document_id != document_id)


def _meant(
    connection: sa.Connection, said: Sequence[_Said], among: Collection[str] | None = None
) -> list[tuple[Party, ...]]:
    """Return the documents that each reference means, the newest first, `among` some or all."""
    numbers = {number_key(one.reference.number) for one in said if one.reference.number}
    keys = {title_key(one.reference.title) for one in said if one.reference.title}
    by_number, by_title = _ids_by_number(connection, numbers), _ids_by_title(connection, keys)
    found = [
        {
            *by_number.get(number_key(one.reference.number or ""), ()),
            *by_title.get(title_key(one.reference.title or ""), ()),
        }
        for one in said
    ]
    if among is not None:
        found = [candidates.intersection(among) for candidates in found]
    ids = {one.source for one in said}.union(*found)
    parties = _parties(connection, ids)
    return [
        meant(one.reference, parties[one.source], (parties[each] for each in sorted(candidates)))
        for one, candidates in zip(said, found, strict=True)
    ]


def _ids_by_number(connection: sa.Connection, numbers: Iterable[str]) -> dict[str, list[str]]:
    query = sa.select(documents.c.number_key, documents.c.document_id).where(where.current())
    return _grouped(connection, query, documents.c.number_key, numbers)


def _ids_by_title(connection: sa.Connection, keys: Iterable[str]) -> dict[str, list[str]]:
    query = sa.select(titles.c.key, titles.c.document_id).join(documents).where(where.current())
    return _grouped(connection, query, titles.c.key, keys)


def _grouped(
    connection: sa.Connection, query: Select, column: sa.Column[Any], values: Iterable[str]
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks(sorted(values)):
        for row in connection.execute(query.where(column.in_(chunk))):
            found[row[0]].append(row.document_id)
    return found


def _parties(connection: sa.Connection, document_ids: Iterable[str]) -> dict[str, Party]:
    ids = sorted(set(document_ids))
    names = issuers_of(connection, ids)
    found: dict[str, Party] = {}
    for chunk in chunks(ids):
        query = sa.select(documents).where(documents.c.document_id.in_(chunk))
        for row in connection.execute(query):
            found[row.document_id] = Party(
                row.document_id,
                row.title,
                row.document_number,
                tuple(names.get(row.document_id, ())),
                row.issued_on,
                row.effective_on,
            )
    return found


def issuers_of(connection: sa.Connection, document_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the names of those who issued each document, in order."""
    names: dict[str, list[str]] = defaultdict(list)
    for chunk in chunks(document_ids):
        query = (
            sa.select(issuers)
            .where(issuers.c.document_id.in_(chunk))
            .order_by(issuers.c.document_id, issuers.c.position)
        )
        for row in connection.execute(query):
            names[row.document_id].append(row.name)
    return names


def _outgoing(said: _Said, targets: Sequence[Party]) -> Relation:
    target = targets[0] if targets else None
    reference = said.reference
    return Relation(
        kind=reference.kind,
        direction="out",
        title=target.title if target else reference.title,
        number=(target.number if target else None) or reference.number,
        document_id=target.document_id if target else None,
        as_written=reference.as_written,
        page=reference.page,
        clause=said.clause,
        start=reference.start,
        end=reference.end,
    )


def _incoming(
    document_id: str,
    others: Sequence[_Said],
    found: Sequence[Sequence[Party]],
    parties: Mapping[str, Party],
) -> Iterator[Relation]:
    for said, targets in zip(others, found, strict=True):
        if any(target.document_id == document_id for target in targets):
            source, reference = parties[said.source], said.reference
            yield Relation(
                kind=reference.kind,
                direction="in",
                title=source.title,
                number=source.number,
                document_id=source.document_id,
                as_written=reference.as_written,
                page=reference.page,
                clause=said.clause,
                start=reference.start,
                end=reference.end,
            )
