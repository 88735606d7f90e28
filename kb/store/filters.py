"""Turn filters into SQL conditions."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.sql.elements import ColumnElement

from kb.naming import names_of_body
from kb.store.replaced import replaced_after
from kb.store.tables import (
    clauses,
    documents,
    files,
    issuers,
    passages,
    replacements,
    responsibilities,
)
from kb.types import Filters

Condition = ColumnElement[bool]


def current(indexed: int | None = None) -> Condition:
    """Match documents that no newer version has replaced.

    With `indexed`, that none had replaced by that revision of the store (`kb.store.replaced`).
    """
    now = documents.c.superseded_by.is_(None)
    if indexed is None:
        return now
    return sa.or_(now, documents.c.document_id.in_(replaced_after(indexed)))


def looked_up_current(indexed: int | None = None) -> Condition:
    """Match as `current` does, where the rows are named already by their keys.

    Through the index of what is replaced, SQLite would read every document there is for 100 keys
    (97 ms of 33,000 documents, instead of 3); this it does not look up in an index.
    """
    now = sa.func.coalesce(documents.c.superseded_by, "") == ""
    if indexed is None:
        return now
    return sa.or_(now, documents.c.document_id.in_(replaced_after(indexed)))


def day_of(filters: Filters) -> date | None:
    """Return the day on which a document must be in force, None where none is asked for."""
    if filters.as_of is not None:
        return filters.as_of
    return date.today() if filters.in_force else None


def document_conditions(filters: Filters, repealed: Collection[str] = ()) -> Iterator[Condition]:
    """Yield what a row of `documents` must fulfil, the ministry aside.

    `repealed` are the ids of those that others have repealed by `day_of(filters)`. A document that
    does not say when it was issued, or whether it is in force, fulfils no condition on that.
    """
    if filters.document is not None:
        yield documents.c.document_id == filters.document
    if filters.type is not None:
        yield documents.c.document_type == filters.type.strip()
    if filters.since is not None:
        yield documents.c.issued_on >= filters.since
    if filters.until is not None:
        yield documents.c.issued_on <= filters.until
    if filters.issuer is not None:
        yield sa.exists().where(
            issuers.c.document_id == documents.c.document_id,
            issuers.c.name.in_(names_of_body(filters.issuer)),
        )
    if filters.collections:
        yield filed_in(filters.collections)
    day = day_of(filters)
    if day is not None:
        yield from _in_force(day, known=filters.as_of is None)
        yield documents.c.document_id.not_in(repealed)


def filed_in(collections: Collection[str]) -> Condition:
    """Match documents that lie in some collections; what was replaced, where it lay."""
    lies = sa.select(files.c.document_id).where(files.c.collection.in_(collections))
    lay = sa.select(replacements.c.document_id)
    lay = lay.where(replacements.c.collection.in_(collections))
    document_id = documents.c.document_id
    return sa.or_(document_id.in_(lies), document_id.in_(lay))


def _in_force(day: date, *, known: bool) -> Iterator[Condition]:
    """Match what its own text has in force on a day; where it must be `known`, by its word."""
    if known:
        yield documents.c.validity == "in-force"
        yield sa.or_(documents.c.effective_on.is_(None), documents.c.effective_on <= day)
    else:
        yield documents.c.validity != "repealed"
        yield sa.func.coalesce(documents.c.effective_on, documents.c.issued_on) <= day


def holds(words: str) -> Condition:
    """Match rows of `clauses` whose text has some words, in half-width or full-width signs."""
    text = clauses.c.text
    # Only letters have cases, and comparing without them costs twice the time.
    has = text.icontains if words.upper() != words.lower() else text.contains
    forms = dict.fromkeys((words, *_widths(words)))
    return sa.or_(*(has(form, autoescape=True) for form in forms))


def _widths(words: str) -> tuple[str, str]:
    half = "".join(chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in words)
    full = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in half)
    return half, full


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
