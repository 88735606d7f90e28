"""Files of one's own that hosts share: the registry of bodies and the synonyms."""

from __future__ import annotations

import sqlalchemy as sa

from kb.store.base import Connected
from kb.store.changing import Changing, changing
from kb.store.tables import own_files


class OwnFileTable(Connected):
    """The files of a store, by name, in its database."""

    @classmethod
    def beside(cls, store: Connected) -> OwnFileTable:
        """Return the files that are kept in a store's database."""
        return cls(store._engine)

    def revision_of(self, name: str) -> int | None:
        """Return the revision that a file came with, None where there is none."""
        rows = self._all(sa.select(own_files.c.revision).where(own_files.c.name == name))
        return int(rows[0].revision) if rows else None

    def data(self, name: str) -> bytes | None:
        """Return what a file holds, None where there is none."""
        rows = self._all(sa.select(own_files.c.data).where(own_files.c.name == name))
        return bytes(rows[0].data) if rows else None

    def put(self, name: str, data: bytes | None) -> None:
        """Put a file in the place of the one before, or remove it."""
        with changing(self._engine) as change:
            put_file(change, name, data)


def put_file(change: Changing, name: str, data: bytes | None) -> None:
    """Put a file in the place of the one before, or remove it, in a transaction."""
    change.count()
    change.connection.execute(sa.delete(own_files).where(own_files.c.name == name))
    if data is not None:
        row = {"name": name, "revision": change.revision, "data": data}
        change.connection.execute(sa.insert(own_files).values(row))
