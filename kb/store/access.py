"""Keep keys of the service, and a record of what was changed through it.

Neither is part of what is searched: the store's revision stays, and no writer's lock is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import sqlalchemy as sa

from kb.access import ApiKey, AuditEntry
from kb.errors import NotFound
from kb.store.base import Connected
from kb.store.dialect import writing
from kb.store.tables import api_keys, audit


class AccessStore(Connected):
    """Keys and the audit, in the database of a store."""

    @classmethod
    def beside(cls, store: Connected) -> Self:
        """Return the keys and the audit that are kept in a store's database."""
        return cls(store._engine)

    def add(self, key: ApiKey, secret_sha256: str) -> None:
        """Keep a new key."""
        values = {
            "key_id": key.key_id,
            "name": key.name,
            "secret_sha256": secret_sha256,
            "scopes": list(key.scopes),
            "collections": list(key.collections),
            "created_at": key.created_at,
        }
        with self._changing() as connection:
            connection.execute(sa.insert(api_keys).values(values))

    def keys(self) -> list[ApiKey]:
        """Return every key, revoked ones too, in the order they were made."""
        query = sa.select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
        return [_key(row) for row in self._all(query)]

    def key(self, key_id: str) -> tuple[ApiKey, str] | None:
        """Return a key and the hash of its secret."""
        rows = self._all(sa.select(api_keys).where(api_keys.c.key_id == key_id))
        return (_key(rows[0]), rows[0].secret_sha256) if rows else None

    def revoke(self, key_id: str, at: str) -> ApiKey:
        """End a key, which stays listed; NotFound. The time of an earlier end stays."""
        chosen = api_keys.c.key_id == key_id
        ended = sa.func.coalesce(api_keys.c.revoked_at, at)
        with self._changing() as connection:
            connection.execute(sa.update(api_keys).where(chosen).values(revoked_at=ended))
        found = self.key(key_id)
        if found is None:
            raise NotFound(f"there is no key {key_id!r}: `policykb key list` shows the ids")
        return found[0]

    def record(self, entry: AuditEntry) -> None:
        """Add an entry to the audit; its `number` is given here."""
        names = (column.name for column in audit.c if column is not audit.c.number)
        values = {name: getattr(entry, name) for name in names}
        with self._changing() as connection:
            connection.execute(sa.insert(audit).values(values))

    def entries(self, limit: int) -> list[AuditEntry]:
        """Return the newest entries of the audit, newest first."""
        query = sa.select(audit).order_by(audit.c.number.desc()).limit(limit)
        return [AuditEntry(**row._mapping) for row in self._all(query)]

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        with writing(self._engine) as connection:
            yield connection


def _key(row: sa.Row[Any]) -> ApiKey:
    return ApiKey(
        row.key_id,
        row.name,
        tuple(row.scopes),
        tuple(row.collections),
        row.created_at,
        row.revoked_at,
    )
