"""What every part of the store stands on: a database, and how much is asked of it at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import sqlalchemy as sa

from kb.store.protocol import Keys
from kb.store.tables import counters

REVISION = "revision"
# Values in one IN list, and rows read at a time; well under every database's limits.
CHUNK = 500

Select: TypeAlias = "sa.Select[Any]"
Rows: TypeAlias = "Sequence[sa.Row[Any]]"
_T = TypeVar("_T")


class Connected:
    """Something that asks a database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def revision(self) -> int:
        """Return how many transactions have changed the store."""
        with self._engine.begin() as connection:
            return revision_of(connection)

    def _all(self, query: Select) -> Rows:
        with self._engine.begin() as connection:
            return connection.execute(query).all()


def revision_of(connection: sa.Connection) -> int:
    """Return how many transactions have changed the store, as a connection sees it."""
    query = sa.select(counters.c.value).where(counters.c.name == REVISION)
    return int(connection.execute(query).scalar_one())


def keys_of(connection: sa.Connection, query: Select) -> Keys:
    """Return the one column of whole numbers that a query asks for."""
    return np.fromiter(connection.execute(query).scalars(), np.int64)


def no_such_document(document_id: str) -> str:
    """Say that a document is not here, and how to find those that are."""
    return f"there is no document {document_id!r} here: `policykb list` shows the ids"


def chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Cut a long list of values into ones a query can name."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
