"""Schema 7: files of one's own that hosts share.

The table as it became then, whatever `kb.store.tables` has become since.
"""

from __future__ import annotations

import sqlalchemy as sa

_BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def upgrade(connection: sa.Connection) -> None:
    """Bring a database of schema 6 here."""
    connection.exec_driver_sql(
        f"""CREATE TABLE own_files (
            name VARCHAR(64) NOT NULL PRIMARY KEY,
            revision BIGINT NOT NULL,
            data {_BYTES[connection.dialect.name]} NOT NULL
        )"""
    )
