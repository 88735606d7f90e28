"""Schema 4: what people have corrected of a document, and what was read there.

The table as it became then, whatever `kb.store.tables` has become since.
"""

from __future__ import annotations

import sqlalchemy as sa


def upgrade(connection: sa.Connection) -> None:
    """Bring a database of schema 3 here."""
    connection.exec_driver_sql(
        """CREATE TABLE corrections (
            document_id VARCHAR(16) NOT NULL,
            field VARCHAR(32) NOT NULL,
            value JSON NOT NULL,
            as_read JSON NOT NULL,
            PRIMARY KEY (document_id, field),
            FOREIGN KEY (document_id) REFERENCES documents (document_id) ON DELETE CASCADE
        )"""
    )
