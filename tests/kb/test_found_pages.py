"""Clauses come in any number, however many are looked up at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.migrations import migrate
from kb.records import ClauseQuery, ClauseRecord, NewDocument
from kb.store.engine import connect
from kb.store.writing import SqlStore
from kb.types import Box, DocumentInfo, ResponsibleBody

COUNT = 1203
INFO = DocumentInfo(
    document_id="d" * 16,
    path="",
    name="长.txt",
    title="很长的规定",
    document_number=None,
    issuers=(),
    issued_on=None,
    document_type=None,
    validity="unknown",
    pages=1,
    passages=0,
    characters=0,
    characters_indexed=0,
    warnings=(),
    added_at="2026-01-01",
)


def clause(ordinal: int) -> ClauseRecord:
    body = ResponsibleBody(f"第{ordinal % 7}局", "该局", "lead", False)
    return ClauseRecord(
        clause_id=f"x-art{ordinal}",
        document_id=INFO.document_id,
        ordinal=ordinal,
        number=f"第{ordinal}条",
        heading_path=("总则",),
        start=0,
        end=1,
        text=f"第{ordinal}条 内容",
        page=1,
        boxes=(Box(1, 0.0, 0.0, 1.0, 1.0),),
        responsibility=(body, replace(body, ministry="总局", role="participant")),
        title=INFO.title,
        obligations=("must", "explore"),
        targets=(f"{ordinal}项",),
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    folder: Path = tmp_path_factory.mktemp("long")
    engine = connect(f"sqlite:///{folder / 'store.sqlite3'}")
    migrate(engine)
    opened = SqlStore(engine)
    clauses = [clause(ordinal) for ordinal in range(COUNT)]
    document = NewDocument(INFO, "d" * 64, ".txt", "never", False, "", (), (), clauses, ())
    opened.add(document, "长.txt")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "limit", [0, 1, 2, 9, 10, 11, 49, 50, 51, 500, 501, COUNT, COUNT + 1, None]
)
def test_each_comes_once_whole_and_in_order(store: SqlStore, limit: int | None) -> None:
    page = store.find_clauses(ClauseQuery(), limit=limit)
    assert list(page.clauses) == [clause(at) for at in range(COUNT)][:limit]
    assert page.total == COUNT


def test_bodies_of_all_are_counted(store: SqlStore) -> None:
    found = list(store.bodies_found(ClauseQuery(ministry="第3局")))
    assert len(found) == 2 * len(range(3, COUNT, 7))
    assert {name for _, name, _ in found} == {"第3局", "总局"}
