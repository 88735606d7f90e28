"""Schema 5: what an index of before has not seen, and digests of what is stored.

The tables as they became then, whatever `kb.store.tables` has become since. The digests are of what
is there: whatever had decayed before is not known.
"""

from __future__ import annotations

import sqlalchemy as sa

from kb.store import digests

_DOCUMENT = "FOREIGN KEY (document_id) REFERENCES documents (document_id) ON DELETE CASCADE"
_STATEMENTS = (
    f"""CREATE TABLE replacements (
        document_id VARCHAR(16) NOT NULL,
        by VARCHAR(16) NOT NULL,
        revision INTEGER NOT NULL,
        path TEXT NOT NULL,
        collection VARCHAR(64) NOT NULL,
        PRIMARY KEY (document_id),
        {_DOCUMENT},
        FOREIGN KEY (by) REFERENCES documents (document_id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_replacements_by ON replacements (by)",
    "CREATE INDEX ix_replacements_revision ON replacements (revision)",
    f"""CREATE TABLE renewals (
        document_id VARCHAR(16) NOT NULL,
        revision INTEGER NOT NULL,
        PRIMARY KEY (document_id),
        {_DOCUMENT}
    )""",
    "CREATE INDEX ix_renewals_revision ON renewals (revision)",
    f"""CREATE TABLE digests (
        document_id VARCHAR(16) NOT NULL,
        part VARCHAR(16) NOT NULL,
        digest VARCHAR(32) NOT NULL,
        PRIMARY KEY (document_id, part),
        {_DOCUMENT}
    )""",
)


def upgrade(connection: sa.Connection) -> None:
    """Bring a database of schema 4 here."""
    for statement in _STATEMENTS:
        connection.exec_driver_sql(statement)
    chosen = sa.text("SELECT document_id FROM documents ORDER BY document_id")
    for document_id in connection.execute(chosen).scalars().all():
        digests.seal(connection, document_id)
