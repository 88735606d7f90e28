"""Turn the errors of other packages and libraries into ours, once, where they cross into kb."""

from __future__ import annotations

import errno
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

import ingest.errors
from index.errors import IndexUnreachable, IndexUnwritable, ModelUnavailable, SearchIndexError
from ingest.errors import DocumentError
from kb.errors import (
    DAMAGED,
    ExecutorUnavailable,
    FileProblem,
    HomeLocked,
    HomeProblem,
    IndexProblem,
    InvalidInput,
    KBError,
    ModelProblem,
    StorageProblem,
    StoreUnavailable,
)
from kb.store.retry import is_passing

_STORAGE = {
    errno.ENOSPC: "the disk is full: free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up: free some space and run the command again",
    errno.EROFS: "the disk is read-only: name another folder with --home",
    errno.EACCES: "not permitted: change the permissions or name another folder with --home",
    errno.EPERM: "not permitted: change the permissions or name another folder with --home",
}

#: What PostgreSQL's SQLSTATE means for whoever wants to write.
_POSTGRES = {
    "53100": "its disk is full: free some space there and run the command again",
    "42501": "give its user the right to create and change tables in it",
    "25006": "it is a copy for reading only: name the server that takes changes by `store`",
}


@contextmanager
def errors_mapped() -> Iterator[None]:
    """Let only `KBError` kinds out, each raised from what was behind it."""
    try:
        yield
    except (
        DocumentError,
        ingest.errors.ExecutorUnavailable,
        SearchIndexError,
        SQLAlchemyError,
        sqlite3.Error,
        OSError,
    ) as error:
        raise mapped(error) from error
    except OverflowError as error:
        # No page, offset or count of anything is that large: the database does not even ask.
        raise InvalidInput(f"a number is too large ({error})", field="number") from error


def mapped(error: Exception) -> KBError:
    """Return the error of ours that says what another package's or library's error means."""
    if isinstance(error, DocumentError):
        return FileProblem(str(error), code=error.code)
    if isinstance(error, ingest.errors.ExecutorUnavailable):
        return ExecutorUnavailable(str(error), code=error.code)
    if isinstance(error, SearchIndexError):
        return _from_index(error)
    if isinstance(error, DBAPIError | sqlite3.Error):
        return _from_database(error)
    if isinstance(error, OSError):
        return _from_system(error)
    return HomeProblem(f"the database cannot be used: {error}")


def _from_index(error: SearchIndexError) -> KBError:
    if isinstance(error, IndexUnwritable):
        return StorageProblem(str(error))
    kind = ModelProblem if isinstance(error, ModelUnavailable) else IndexProblem
    problem = kind(str(error), code=error.code)
    if isinstance(error, IndexUnreachable):
        problem.retry_after = math.ceil(error.retry_after)
    return problem


def _from_postgres(error: DBAPIError) -> KBError:
    reason = str(error.orig).strip().splitlines()[0]
    code = str(getattr(error.orig, "sqlstate", None) or "")
    if code == "22003":
        return InvalidInput(f"a number is too large ({reason})", field="number")
    if code in _POSTGRES:
        return StorageProblem(f"the database refuses to write ({reason}): {_POSTGRES[code]}")
    if code == "57014":
        return StoreUnavailable(
            f"the database took too long ({reason}): try again, or ask for less at a time"
        )
    if is_passing(error) or not code:
        return StoreUnavailable(
            f"the database cannot be reached ({reason}): see that it runs, and that the setting "
            "`store` has its host, port, name and password"
        )
    if code.startswith("XX"):
        return HomeProblem(f"the database is damaged ({reason}): {DAMAGED}", code="home-damaged")
    return HomeProblem(f"the database cannot be used: {reason}")


def _from_database(error: DBAPIError | sqlite3.Error) -> KBError:
    if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
        return _from_postgres(error)
    reason = str(error.orig if isinstance(error, DBAPIError) else error)
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        if "locked" in reason or "busy" in reason:
            return HomeLocked("another program holds the database: try again when it has finished")
        if "full" in reason:
            return StorageProblem(_STORAGE[errno.ENOSPC])
        if "disk I/O" in reason:
            return StorageProblem(
                f"the disk cannot be read or written ({reason}): free some space on it, and check "
                "it and the permissions"
            )
        if "readonly" in reason or "unable to open" in reason:
            return StorageProblem(
                f"the database cannot be opened for writing ({reason}): "
                "change the permissions or name another folder with --home"
            )
    return HomeProblem(f"the database is damaged ({reason}): {DAMAGED}", code="home-damaged")


def _from_system(error: OSError) -> KBError:
    where = f"{error.filename}: " if error.filename else ""
    remedy = _STORAGE.get(error.errno or 0)
    if remedy is None:
        remedy = f"{error.strerror or error}: check the path and the permissions"
    return StorageProblem(where + remedy)
