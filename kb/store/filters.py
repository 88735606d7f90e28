"""Turn filters into SQL conditions."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from kb.naming import names_of_body
from kb.store.protocol import RoleFilter
from kb.store.tables import clauses, documents, issuers, passages, responsibilities
from kb.types import Filters

Condition = ColumnElement[bool]


def current() -> Condition:
    """Match documents that no newer version has replaced."""
    return documents.c.superseded_by.is_(None)


def document_conditions(filters: Filters) -> Iterator[Condition]:
    """Yield what a row of `documents` must fulfil, the ministry aside.

    A document that does not say when it was issued, or whether it is in force, fulfils no
    condition on that.
    """
    if filters.document is not None:
        yield documents.c.document_id == filters.document
    if filters.type is not None:
        yield documents.c.document_type == filters.type.strip()
    if filters.since is not None:
        yield documents.c.issued_on >= filters.since
    if filters.until is not None:
        yield documents.c.issued_on <= filters.until
    if filters.in_force:
        yield documents.c.validity == "in-force"
    if filters.issuer is not None:
        yield sa.exists().where(
            issuers.c.document_id == documents.c.document_id,
            issuers.c.name.in_(names_of_body(filters.issuer)),
        )


def makes_responsible(name: str | None, role: RoleFilter = "any") -> Condition:
    """Match rows of `clauses` that make a body (any, if None) responsible in a role."""
    condition = sa.exists().where(
        responsibilities.c.document_id == clauses.c.document_id,
        responsibilities.c.clause_ordinal == clauses.c.ordinal,
    )
    if name is not None:
        condition = condition.where(responsibilities.c.ministry.in_(names_of_body(name)))
    if role != "any":
        condition = condition.where(responsibilities.c.role == role)
    return condition


def has_clause_of(name: str) -> Condition:
    """Match documents with a clause that makes a body responsible."""
    named = responsibilities.c.ministry.in_(names_of_body(name))
    return documents.c.document_id.in_(sa.select(responsibilities.c.document_id).where(named))


def passage_in_clause_of(name: str) -> Condition:
    """Match passages of a clause that makes a body responsible.

    Worked out from the few rows that name the body, not passage by passage.
    """
    theirs = passages.alias()
    found = (
        sa.select(theirs.c.key)
        .join(
            clauses,
            sa.and_(
                clauses.c.document_id == theirs.c.document_id,
                clauses.c.clause_id == theirs.c.clause_id,
            ),
        )
        .join(
            responsibilities,
            sa.and_(
                responsibilities.c.document_id == clauses.c.document_id,
                responsibilities.c.clause_ordinal == clauses.c.ordinal,
            ),
        )
        .where(responsibilities.c.ministry.in_(names_of_body(name)))
    )
    return passages.c.key.in_(found)
