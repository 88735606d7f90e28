"""Schema 2: dates of effect, what clauses ask for and by when, and what documents say of others.

The tables as they became then, whatever `kb.store.tables` has become since.
"""

from __future__ import annotations

import sqlalchemy as sa

from kb.titles import number_key, title_keys

_OF_CLAUSE = """
    document_id VARCHAR(16) NOT NULL,
    clause_ordinal INTEGER NOT NULL,
    position INTEGER NOT NULL,
    {columns},
    PRIMARY KEY (document_id, clause_ordinal, position),
    FOREIGN KEY (document_id, clause_ordinal)
        REFERENCES clauses (document_id, ordinal) ON DELETE CASCADE
"""
_OF_DOCUMENT = """
    document_id VARCHAR(16) NOT NULL,
    {columns},
    FOREIGN KEY (document_id) REFERENCES documents (document_id) ON DELETE CASCADE
"""
_RELATION = """position INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    title TEXT,
    number TEXT,
    title_key TEXT,
    number_key TEXT,
    as_written TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    page INTEGER NOT NULL,
    clause_ordinal INTEGER,
    PRIMARY KEY (document_id, position)"""
_TABLES = {
    "titles": _OF_DOCUMENT.format(columns='"key" TEXT NOT NULL, PRIMARY KEY (document_id, "key")'),
    "obligations": _OF_CLAUSE.format(columns="obligation VARCHAR(16) NOT NULL"),
    "deadlines": _OF_CLAUSE.format(columns="due DATE NOT NULL, as_written TEXT NOT NULL"),
    "relations": _OF_DOCUMENT.format(columns=_RELATION),
}
_COLUMNS = (
    ("documents", "number_key TEXT"),
    ("documents", "effective_on DATE"),
    ("documents", "addressees JSON NOT NULL DEFAULT '[]'"),
    ("documents", "language VARCHAR(16)"),
    # The facts of schema 1: what is new here is read from the originals, not made up.
    ("documents", "facts INTEGER NOT NULL DEFAULT 1"),
    ("clauses", "targets JSON NOT NULL DEFAULT '[]'"),
)
_INDEXES = {
    "ix_documents_number_key": "documents (number_key)",
    "ix_titles_key": 'titles ("key")',
    "ix_responsibilities_found": "responsibilities (ministry, role, document_id, clause_ordinal)",
    "ix_obligations_found": "obligations (obligation, document_id, clause_ordinal)",
    "ix_deadlines_found": "deadlines (due, document_id, clause_ordinal)",
    "ix_relations_kind": "relations (kind)",
    "ix_relations_title_key": "relations (title_key)",
    "ix_relations_number_key": "relations (number_key)",
}


def upgrade(connection: sa.Connection) -> None:
    """Bring a database of schema 1 here; its documents keep what was read from them."""
    for table, column in _COLUMNS:
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {column}")
    for table, columns in _TABLES.items():
        connection.exec_driver_sql(f"CREATE TABLE {table} ({columns})")
    connection.exec_driver_sql("DROP INDEX ix_responsibilities_ministry")
    for index, columns in _INDEXES.items():
        connection.exec_driver_sql(f"CREATE INDEX {index} ON {columns}")
    _name_documents(connection)


def _name_documents(connection: sa.Connection) -> None:
    """Make the keys under which documents are found when others name them."""
    query = sa.text("SELECT document_id, title, document_number FROM documents")
    for document_id, title, number in connection.execute(query).all():
        for key in title_keys(title):
            row = {"document_id": document_id, "key": key}
            insert = sa.text('INSERT INTO titles (document_id, "key") VALUES (:document_id, :key)')
            connection.execute(insert, row)
        if number:
            update = sa.text("UPDATE documents SET number_key = :key WHERE document_id = :id")
            connection.execute(update, {"key": number_key(number), "id": document_id})
