"""Requests counted in the store: hosts that share it let through no more than one would."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kb import KnowledgeBase, SharedRates
from kb.store.tables import rates

pytestmark = pytest.mark.backends("local", "postgresql")


@pytest.fixture
def counted(base: KnowledgeBase) -> SharedRates:
    return SharedRates(base._home.store._engine)


def test_only_a_store_of_several_hosts_is_counted_in(
    base: KnowledgeBase, back_end: dict[str, str]
) -> None:
    assert (SharedRates.of(base) is not None) == bool(back_end)


def test_no_more_are_let_through_than_the_limit(counted: SharedRates) -> None:
    assert [counted.spend("a", 3, 3600) for _ in range(5)] == [True, True, True, False, False]
    assert counted.spend("b", 3, 3600)
    previous, _, current, left = counted.windows("a", 3600)
    assert (previous, current) == (0, 3)
    assert 3600 < left <= 7200
    counted.clear("a")
    assert counted.spend("a", 3, 3600)


def test_many_at_a_time_are_counted_each(counted: SharedRates) -> None:
    with ThreadPoolExecutor(8) as pool:
        let_through = list(pool.map(lambda _: counted.spend("a", 20, 3600), range(40)))
    assert sum(let_through) == 20


def test_what_was_asked_in_the_window_before_counts_by_its_share(counted: SharedRates) -> None:
    window = 3600
    assert counted.spend("a", 100, window)
    with counted._engine.begin() as connection:
        connection.execute(rates.update().values(began=rates.c.began - 1, count=80))
    previous, left, current, _ = counted.windows("a", window)
    assert (previous, current) == (80, 0)
    allowed = sum(counted.spend("a", 100, window) for _ in range(101))
    # The clock went on by less than a minute since.
    assert abs(allowed - (100 - 80 * left / window)) < 4
