"""Errors of other packages and libraries come out as ours, with what fixes them."""

from __future__ import annotations

import errno
import os
import sqlite3

import pytest
from sqlalchemy.exc import DatabaseError, OperationalError

from index.errors import IndexMismatch, ModelUnavailable
from ingest.errors import EncryptedFile
from kb import (
    FileProblem,
    HomeLocked,
    HomeProblem,
    IndexProblem,
    KBError,
    ModelProblem,
    NotFound,
    StorageProblem,
)
from kb.seams import errors_mapped


def database(message: str) -> OperationalError:
    return OperationalError("INSERT", None, sqlite3.OperationalError(message))


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), "/here/file")


@pytest.mark.parametrize(
    ("error", "kind", "code", "said"),
    [
        (EncryptedFile("a.pdf is encrypted"), FileProblem, "encrypted", "a.pdf"),
        (IndexMismatch("made with another"), IndexProblem, "index-mismatch", "another"),
        (ModelUnavailable("no model x"), ModelProblem, "model-unavailable", "x"),
        (database("database is locked"), HomeLocked, "home-locked", "try again"),
        (database("database or disk is full"), StorageProblem, "storage", "free some space"),
        (database("attempt to write a readonly database"), StorageProblem, "storage", "--home"),
        (
            DatabaseError("SELECT", None, sqlite3.DatabaseError("disk image is malformed")),
            HomeProblem,
            "home-damaged",
            "restore a backup",
        ),
        (system(errno.ENOSPC), StorageProblem, "storage", "/here/file: the disk is full"),
        (system(errno.EACCES), StorageProblem, "storage", "not permitted"),
        (system(errno.EROFS), StorageProblem, "storage", "read-only"),
        (system(errno.EIO), StorageProblem, "storage", "/here/file"),
    ],
)
def test_errors_become_ours(error: Exception, kind: type[KBError], code: str, said: str) -> None:
    with pytest.raises(kind) as caught, errors_mapped():
        raise error
    assert caught.value.code == code
    assert said in caught.value.message
    assert caught.value.__cause__ is error


def test_our_own_errors_and_defects_pass_as_they_are() -> None:
    for error in (NotFound("x"), ZeroDivisionError()):
        with pytest.raises(type(error)) as caught, errors_mapped():
            raise error
        assert caught.value is error
