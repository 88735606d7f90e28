"""Schema 6: what several hosts share in one store.

Changes an index outside the home has yet to take in, uploads that wait with their bytes, and how
often keys and addresses have asked. The tables as they became then, whatever `kb.store.tables` has
become since.
"""

from __future__ import annotations

import sqlalchemy as sa

_STATEMENTS = (
    """CREATE TABLE outbox (
        number {serial},
        revision BIGINT NOT NULL,
        "key" BIGINT NOT NULL,
        kind VARCHAR(8) NOT NULL
    )""",
    "CREATE INDEX ix_outbox_revision ON outbox (revision)",
    """CREATE TABLE upload_jobs (
        job_id VARCHAR(32) NOT NULL PRIMARY KEY,
        created_at VARCHAR(32) NOT NULL,
        asked JSON NOT NULL,
        cancelled BOOLEAN NOT NULL,
        ended BOOLEAN NOT NULL,
        worker VARCHAR(64),
        beat FLOAT NOT NULL,
        tries INTEGER NOT NULL
    )""",
    "CREATE INDEX ix_upload_jobs_created_at ON upload_jobs (created_at)",
    """CREATE TABLE upload_events (
        job_id VARCHAR(32) NOT NULL,
        number INTEGER NOT NULL,
        kind VARCHAR(16) NOT NULL,
        data JSON NOT NULL,
        PRIMARY KEY (job_id, number),
        FOREIGN KEY (job_id) REFERENCES upload_jobs (job_id) ON DELETE CASCADE
    )""",
    """CREATE TABLE upload_parts (
        job_id VARCHAR(32) NOT NULL,
        file INTEGER NOT NULL,
        part INTEGER NOT NULL,
        data {bytes} NOT NULL,
        PRIMARY KEY (job_id, file, part),
        FOREIGN KEY (job_id) REFERENCES upload_jobs (job_id) ON DELETE CASCADE
    )""",
    """CREATE TABLE rates (
        name TEXT NOT NULL,
        began BIGINT NOT NULL,
        count INTEGER NOT NULL,
        expires FLOAT NOT NULL,
        PRIMARY KEY (name, began)
    )""",
    "CREATE INDEX ix_rates_expires ON rates (expires)",
)
_TYPES = {
    "sqlite": {"serial": "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "bytes": "BLOB"},
    "postgresql": {"serial": "BIGSERIAL NOT NULL PRIMARY KEY", "bytes": "BYTEA"},
}


def upgrade(connection: sa.Connection) -> None:
    """Bring a database of schema 5 here."""
    types = _TYPES[connection.dialect.name]
    for statement in _STATEMENTS:
        connection.exec_driver_sql(statement.format(**types))
