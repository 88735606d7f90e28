"""Schemas: a new database is at the newest, an older one is brought there, a newer one refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from kb import HomeProblem, HomeTooNew, KnowledgeBase
from kb.migrations import FIRST, STEPS, is_current, migrate, newest, version_of
from kb.store.engine import connect
from kb.store.tables import schema_version


def _add_column(connection: sa.Connection) -> None:
    connection.exec_driver_sql("ALTER TABLE documents ADD COLUMN shelf TEXT")


LATER = {**STEPS, newest() + 1: _add_column}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = connect(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield made
    made.dispose()


def columns(engine: sa.Engine) -> set[str]:
    return {column["name"] for column in sa.inspect(engine).get_columns("documents")}


def test_a_new_database_has_the_newest_schema(engine: sa.Engine) -> None:
    assert version_of(engine) is None
    migrate(engine)
    assert version_of(engine) == newest()
    assert is_current(engine)


def test_steps_are_numbered_without_gaps() -> None:
    assert sorted(STEPS) == list(range(FIRST + 1, newest() + 1))


def test_an_older_database_takes_the_steps_it_lacks(engine: sa.Engine) -> None:
    migrate(engine)
    assert not is_current(engine, LATER)
    migrate(engine, LATER)
    assert "shelf" in columns(engine)
    assert version_of(engine) == newest(LATER)
    migrate(engine, LATER)
    assert version_of(engine) == newest(LATER)


def test_a_step_that_fails_leaves_nothing_of_itself(engine: sa.Engine) -> None:
    def fail(connection: sa.Connection) -> None:
        _add_column(connection)
        raise HomeProblem("stopped")

    migrate(engine)
    with pytest.raises(HomeProblem, match="stopped"):
        migrate(engine, {newest() + 1: fail})
    assert "shelf" not in columns(engine)
    assert version_of(engine) == newest()


def test_a_home_of_a_newer_version_is_refused_with_the_remedy(home: Path) -> None:
    KnowledgeBase.open(home).close()
    engine = connect(f"sqlite:///{home / 'store.sqlite3'}")
    with engine.begin() as connection:
        row = {"version": newest() + 5, "applied_at": "2030-01-01"}
        connection.execute(sa.insert(schema_version).values(row))
    engine.dispose()
    with pytest.raises(HomeTooNew, match="pip install --upgrade policykb"):
        KnowledgeBase.open(home)


def test_a_database_of_something_else_is_refused(home: Path) -> None:
    home.mkdir()
    engine = connect(f"sqlite:///{home / 'store.sqlite3'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE songs (name TEXT)")
    engine.dispose()
    with pytest.raises(HomeProblem, match="not one of policykb"):
        KnowledgeBase.open(home)
