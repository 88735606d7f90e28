"""What changed since an index was published: it finds passages as they were then.

A document that another took the place of is found by that index, and its successor is not: until
the next publication, whoever searches is to see the one or the other. So each replacement is kept
with the store's revision, and a search counts a document as current that was replaced after the
revision of its index. What was removed is gone at once, and with it what it had replaced.

A document that is read anew keeps the keys of its passages where it can, so that an index of before
finds them as they are now; its renewal is kept, so that the next publication takes them in again.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from kb.store import rows
from kb.store.tables import documents, passages, renewals, replacements


def record_replacement(
    connection: sa.Connection, before: str, by: str, revision: int, place: tuple[str, str]
) -> None:
    """Keep that a document was replaced, and what its path and collection were."""
    forget_replacement(connection, before)
    # What it had replaced itself is as current as it is.
    chosen = replacements.c.by == before
    connection.execute(sa.update(replacements).where(chosen).values(by=by))
    path, collection = place
    row = {"document_id": before, "by": by, "revision": revision}
    connection.execute(sa.insert(replacements), {**row, "path": path, "collection": collection})


def forget_replacement(connection: sa.Connection, document_id: str) -> None:
    """Forget that a document was replaced: it is back."""
    chosen = replacements.c.document_id == document_id
    connection.execute(sa.delete(replacements).where(chosen))


def record_renewal(connection: sa.Connection, document_id: str, revision: int) -> None:
    """Keep that a document's passages are to be indexed anew."""
    chosen = renewals.c.document_id == document_id
    connection.execute(sa.delete(renewals).where(chosen))
    connection.execute(sa.insert(renewals), {"document_id": document_id, "revision": revision})


def keys_by_start(connection: sa.Connection, document_id: str) -> list[tuple[int, int]]:
    """Return where the passages of a document start, each with its key."""
    query = sa.select(passages.c.start, passages.c.key)
    query = query.where(passages.c.document_id == document_id)
    return [(row.start, row.key) for row in connection.execute(query.order_by(passages.c.start))]


def with_keys(
    values: Sequence[rows.Values], known: Sequence[tuple[int, int]]
) -> tuple[list[rows.Values], list[rows.Values]]:
    """Return rows of passages under the keys of those that started in them, and the rest.

    `known` is as `keys_by_start` returns it.
    """
    kept: list[rows.Values] = []
    new: list[rows.Values] = []
    at = 0
    for row in values:
        while at < len(known) and known[at][0] < row["start"]:
            at += 1
        if at < len(known) and known[at][0] < max(row["end"], row["start"] + 1):
            kept.append({**row, "key": known[at][1]})
            at += 1
        else:
            new.append(row)
    return kept, new


def since(connection: sa.Connection, indexed: int | None) -> int | None:
    """Return the revision that something was replaced after; None where nothing was."""
    if indexed is None:
        return None
    query = sa.select(replacements.c.document_id).where(replacements.c.revision > indexed)
    found = connection.execute(query.limit(1)).scalar_one_or_none()
    return None if found is None else indexed


def replaced_after(indexed: int) -> sa.Select[tuple[str]]:
    """Select the ids of what was replaced after a revision."""
    return sa.select(replacements.c.document_id).where(replacements.c.revision > indexed)


def keys_renewed_after(indexed: int) -> sa.Select[tuple[int]]:
    """Select the keys of current passages whose documents were renewed after a revision."""
    renewed = sa.select(renewals.c.document_id).where(renewals.c.revision > indexed)
    return (
        sa.select(passages.c.key)
        .join(documents)
        .where(documents.c.superseded_by.is_(None), documents.c.document_id.in_(renewed))
    )
