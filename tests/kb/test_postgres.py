"""What PostgreSQL does that no file does: it is started anew, locked, older, and far away."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from clusterlab import PostgresServer, postgres_programs, running_postgres
from homelab import home_at

from kb import HomeLocked, HomeProblem, InvalidInput, KBError, KnowledgeBase, NotFound
from kb.errors import StoreUnavailable
from kb.migrations import is_current, migrate, version_of
from kb.store.dialect import INSTEAD, settle_types
from kb.store.engine import connect
from kb.store.locks import StoreLocks
from kb.store.retry import patient
from kb.store.writing import SqlStore

pytestmark = pytest.mark.slow

DATA = Path(__file__).parent / "data"


def at(folder: Path, url: str) -> Path:
    """Return a home of a store; those beside one another share originals."""
    return home_at(folder, store=url, originals=str(folder.parent / "originals"))


@pytest.fixture
def stoppable() -> Iterator[PostgresServer]:
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with running_postgres(programs) as server:
        yield server


def test_a_server_that_is_started_anew_delays_and_loses_nothing(
    stoppable: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {f"{n}.txt": f"第{n}号渔港的泊位。".encode() for n in range(3)}
    with KnowledgeBase.open(at(tmp_path / "home", stoppable.new_database())) as base:
        base.ingest_bytes("0.txt", texts["0.txt"])
        stoppable.stop()
        monkeypatch.setattr("kb.store.retry.PATIENCE", 2.0)
        with patient(2.0), pytest.raises(StoreUnavailable, match="does not answer") as refused:
            base.documents()
        assert refused.value.status == 503
        assert "unused" not in refused.value.message
        # Others are told at once, and not after as long again.
        started = time.monotonic()
        with patient(2.0), pytest.raises(StoreUnavailable, match="tried again in"):
            base.documents()
        assert time.monotonic() - started < 1.8
        restarted = threading.Timer(1.5, stoppable.start)
        restarted.start()
        # One who is patient goes on as if nothing had been.
        with patient(60.0):
            assert base.ingest_bytes("1.txt", texts["1.txt"]).status == "added"
        restarted.join()
        assert base.ingest_bytes("2.txt", texts["2.txt"]).status == "added"
        assert {info.name for info in base.documents()} == set(texts)
        assert base.verify().ok


def test_a_transaction_the_server_dies_in_is_done_again(
    stoppable: PostgresServer, tmp_path: Path
) -> None:
    from kb.store.changing import Changing

    finish = Changing.finish
    died = []

    def die_first(self: Changing) -> None:
        finish(self)
        if not died:
            died.append(True)
            stoppable.stop()
            stoppable.start()

    with KnowledgeBase.open(at(tmp_path / "home", stoppable.new_database())) as base:
        with pytest.MonkeyPatch.context() as patched, patient(60.0):
            patched.setattr(Changing, "finish", die_first)
            assert base.ingest_bytes("甲.txt", "渔港。".encode()).status == "added"
        assert died
        assert len(base.documents()) == 1
        assert base.revision() == 1
        assert base.verify().ok


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"port": 1}, "cannot be reached|does not answer"),
        ({"database": "none_such"}, "does not exist.*`store`"),
        ({"host": "no-such-host.invalid"}, "cannot be reached|does not answer"),
    ],
)
def test_an_address_that_leads_nowhere_says_so_without_the_password(
    postgres: PostgresServer, tmp_path: Path, wrong: dict[str, object], said: str
) -> None:
    url = sa.make_url(postgres.url("postgres").replace("unused", "s3cret"))
    url = url.set(**wrong)  # type: ignore[arg-type]
    home = at(tmp_path / "home", url.render_as_string(hide_password=False))
    with patient(0.2), pytest.raises(StoreUnavailable, match=said) as refused:
        KnowledgeBase.open(home)
    assert "s3cret" not in str(refused.value)


def test_another_s_database_is_left_alone(postgres: PostgresServer, tmp_path: Path) -> None:
    url = postgres.new_database()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE songs (name TEXT)")
    engine.dispose()
    with pytest.raises(HomeProblem, match="not one of policykb") as refused:
        KnowledgeBase.open(at(tmp_path / "home", url))
    assert "unused" not in str(refused.value)


def test_hosts_write_at_a_time_and_see_one_another(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    url = postgres.new_database()
    homes = [at(tmp_path / name, url) for name in ("a", "b", "c")]
    failed: list[KBError] = []

    def add(home: Path, own: int) -> None:
        try:
            with KnowledgeBase.open(home) as base:
                for n in range(6):
                    # Every host adds the same file too, and one under the same name.
                    base.ingest_bytes("同.txt", "三家都有的文件。".encode())
                    base.ingest_bytes("争.txt", f"第{own}家的第{n}版。".encode())
                    base.ingest_bytes(f"{own}-{n}.txt", f"第{own}家的第{n}个文件。".encode())
        except KBError as error:
            failed.append(error)

    threads = [threading.Thread(target=add, args=(home, n)) for n, home in enumerate(homes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with KnowledgeBase.open(homes[0]) as base:
        # 18 of their own, the one they share, and whichever version came last.
        assert len(base.documents()) == 20
        assert len(base.documents(replaced=True)) == 19 + 18
        assert base.verify().ok
        assert base.search("三家都有的文件").hits


def test_the_server_lets_go_of_who_was_cut_off(postgres: PostgresServer) -> None:
    engine = connect(postgres.new_database())
    with engine.connect() as connection:
        names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count")
        seconds = [int(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names]
    # Without these a session, and the lock it holds, outlives its client by hours.
    assert seconds[0] + seconds[1] * seconds[2] <= 20
    engine.dispose()


def test_locks_let_writers_in_together_and_one_alone(postgres: PostgresServer) -> None:
    engine = connect(postgres.new_database())
    locks = StoreLocks(engine)
    with (
        locks.writing(alone=False, patience=0.0),
        locks.writing(alone=False, patience=0.0),
        pytest.raises(HomeLocked, match="adding documents"),
    ):
        locks.writing(alone=True, patience=0.2).__enter__()
    # The server frees what a connection held a moment after that has ended.
    with locks.writing(alone=True, patience=60.0), pytest.raises(HomeLocked, match="as a whole"):
        locks.writing(alone=False, patience=0.2).__enter__()
    engine.dispose()


def test_characters_it_cannot_hold_are_held_as_others(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    with KnowledgeBase.open(at(tmp_path / "home", postgres.new_database())) as base:
        base.record_audit("a\0b", "\\u0000 stays", 200)
        base.make_key("k", ["read"], ["x"])
        assert base.audit()[0].action == f"a{INSTEAD}b"
        assert base.audit()[0].subject == "\\u0000 stays"


def test_a_backup_names_the_database_s_own_means(postgres: PostgresServer, tmp_path: Path) -> None:
    with KnowledgeBase.open(at(tmp_path / "home", postgres.new_database())) as base:
        with pytest.raises(HomeProblem, match="pg_dump") as refused:
            base.back_up(tmp_path / "x.policykb")
        assert "unused" not in refused.value.message


def test_a_number_too_large_is_refused_as_such(postgres: PostgresServer, tmp_path: Path) -> None:
    with KnowledgeBase.open(at(tmp_path / "home", postgres.new_database())) as base:
        base.ingest_bytes("甲.txt", "渔港。".encode())
        [info] = base.documents()
        with pytest.raises((InvalidInput, NotFound)):
            base.page_text(info.document_id, 1 << 80)


def columns(engine: sa.Engine) -> dict[tuple[str, str], tuple[str, str | None, bool]]:
    query = (
        "SELECT table_name, column_name, data_type, collation_name, is_nullable = 'YES' "
        "FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    with engine.begin() as connection:
        rows = connection.exec_driver_sql(query).all()
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}


def test_types_are_settled_once_and_for_all(postgres: PostgresServer) -> None:
    engine = connect(postgres.new_database())
    migrate(engine)
    made = columns(engine)
    assert {kind for kind, *_ in made.values()} <= {
        "bigint", "boolean", "bytea", "character varying", "date", "double precision", "integer",
        "jsonb", "text",
    }  # fmt: skip
    texts = {
        collation for kind, collation, _ in made.values() if kind in {"text", "character varying"}
    }
    assert texts == {"C"}
    assert made["passages", "key"][0] == made["audit", "number"][0] == "bigint"
    with engine.begin() as connection:
        settle_types(connection)
    assert columns(engine) == made
    engine.dispose()


OLDER = sorted(path.parent.name for path in DATA.glob("schema*/store.sql"))


def as_postgres_had_it(script: str, engine: sa.Engine) -> None:
    """Make the tables and rows of an older SQLite database in PostgreSQL."""
    source = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with source.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.executescript(script)
        tables = sa.MetaData()
        with warnings.catch_warnings():
            # Of indexes over expressions and the like, which are made anew all the same.
            warnings.simplefilter("ignore")
            tables.reflect(connection)
        # What SQLite does not tell: what is bytes, and what counts up by itself.
        for name in {"lines", "upload_parts"} & set(tables.tables):
            tables.tables[name].c.data.type = sa.LargeBinary()
        tables.tables["schema_version"].c.version.autoincrement = False
        tables.remove(tables.tables.get("sqlite_sequence", sa.table("none")))  # type: ignore[arg-type]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as target:
            tables.create_all(target)
            for table in tables.sorted_tables:
                for row in connection.execute(sa.select(table)).mappings().all():
                    target.execute(sa.insert(table), dict(row))


@pytest.mark.parametrize("older", OLDER)
def test_a_database_of_each_schema_is_brought_to_the_newest(
    postgres: PostgresServer, older: str
) -> None:
    newest, old = connect(postgres.new_database()), connect(postgres.new_database())
    migrate(newest)
    as_postgres_had_it((DATA / older / "store.sql").read_text("utf-8"), old)
    assert version_of(old) == int(older.removeprefix("schema"))
    migrate(old)
    assert is_current(old)
    assert columns(old) == columns(newest)
    store = SqlStore(old)
    ids = [info.document_id for info in store.documents(replaced=True)]
    assert ids
    assert [store.altered(each) for each in ids] == [[]] * len(ids)
    assert store.clauses()
    newest.dispose()
    store.close()
