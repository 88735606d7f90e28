"""Why a file could not be read.

    DocumentError            code, message (what happened, to which file, and what fixes it)
      UnreadableFile         missing, empty, not permitted, damaged
      UnsupportedFormat      a kind of file nothing here reads
      EncryptedFile          needs a password
      LimitExceeded          over the time, memory, page or size limit
    ExecutorUnavailable      nobody can be asked to read files; no fault of any of them

`kb` turns these into its own tree at the per-file ingest boundary.
"""

from __future__ import annotations


class DocumentError(Exception):
    """A file that cannot be parsed; `code` is stable, the message says what fixes it."""

    code = "unreadable"


class UnreadableFile(DocumentError):
    """The file is missing, empty, not permitted or damaged."""


class UnsupportedFormat(DocumentError):
    """Nothing here reads this kind of file."""

    code = "unsupported-format"


class EncryptedFile(DocumentError):
    """The file needs a password."""

    code = "encrypted"


class LimitExceeded(DocumentError):
    """Parsing went over the time, memory, page or size limit."""

    code = "limit-exceeded"


class ExecutorUnavailable(Exception):
    """The cluster that reads files cannot be reached or used; the message says what fixes it."""

    code = "executor-unavailable"
