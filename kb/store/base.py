"""What every part of the store stands on: a database, and how much is asked of it at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

import numpy as np
import sqlalchemy as sa

from kb.store.dialect import is_shared, writing
from kb.store.protocol import Keys
from kb.store.retry import Persistent, persistent
from kb.store.tables import counters

REVISION = "revision"
# Values in one IN list, and rows read at a time; well under every database's limits.
CHUNK = 500

Select: TypeAlias = "sa.Select[Any]"
Rows: TypeAlias = "Sequence[sa.Row[Any]]"
_T = TypeVar("_T")
_K = TypeVar("_K", bound=Hashable)


class Kept(Generic[_K, _T]):
    """The values of the last few keys asked for; may be used from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[_K, _T] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: _K) -> _T | None:
        """Return the value of a key, None where it is not kept."""
        with self._guard:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: _K, value: _T) -> None:
        """Keep a value, in the place of the one not asked for longest."""
        with self._guard:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)


class Connected(Persistent):
    """Something that asks a database; what stops it for a moment does not (`kb.store.retry`)."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @property
    def is_shared(self) -> bool:
        """Whether several hosts may write to it."""
        return is_shared(self._engine)

    def confirm(self) -> None:
        """See that the locks of a shared store that are held here are not another's; HomeLocked."""
        if self.is_shared:
            with writing(self._engine):
                """What is written looks at them."""

    def revision(self) -> int:
        """Return how many transactions have changed the store."""
        with self._engine.begin() as connection:
            return revision_of(connection)

    def _all(self, query: Select) -> Rows:
        def asked() -> Rows:
            with self._engine.begin() as connection:
                return connection.execute(query).all()

        return persistent(self._engine, asked)


def revision_of(connection: sa.Connection) -> int:
    """Return how many transactions have changed the store, as a connection sees it."""
    query = sa.select(counters.c.value).where(counters.c.name == REVISION)
    return int(connection.execute(query).scalar_one())


def keys_of(connection: sa.Connection, query: Select) -> Keys:
    """Return the one column of whole numbers that a query asks for, ascending.

    They come as one text: a million row by row take five times as long.
    """
    (number,) = query.order_by(None).subquery().c
    listed = sa.func.aggregate_strings(sa.cast(number, sa.Text), ",")
    text = connection.execute(sa.select(listed)).scalar_one()
    return np.sort(np.fromstring(text or "", np.int64, sep=","))


def no_such_document(document_id: str) -> str:
    """Say that a document is not here, and how to find those that are."""
    return f"there is no document {document_id!r} here: `policykb list` shows the ids"


def chunks(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Cut a long list of values into ones a query can name."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
