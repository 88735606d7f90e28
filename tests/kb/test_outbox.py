"""The outbox: every change that an index must hear of, in the order of commits, until it has."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import HomeLocked, KnowledgeBase
from kb.store.outbox import StoreOutbox
from kb.store.protocol import Change

pytestmark = pytest.mark.backends("local", "postgresql")


@pytest.fixture
def outbox(base: KnowledgeBase) -> StoreOutbox:
    return StoreOutbox.of(base._home.store, base.home)


def taken_in(base: KnowledgeBase, outbox: StoreOutbox, index: set[int]) -> list[Change]:
    """Do with all that is pending as the protocol has a publisher do."""
    every: list[Change] = []
    while changes := outbox.pending(3):
        keys = {change.key for change in changes}
        index -= keys
        index |= {entry.key for entry in base._home.store.entries(sorted(keys))}
        outbox.acknowledge(changes[-1].number)
        every += changes
    return every


def test_nothing_is_kept_before_somebody_wants_it(
    filled: KnowledgeBase, outbox: StoreOutbox
) -> None:
    assert not outbox.attached()
    assert outbox.waiting() == 0
    outbox.attach()
    outbox.attach()
    keys = filled._home.store.keys().tolist()
    assert [change.key for change in outbox.pending(1000)] == keys
    assert {change.kind for change in outbox.pending(1000)} == {"upsert"}
    assert outbox.waiting() == len(keys)


def test_an_index_fed_by_it_holds_what_the_store_does(
    filled: KnowledgeBase,
    outbox: StoreOutbox,
    files: dict[str, Path],
    revise: Callable[[], None],
) -> None:
    index: set[int] = set()
    store = filled._home.store

    def agrees() -> bool:
        taken_in(filled, outbox, index)
        return index == set(store.keys().tolist())

    outbox.attach()
    assert agrees()
    revise()
    filled.ingest([files["opinion"]], workers=1)
    assert agrees()
    [note] = [info for info in filled.documents() if info.name == "港口简况.md"]
    filled.remove([note.document_id])
    assert agrees()
    assert len(index) == sum(info.passages for info in filled.documents())
    filled.ingest(list(files.values()), workers=1, force=True, collection="新")
    assert agrees()
    assert outbox.waiting() == 0


def test_what_filters_ask_for_is_told_as_well(filled: KnowledgeBase, outbox: StoreOutbox) -> None:
    outbox.attach()
    taken_in(filled, outbox, set())
    [info] = [info for info in filled.documents() if info.name == "冷链意见.txt"]
    filled.correct(info.document_id, {"issuers": ("财政部",)})
    changes = outbox.pending(1000)
    own = [passage.key for passage in filled._home.store.passages(info.document_id)]
    assert sorted(change.key for change in changes) == own
    facts = list(filled._home.store.facts(own))
    assert {each.issuers for each in facts} == {("财政部",)}
    assert any("财政部" in each.ministries for each in facts)


def test_revisions_and_numbers_ascend_together(
    filled: KnowledgeBase, outbox: StoreOutbox, files: dict[str, Path]
) -> None:
    outbox.attach()
    assert outbox.indexed() == outbox.pending(1)[0].revision - 1
    filled.ingest(list(files.values()), workers=1, force=True)
    changes = outbox.pending(1000)
    assert [c.number for c in changes] == sorted({c.number for c in changes})
    assert [c.revision for c in changes] == sorted(c.revision for c in changes)
    taken_in(filled, outbox, set())
    assert outbox.indexed() == filled.revision()


def test_one_publishes_at_a_time(outbox: StoreOutbox) -> None:
    refused: list[Exception] = []

    def try_it() -> None:
        try:
            with outbox.publishing():
                pass
        except HomeLocked as error:
            refused.append(error)

    with outbox.publishing():
        other = threading.Thread(target=try_it)
        other.start()
        other.join()
    assert len(refused) == 1
    with outbox.publishing(patience=5.0):
        pass
