"""The truth: documents, pages, clauses and passages, kept in a relational database."""
