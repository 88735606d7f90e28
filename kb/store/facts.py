"""What filters ask of passages, read for an index that applies filters itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from kb.store import filters as where
from kb.store.protocol import IndexedFacts
from kb.store.relations import issuers_of
from kb.store.tables import clauses, documents, files, passages, responsibilities


def facts_of(connection: sa.Connection, keys: Sequence[int]) -> list[IndexedFacts]:
    """Return the facts of current passages, by ascending key."""
    query = (
        sa.select(
            passages.c.key,
            passages.c.document_id,
            documents.c.document_type,
            documents.c.issued_on,
        )
        .join(documents)
        .where(passages.c.key.in_(keys), where.looked_up_current())
        .order_by(passages.c.key)
    )
    rows = connection.execute(query).all()
    ids = sorted({row.document_id for row in rows})
    issuers = issuers_of(connection, ids)
    collections = _collections(connection, ids)
    ministries = _ministries(connection, keys)
    return [
        IndexedFacts(
            row.key,
            row.document_id,
            row.document_type,
            row.issued_on,
            tuple(issuers.get(row.document_id, ())),
            tuple(ministries.get(row.key, ())),
            tuple(collections.get(row.document_id, ())),
        )
        for row in rows
    ]


def _collections(connection: sa.Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    query = sa.select(files.c.document_id, files.c.collection).distinct()
    query = query.where(files.c.document_id.in_(ids)).order_by(files.c.collection)
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.document_id].append(row.collection)
    return found


def _ministries(connection: sa.Connection, keys: Sequence[int]) -> dict[int, list[str]]:
    """Return whom the clause of each passage makes responsible."""
    query = (
        sa.select(passages.c.key, responsibilities.c.ministry)
        .join(
            clauses,
            sa.and_(
                clauses.c.document_id == passages.c.document_id,
                clauses.c.clause_id == passages.c.clause_id,
            ),
        )
        .join(
            responsibilities,
            sa.and_(
                responsibilities.c.document_id == clauses.c.document_id,
                responsibilities.c.clause_ordinal == clauses.c.ordinal,
            ),
        )
        .where(passages.c.key.in_(keys))
        .distinct()
        .order_by(passages.c.key, responsibilities.c.ministry)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.key].append(row.ministry)
    return found
