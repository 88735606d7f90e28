"""Everything that can go wrong, as one tree.

    KBError                    code, status (HTTP), message: what happened, to what, what fixes it
      InvalidInput             a field of the request: empty query, k = 0, bad date        400
      NotFound                 an unknown document, page or clause                         404
      FileProblem              one file cannot be read; `code` says why                    422
      HomeProblem              the knowledge base cannot be opened
        HomeTooNew             written by a newer version of policykb                      500
        HomeLocked             another process is writing                                  503
      IndexProblem             the search index cannot be used; the message has the command 503
      ModelProblem             an encoder cannot be loaded                                 500
      ExecutorUnavailable      the cluster that reads files does not answer                503
      QueueFull                as many uploads wait as may                                 503
      StorageProblem           disk full, read-only or not permitted                       507
        StoreUnavailable       the database does not answer, for now                       503
        OriginalsUnavailable   the storage of originals does not answer, for now           503

Errors of the packages below (`ingest.errors`, `index.errors`) and of third parties are turned into
these once, where they cross into `kb` (`raise ... from`).
"""

from __future__ import annotations

#: What to do about a damaged database.
DAMAGED = (
    "`policykb verify` says what of it; restore a backup, or move it away and ingest the documents "
    "again"
)


class KBError(Exception):
    """Base of the tree; `code` is stable and machine-readable, the message is for people.

    `retry_after` is in how many seconds the same may work, None where nobody can tell.
    """

    code = "error"
    status = 500
    retry_after: int | None = None

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(KBError):
    """A request field has a value that makes no sense; `field` names it."""

    code = "invalid-input"
    status = 400

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotFound(KBError):
    """The named document, page or clause is not in the knowledge base."""

    code = "not-found"
    status = 404


class FileProblem(KBError):
    """One file cannot be read; `code` says why (unreadable, encrypted, unsupported-format...)."""

    code = "unreadable"
    status = 422


class HomeProblem(KBError):
    """The knowledge base cannot be opened."""

    code = "home"


class HomeTooNew(HomeProblem):
    """The home was written by a newer version of policykb."""

    code = "home-too-new"


class HomeLocked(HomeProblem):
    """Another process is writing to this home."""

    code = "home-locked"
    status = 503


class IndexProblem(KBError):
    """The search index cannot be used; the message names the command that mends it."""

    code = "index"
    status = 503


class ModelProblem(KBError):
    """An encoder cannot be loaded."""

    code = "model-unavailable"


class ExecutorUnavailable(KBError):
    """The cluster that reads files does not answer; what was reported as done is in."""

    code = "executor-unavailable"
    status = 503


class QueueFull(KBError):
    """As many uploads wait as may; later there is room again."""

    code = "queue-full"
    status = 503


class StorageProblem(KBError):
    """The disk is full, read-only or not permitted."""

    code = "storage"
    status = 507


class OriginalsUnavailable(StorageProblem):
    """The storage of originals does not answer; nothing is lost, and one may ask again."""

    code = "originals-unavailable"
    status = 503


class StoreUnavailable(StorageProblem):
    """The database does not answer; nothing is lost, and the same request may be made again."""

    code = "store-unavailable"
    status = 503
