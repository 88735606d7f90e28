"""Everything that reading a PDF takes, for the server that child processes are forked from.

Importing this is what it is for. Nothing here starts a thread: a process with threads must not be
forked.
"""

from __future__ import annotations

import ingest.abstracts
import ingest.child
import ingest.clauses
import ingest.outline
import ingest.passages
import ingest.pdf  # noqa: F401
from ingest.mupdf import import_pymupdf

import_pymupdf()
