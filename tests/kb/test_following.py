"""An index elsewhere catches up by itself once its engine is back, and nobody asks anything."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import pytest
from clusterlab import PostgresServer
from homelab import home_at
from milvuslab import MilvusServer
from waiting import wait_for

from kb import IndexFollower, KnowledgeBase
from kb.outside import OutsideKeeper

pytestmark = pytest.mark.slow

OFTEN = 0.2


def waiting(base: KnowledgeBase) -> int:
    return base._keeper.waiting()


def test_what_waits_is_taken_on_once_the_engine_is_back(
    outside: KnowledgeBase, engine: MilvusServer
) -> None:
    # Another process of the same home, which has added nothing.
    it_is_taken_on_by(outside.home, outside, engine)


def test_a_replica_takes_on_what_another_host_has_left(
    postgres: PostgresServer, engine: MilvusServer, tmp_path: Path
) -> None:
    shared = {
        "store": postgres.new_database(),
        "index": engine.new_index("?timeout=2"),
        "originals": str(tmp_path / "originals"),
    }
    for name in ("one", "other"):
        home_at(tmp_path / name, **shared)
    with KnowledgeBase.open(tmp_path / "one") as one:
        it_is_taken_on_by(tmp_path / "other", one, engine)


def it_is_taken_on_by(home: Path, outside: KnowledgeBase, engine: MilvusServer) -> None:
    """Add a file while the engine is away; a follower of a home asked nothing sees to it."""
    outside.ingest_bytes("甲.txt", "渔港泊位。".encode())
    engine.kill()
    outside.ingest_bytes("乙.txt", "集装箱吞吐量。".encode())
    assert waiting(outside)
    with KnowledgeBase.open(home) as idle:
        follower = IndexFollower(idle, OFTEN)
        follower.start()
        assert follower.is_working()
        time.sleep(1.0)
        assert waiting(outside)
        engine.start()
        assert wait_for(lambda: not waiting(outside))
        follower.stop()
        assert not follower.is_working()
    assert outside.search("集装箱吞吐量").hits
    assert outside.verify().ok


def test_it_is_quiet_where_nothing_waits(
    outside: KnowledgeBase, engine: MilvusServer, caplog: pytest.LogCaptureFixture
) -> None:
    outside.ingest_bytes("甲.txt", "渔港泊位。".encode())
    keeper = outside._keeper
    assert isinstance(keeper, OutsideKeeper)
    with caplog.at_level(logging.INFO):
        # An engine that is away is not asked at all.
        engine.kill()
        assert all(keeper.follow() for _ in range(3))
    assert caplog.text == ""


def test_whoever_has_just_written_is_left_to_see_to_it(
    outside: KnowledgeBase, engine: MilvusServer
) -> None:
    outside.ingest_bytes("甲.txt", "渔港泊位。".encode())
    keeper = outside._keeper
    assert isinstance(keeper, OutsideKeeper)
    engine.kill()
    outside.ingest_bytes("乙.txt", "集装箱吞吐量。".encode())
    engine.start()
    assert keeper.follow()
    assert waiting(outside)
    # The breaker lets the next through after a moment.
    assert wait_for(lambda: keeper.follow() and not waiting(outside))


def test_an_index_of_the_home_needs_none(base: KnowledgeBase) -> None:
    follower = IndexFollower(base)
    follower.start()
    assert not follower.is_working()
    follower.stop()
    assert base._keeper.follow()
