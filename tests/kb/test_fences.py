"""Whoever loses a lock of a shared store notices before it writes, and others may take over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from clusterlab import PostgresServer, postgres_programs, running_postgres
from homelab import home_at

from kb import HomeLocked, KnowledgeBase
from kb.migrations import migrate
from kb.store.dialect import writing
from kb.store.engine import connect
from kb.store.fences import OURS, Held
from kb.store.locks import StoreLocks
from kb.store.outbox import StoreOutbox
from kb.store.retry import patient, persistent

pytestmark = pytest.mark.slow

SONG = sa.text("INSERT INTO counters (name, value) VALUES (:name, 1)")
LOST = "connection that held the (writers|publishers)' lock was lost"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.store.fences.REGAIN", 0.2)


@pytest.fixture
def engine(postgres: PostgresServer) -> Iterator[sa.Engine]:
    made = connect(postgres.new_database())
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def other(engine: sa.Engine) -> Iterator[sa.Engine]:
    made = connect(engine.url)
    yield made
    made.dispose()


def cut(engine: sa.Engine, what: Held = Held.WRITING) -> int:
    """End the connections that hold a lock, as a lost link does; return how many."""
    query = sa.text(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_locks "
        "WHERE locktype = 'advisory' AND classid = :ours AND objid = :what AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with engine.connect() as connection:
        return int(connection.execute(query, {"ours": OURS, "what": int(what)}).scalar_one())


def write(engine: sa.Engine, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(SONG, {"name": name})


def written(engine: sa.Engine) -> set[str]:
    with engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM counters").scalars()
        return {name for name in names if name.startswith("song")}


@pytest.mark.parametrize("alone", [False, True])
def test_a_lock_that_was_lost_and_that_nobody_took_is_taken_anew(
    engine: sa.Engine, other: sa.Engine, *, alone: bool
) -> None:
    with StoreLocks(engine).writing(alone=alone, patience=0.0):
        write(engine, "song 1")
        assert cut(other) == 1
        write(engine, "song 2")
        # Held again, and not only thought to be.
        with pytest.raises(HomeLocked):
            StoreLocks(other).writing(alone=True, patience=0.0).__enter__()
    assert written(other) == {"song 1", "song 2"}


@pytest.mark.parametrize(("first", "second"), [(False, True), (True, False), (True, True)])
@pytest.mark.parametrize("left", [False, True])
def test_a_writer_whose_lock_is_another_s_writes_nothing(
    engine: sa.Engine, other: sa.Engine, *, first: bool, second: bool, left: bool
) -> None:
    lock = StoreLocks(other).writing(alone=second, patience=1.0)
    # What is held is held by a thread.
    with ThreadPoolExecutor(1) as thread, StoreLocks(engine).writing(alone=first, patience=0.0):
        write(engine, "song 1")
        assert cut(other) == 1
        thread.submit(lock.__enter__).result()
        if left:
            thread.submit(lock.__exit__, None, None, None).result()
        for _ in range(2):
            with pytest.raises(HomeLocked, match=LOST):
                write(engine, "song 2")
        if not left:
            thread.submit(lock.__exit__, None, None, None).result()
    assert written(other) == {"song 1"}
    with StoreLocks(engine).writing(alone=True, patience=0.0):
        write(engine, "song 3")
    assert written(other) == {"song 1", "song 3"}


def test_writers_side_by_side_do_not_keep_one_another_out(
    engine: sa.Engine, other: sa.Engine
) -> None:
    with StoreLocks(engine).writing(alone=False, patience=0.0):
        assert cut(other) == 1
        run(lambda: locked_write(other, "song 1"))
        write(engine, "song 2")
    assert written(other) == {"song 1", "song 2"}


def test_who_comes_next_waits_for_what_was_begun_before(
    engine: sa.Engine, other: sa.Engine
) -> None:
    order: list[str] = []

    def alone() -> None:
        with StoreLocks(other).writing(alone=True, patience=5.0):
            order.append("the next is in")
            assert "song 1" in written(other)

    with StoreLocks(engine).writing(alone=False, patience=0.0):
        with writing(engine) as connection:
            assert cut(other) == 1
            thread = threading.Thread(target=alone)
            thread.start()
            thread.join(1.0)
            assert thread.is_alive()
            connection.execute(SONG, {"name": "song 1"})
            order.append("committed")
        thread.join()
    assert order == ["committed", "the next is in"]


def test_a_publisher_whose_lock_is_another_s_strikes_nothing_out(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    home = home_at(tmp_path / "home", store=postgres.new_database())
    with KnowledgeBase.open(home) as base:
        outbox = StoreOutbox.of(base._home.store, home)
        outbox.attach()
        base.ingest_bytes("甲.txt", "渔港。".encode())
        waiting = outbox.waiting()
        assert waiting
        with connected(base._home.store._engine.url) as other:
            beside = StoreOutbox(other, home)
            with outbox.publishing():
                assert cut(other, Held.PUBLISHING) == 1
                outbox.confirm()
                assert cut(other, Held.PUBLISHING) == 1
                run(lambda: published(beside))
                with pytest.raises(HomeLocked, match=LOST):
                    outbox.confirm()
                with pytest.raises(HomeLocked, match=LOST):
                    outbox.acknowledge(outbox.newest())
        assert outbox.waiting() == waiting
        # Who writes documents is not kept from it by who publishes.
        assert base.ingest_bytes("乙.txt", "渔船。".encode()).status == "added"


def test_an_ingest_whose_lock_was_lost_adds_nothing_another_could_not_see(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    home = home_at(tmp_path / "home", store=postgres.new_database())
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(f"第{number}号渔港。", "utf-8")
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    with KnowledgeBase.open(home) as base, connected(base._home.store._engine.url) as other:
        seen: list[str] = []

        def taken_over(at: object) -> None:
            report = getattr(at, "report", None)
            if report is not None and not seen:
                seen.append(report.path)
                assert cut(other) == 1
                run(lambda: locked_write(other, "song", alone=True))

        with pytest.raises(HomeLocked, match=LOST):
            base.ingest(paths, workers=1, on_progress=taken_over)
        assert [info.name for info in base.documents()] == [Path(seen[0]).name]
        # The same command goes on where it stopped.
        report = base.ingest(paths, workers=1)
        assert sorted(each.status for each in report.documents) == ["added", "added", "unchanged"]
        assert base.verify().ok


def test_a_server_that_is_started_anew_costs_a_writer_no_file(tmp_path: Path) -> None:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with running_postgres(programs) as server:
        engine = connect(server.new_database())
        migrate(engine)
        with patient(60.0), StoreLocks(engine).writing(alone=True, patience=0.0):
            write(engine, "song 1")
            server.stop()
            server.start()
            persistent(engine, lambda: write(engine, "song 2"))
            with connected(engine.url) as other:
                assert written(other) == {"song 1", "song 2"}
                with pytest.raises(HomeLocked):
                    StoreLocks(other).writing(alone=False, patience=0.0).__enter__()
        engine.dispose()


class connected:  # noqa: N801 - used as a function
    """An engine of its own for a database, as another host has."""

    def __init__(self, url: sa.URL) -> None:
        self.engine = connect(url)

    def __enter__(self) -> sa.Engine:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.dispose()


def locked_write(engine: sa.Engine, name: str, *, alone: bool = False) -> None:
    with StoreLocks(engine).writing(alone=alone, patience=1.0):
        write(engine, name)


def published(outbox: StoreOutbox) -> None:
    with outbox.publishing(1.0):
        """What is published is not looked at."""


def run(what: Callable[[], object]) -> None:
    """Do something in another thread, and raise what it raises."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(what).result()
