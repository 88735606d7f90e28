"""Tell an index outside the home what it has yet to take in; `kb.store.protocol.Outbox` says how.

Changes are numbered as transactions are committed: each takes the store's next revision as the last
thing it does, and from then to its end no other can (PostgreSQL locks the counter's row, SQLite has
one writer anyway). So whoever sees a number has seen every lower one, and nothing is acknowledged
that was never seen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kb.locking import WriterLock
from kb.store.base import REVISION, Connected, chunks, revision_of
from kb.store.dialect import is_shared, writing
from kb.store.filters import current
from kb.store.locks import StoreLocks
from kb.store.protocol import Change
from kb.store.tables import counters, documents, outbox, passages

#: The counter that is there once changes are kept.
ATTACHED = "outbox"
LOCK = "publish.lock"


class StoreOutbox(Connected):
    """The outbox of a store, in its database."""

    def __init__(self, engine: sa.Engine, home: Path) -> None:
        """Hold the outbox of a store that the knowledge base of a folder uses."""
        super().__init__(engine)
        self._home = home

    @classmethod
    def of(cls, store: Connected, home: Path) -> StoreOutbox:
        """Return the outbox of a store."""
        return cls(store._engine, home)

    def attach(self) -> None:
        """Begin to keep changes, first of all that every current passage came."""
        if self.attached():
            return
        with writing(self._engine) as connection:
            revision = next_revision(connection)
            if not is_attached(connection):
                connection.execute(sa.insert(counters).values(name=ATTACHED, value=1))
                _put_all(connection, revision)

    def attached(self) -> bool:
        """Tell whether changes are kept."""
        with self._engine.begin() as connection:
            return is_attached(connection)

    def pending(self, limit: int) -> Sequence[Change]:
        """Return the first changes that were not acknowledged, in their order."""
        rows = self._all(sa.select(outbox).order_by(outbox.c.number).limit(limit))
        return [Change(row.number, row.revision, row.key, row.kind) for row in rows]

    def acknowledge(self, upto: int) -> None:
        """Forget the changes up to a number, that one too."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(outbox).where(outbox.c.number <= upto))

    def newest(self) -> int:
        """Return the number of the last change, 0 where none waits."""
        with self._engine.begin() as connection:
            last = connection.execute(sa.select(sa.func.max(outbox.c.number))).scalar_one()
            return int(last or 0)

    def waiting(self) -> int:
        """Return how many changes were not acknowledged."""
        with self._engine.begin() as connection:
            query = sa.select(sa.func.count()).select_from(outbox)
            return int(connection.execute(query).scalar_one())

    def indexed(self) -> int:
        """Return the last revision of which, and of all before, the index has taken in all."""
        with self._engine.begin() as connection:
            first = connection.execute(sa.select(sa.func.min(outbox.c.revision))).scalar_one()
            return revision_of(connection) if first is None else int(first) - 1

    def refill(self) -> None:
        """Let every current passage be taken in again."""
        with writing(self._engine) as connection:
            _put_all(connection, next_revision(connection))

    def publishing(self, patience: float = 0.0) -> AbstractContextManager[None]:
        """Be the one publisher of this store; HomeLocked where another is."""
        if is_shared(self._engine):
            return StoreLocks(self._engine).publishing(patience)
        return WriterLock(self._home / LOCK).held(patience=patience)


def is_attached(connection: sa.Connection) -> bool:
    """Tell whether changes are kept."""
    query = sa.select(counters.c.value).where(counters.c.name == ATTACHED)
    return connection.execute(query).scalar_one_or_none() is not None


def next_revision(connection: sa.Connection) -> int:
    """Count a change; until the transaction ends, no other does."""
    chosen = counters.c.name == REVISION
    connection.execute(sa.update(counters).where(chosen).values(value=counters.c.value + 1))
    return revision_of(connection)


def keys_indexed(connection: sa.Connection, document_ids: Collection[str]) -> set[int]:
    """Return the keys of what is to be indexed of some documents."""
    found: set[int] = set()
    for chunk in chunks(sorted(document_ids)):
        query = sa.select(passages.c.key).join(documents)
        query = query.where(current(), passages.c.document_id.in_(chunk))
        found.update(connection.execute(query).scalars())
    return found


def put(connection: sa.Connection, revision: int, gone: Collection[int], here: set[int]) -> None:
    """Keep which passages went, and which are there now and may have changed."""
    changes: list[dict[str, Any]] = [
        {"revision": revision, "key": key, "kind": "upsert" if key in here else "delete"}
        for key in (*sorted(set(gone) - here), *sorted(here))
    ]
    if changes:
        connection.execute(sa.insert(outbox), changes)


def _put_all(connection: sa.Connection, revision: int) -> None:
    every = (
        sa.select(sa.literal(revision), passages.c.key, sa.literal("upsert"))
        .join(documents)
        .where(current())
        .order_by(passages.c.key)
    )
    connection.execute(sa.insert(outbox).from_select(["revision", "key", "kind"], every))
