"""Locks of a store that several hosts share: PostgreSQL's advisory locks.

Each is held by a connection of its own and freed by the server when that ends, however it ends. Who
loses it so is kept from writing (`kb.store.fences`).

Connections must reach the server itself, or a pooler that keeps one for a session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import sqlalchemy as sa

from kb.store.fences import Fence, Held, fenced
from kb.store.retry import persistent


class StoreLocks:
    """The locks of one shared store."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def writing(self, *, alone: bool, patience: float) -> AbstractContextManager[None]:
        """Hold the lock of writers, with other writers or `alone`; HomeLocked."""
        return self._held(Held.WRITING, alone=alone, patience=patience)

    def publishing(self, patience: float) -> AbstractContextManager[None]:
        """Hold the lock of the one publisher; HomeLocked."""
        return self._held(Held.PUBLISHING, alone=True, patience=patience)

    @contextmanager
    def _held(self, what: Held, *, alone: bool, patience: float) -> Iterator[None]:
        fence = Fence(self._engine, what, alone)
        try:
            persistent(self._engine, lambda: fence.take(patience))
            with fenced(fence):
                yield
        finally:
            fence.let_go()
