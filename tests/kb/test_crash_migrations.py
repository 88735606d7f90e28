"""Every earlier schema, as its last version left it: brought up to date whole, or not at all."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import KnowledgeBase
from kb.migrations import FIRST, STEPS, migrate, newest, version_of
from kb.store.engine import connect

#: `schemaN/store.sql`: what the last version of schema N made of the two files of schema 1.
DATA = Path(__file__).parent / "data"
SCHEMAS = range(FIRST, newest())


def old_home(schema: int, home: Path) -> Path:
    """Make a home as that version left it, its index lost."""
    (home / "originals").mkdir(parents=True)
    database = sqlite3.connect(home / "store.sqlite3")
    database.executescript((DATA / f"schema{schema}" / "store.sql").read_text("utf-8"))
    database.close()
    for file in (DATA / "schema1" / "files").iterdir():
        name = hashlib.sha256(file.read_bytes()).hexdigest() + file.suffix
        shutil.copy(file, home / "originals" / name)
    return home


def shape(engine: sa.Engine) -> dict[str, object]:
    inspector = sa.inspect(engine)
    return {
        name: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)),
            sorted((str(i["name"]), i["column_names"]) for i in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }


def test_there_is_a_fixture_of_every_earlier_schema() -> None:
    kept = {int(path.parent.name.removeprefix("schema")) for path in DATA.glob("schema*/store.sql")}
    assert kept == set(SCHEMAS), "keep a database of each schema before it is changed"


@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_old_home_answers_and_verifies_after_one_opening(schema: int, home: Path) -> None:
    with KnowledgeBase.open(old_home(schema, home)) as base:
        answer = base.ask("示范基地的补助标准是多少？").answer
        assert answer is not None
        assert answer.startswith("20万元")
        assert len(base.clauses().clauses) == 8
        assert {problem.code for problem in base.verify().problems} <= {"facts-missing"}
        assert base.reread(workers=1).failed == 0
        assert base.verify().ok


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_migration_that_stops_at_any_statement_leaves_a_schema_it_goes_on_from(
    schema: int, home: Path
) -> None:
    url = f"sqlite:///{old_home(schema, home) / 'store.sqlite3'}"
    new = connect("sqlite://")
    migrate(new)
    stopped = 0
    for at in range(1, 200):
        engine, seen = connect(url), iter(range(1, 10_000))

        def stop(*_: object, at: int = at, seen=seen) -> None:
            if next(seen) == at:
                raise KeyboardInterrupt

        sa.event.listen(engine, "before_cursor_execute", stop)
        try:
            migrate(engine)
        except KeyboardInterrupt:
            stopped += 1
        else:
            break
        finally:
            engine.dispose()
        left = connect(url)
        assert version_of(left) in range(schema, newest() + 1)
        left.dispose()
    assert stopped >= 2 * len([step for step in STEPS if step > schema])
    done = connect(url)
    assert shape(done) == shape(new)
    for engine in (done, new):
        engine.dispose()
