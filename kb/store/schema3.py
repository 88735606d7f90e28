"""Schema 3: collections of documents, keys of the service, and what was changed through it.

The tables as they became then, whatever `kb.store.tables` has become since.
"""

from __future__ import annotations

import sqlalchemy as sa

_STATEMENTS = (
    "ALTER TABLE files ADD COLUMN collection VARCHAR(64) NOT NULL DEFAULT ''",
    "CREATE INDEX ix_files_collection ON files (collection)",
    """CREATE TABLE api_keys (
        key_id VARCHAR(16) NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        secret_sha256 VARCHAR(64) NOT NULL,
        scopes JSON NOT NULL,
        collections JSON NOT NULL,
        created_at VARCHAR(32) NOT NULL,
        revoked_at VARCHAR(32)
    )""",
    """CREATE TABLE audit (
        number {serial} NOT NULL PRIMARY KEY,
        at VARCHAR(32) NOT NULL,
        key_id VARCHAR(16),
        address TEXT NOT NULL,
        request_id TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        status INTEGER NOT NULL
    )""",
)


def upgrade(connection: sa.Connection) -> None:
    """Make a database of schema 2 one of schema 3."""
    serial = "INTEGER" if connection.dialect.name == "sqlite" else "SERIAL"
    for statement in _STATEMENTS:
        connection.exec_driver_sql(statement.format(serial=serial))
