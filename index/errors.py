"""Why an index could not be opened or written.

    SearchIndexError       code, message (what happened, and the command that fixes it)
      IndexMissing         no generation has been published here
      IndexMismatch        made by another encoder, segmenter or format version
        IndexOutdated      made by an older version, to be made anew
      IndexDamaged         files are missing, truncated or disagree with the manifest
      IndexUnreachable     an engine elsewhere does not answer, for now
      IndexUnwritable      the disk is full, fails or may not be written to
      ModelUnavailable     an encoder cannot be loaded

`kb` turns these into its own tree where it opens the index.
"""

from __future__ import annotations


class SearchIndexError(Exception):
    """An index that cannot be used; `code` is stable, the message says what fixes it."""

    code = "index"


class IndexMissing(SearchIndexError):
    """No generation has been published here."""

    code = "index-missing"


class IndexMismatch(SearchIndexError):
    """The index was made by another encoder, segmenter or format version."""

    code = "index-mismatch"


class IndexOutdated(IndexMismatch):
    """An older version made the index, in a format that is no longer read."""


class IndexDamaged(SearchIndexError):
    """Files are missing, truncated or disagree with the manifest."""

    code = "index-damaged"


class IndexUnreachable(SearchIndexError):
    """An engine elsewhere does not answer; ask again after `retry_after` seconds."""

    code = "index-unreachable"

    def __init__(self, message: str, retry_after: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class IndexUnwritable(SearchIndexError):
    """The disk is full, fails or may not be written to; what was published stays."""


class ModelUnavailable(SearchIndexError):
    """An encoder cannot be loaded."""

    code = "model-unavailable"
