"""How often keys and addresses have asked, counted in a store that several hosts share.

Requests are counted by windows of fixed length; how many fall into the last such length is taken to
be those of this window and of the one before the share that still reaches into it ("sliding window
counter": J. Desgats, How we built rate limiting capable of scaling to millions of domains,
Cloudflare, 2017). One row changes for a request, by one statement, so that hosts do not let through
more between them than one would alone. A count is not waited for to be on the disk: a power cut may
forget some requests of the last second.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kb.seams import errors_mapped
from kb.store.base import Connected
from kb.store.dialect import POSTGRESQL, SecondsNow, writing
from kb.store.tables import rates

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

#: One request in so many clears away windows that are over.
CLEAR_ONE_IN = 500
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class _Windows:
    """The window before and this one: how many asked, and seconds until each counts no more."""

    began: int
    previous: int
    previous_left: float
    current: int
    current_left: float

    def weighted(self, window: int) -> float:
        """Return how many of the window before still count."""
        return self.previous * self.previous_left / window


class SharedRates(Connected):
    """Counts requests for every host of a store; safe to share between threads."""

    @classmethod
    def of(cls, base: KnowledgeBase) -> Self | None:
        """Return the counts that a knowledge base's hosts share; None where it has one host."""
        store = base._home.store
        return cls(store._engine) if store.is_shared else None

    @errors_mapped()
    def spend(self, name: str, limit: int, window: int, cost: int = 1) -> bool:
        """Count a request of somebody unless over `limit` come in `window` seconds with it."""
        name = name[:LONGEST_NAME]
        with writing(self._engine) as connection:
            if random.randrange(CLEAR_ONE_IN) == 0:  # noqa: S311 - no secret
                connection.execute(sa.delete(rates).where(rates.c.expires < SecondsNow()))
            found = _look(connection, name, window, unflushed=True)
            left = limit - cost - found.weighted(window)
            if found.current > left:
                return False
            return _counted(connection, name, found.began, window, cost, left)

    @errors_mapped()
    def windows(self, name: str, window: int) -> tuple[int, float, int, float]:
        """Return how many asked in the window before and in this, each with its seconds left."""
        with self._engine.begin() as connection:
            found = _look(connection, name[:LONGEST_NAME], window)
        return found.previous, found.previous_left, found.current, found.current_left

    @errors_mapped()
    def clear(self, name: str) -> None:
        """Forget what somebody has asked."""
        with writing(self._engine) as connection:
            connection.execute(sa.delete(rates).where(rates.c.name == name[:LONGEST_NAME]))


def _look(
    connection: sa.Connection, name: str, window: int, *, unflushed: bool = False
) -> _Windows:
    asked: list[sa.ColumnElement[Any]] = [SecondsNow()]
    if unflushed and connection.dialect.name == POSTGRESQL:
        asked.append(sa.func.set_config("synchronous_commit", "off", True))
    now = float(connection.execute(sa.select(*asked)).one()[0])
    began = math.floor(now / window)
    query = sa.select(rates.c.began, rates.c.count)
    query = query.where(rates.c.name == name, rates.c.began.in_([began - 1, began]))
    counts = {row[0]: int(row[1]) for row in connection.execute(query).all()}
    left = (began + 1) * window - now
    return _Windows(began, counts.get(began - 1, 0), left, counts.get(began, 0), left + window)


def _counted(
    connection: sa.Connection, name: str, began: int, window: int, cost: int, most: float
) -> bool:
    """Add to a window's count where it is no more than `most` before, whoever else adds to it."""
    insert = postgresql.insert if connection.dialect.name == POSTGRESQL else sqlite.insert
    row = {"name": name, "began": began, "count": cost, "expires": float((began + 2) * window)}
    statement = insert(rates).values(row)
    added = statement.on_conflict_do_update(
        index_elements=[rates.c.name, rates.c.began],
        set_={"count": rates.c.count + cost},
        where=rates.c.count <= most,
    )
    return connection.execute(added.returning(rates.c.count)).one_or_none() is not None
