"""A home of schema 1 is brought up to date, answers as before, and is read again when asked."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import Filters, KnowledgeBase
from kb.cli import run
from kb.migrations import migrate, newest
from kb.store.engine import connect

#: Written by the last version of schema 1 from the two files beside it.
SCHEMA_1 = Path(__file__).parent / "data" / "schema1"


@pytest.fixture
def old(home: Path) -> Path:
    """Return a home as that version left it, its index lost."""
    (home / "originals").mkdir(parents=True)
    database = sqlite3.connect(home / "store.sqlite3")
    database.executescript((SCHEMA_1 / "store.sql").read_text("utf-8"))
    database.close()
    for file in (SCHEMA_1 / "files").iterdir():
        name = hashlib.sha256(file.read_bytes()).hexdigest() + file.suffix
        shutil.copy(file, home / "originals" / name)
    return home


@pytest.fixture
def base(old: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(old) as opened:
        yield opened


def shape(engine: sa.Engine) -> dict[str, object]:
    """Return what tables, columns, keys and indexes a database has."""
    inspector = sa.inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
            sorted((str(i["name"]), i["column_names"]) for i in inspector.get_indexes(name)),
            inspector.get_pk_constraint(name)["constrained_columns"],
            [(f["constrained_columns"], f["options"]) for f in inspector.get_foreign_keys(name)],
        )
        for name in inspector.get_table_names()
    }


def test_an_old_database_becomes_what_a_new_one_is(old: Path, tmp_path: Path) -> None:
    engines = [
        connect(f"sqlite:///{path}") for path in (old / "store.sqlite3", tmp_path / "new.sqlite3")
    ]
    for engine in engines:
        migrate(engine)
    migrated, new = map(shape, engines)
    assert migrated == new
    with engines[0].begin() as connection:
        steps = connection.exec_driver_sql("SELECT version FROM schema_version ORDER BY 1")
        assert steps.scalars().all() == list(range(1, newest() + 1))
    for engine in engines:
        engine.dispose()


def test_it_answers_as_before(base: KnowledgeBase) -> None:
    answer = base.ask("示范基地的补助标准是多少？")
    assert answer.answer is not None
    assert answer.answer.startswith("20万元")
    assert len(base.clauses(ministry="市场监管总局").clauses) == 1
    assert {info.addressees for info in base.documents()} == {()}
    assert base.clauses(obligation="must").total == 0


def test_verify_tells_what_is_missing_and_reading_again_mends_it(base: KnowledgeBase) -> None:
    before = {info.document_id: info for info in base.documents()}
    ids = [clause.clause_id for clause in base.clauses().clauses]
    base.rebuild()
    [problem] = base.verify().problems
    assert problem.code == "facts-missing"
    assert "policykb rebuild --reparse" in problem.message
    report = base.reread(workers=1)
    assert [item.status for item in report.documents] == ["replaced", "replaced"]
    assert base.verify().ok
    assert base.reread(workers=1).documents == ()
    after = {info.document_id: info for info in base.documents()}
    for document_id, info in before.items():
        now = after[document_id]
        assert (now.path, now.added_at, now.title) == (info.path, info.added_at, info.title)
    assert [clause.clause_id for clause in base.clauses().clauses] == ids
    rules = next(info for info in after.values() if info.document_type == "办法")
    assert rules.effective_on == date(2022, 7, 1)
    assert base.documents(Filters(as_of=date(2022, 7, 1))) == (rules,)
    assert {each.kind for each in base.lineage(rules.document_id)} >= {"repeals"}
    assert base.search("采集量").hits


def test_what_a_document_is_said_to_be_is_known_before_it_is_read_again(
    base: KnowledgeBase, tmp_path: Path
) -> None:
    path = tmp_path / "通知.txt"
    path.write_text(
        "关于采集的通知\n\n第一条 《山野菜采集管理办法》自2024年1月1日起废止。\n", "utf-8"
    )
    base.ingest([path], workers=1)
    [rules] = [info for info in base.documents() if info.document_type == "办法"]
    assert rules.repealed_by is not None


def test_adding_the_file_again_reads_it_again(base: KnowledgeBase) -> None:
    [report] = base.ingest([SCHEMA_1 / "files" / "办法.txt"], workers=1).documents
    assert report.status == "replaced"
    [report] = base.ingest([SCHEMA_1 / "files" / "办法.txt"], workers=1).documents
    assert report.status == "unchanged"


def test_an_original_that_is_gone_is_reported_and_its_document_stays(
    base: KnowledgeBase, old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kept in (old / "originals").iterdir():
        if hashlib.sha256((SCHEMA_1 / "files" / "办法.txt").read_bytes()).hexdigest() == kept.stem:
            kept.unlink()
    report = base.reread(workers=1)
    assert {item.error.code for item in report.documents if item.error} == {"original-missing"}
    assert report.failed == 1
    assert len(base.documents()) == 2
    assert run(["rebuild", "--reparse", "--home", str(old), "--json"]) == 3
    assert '"original-missing"' in capsys.readouterr().out
