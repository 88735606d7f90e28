"""Long passages are read a stretch at a time."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from index.rerank import STRETCH, _stretches


@given(st.lists(st.integers(1, 150), min_size=1, max_size=60), st.integers(0, 9))
def test_stretches_cover_every_sentence_in_order_and_are_no_longer_than_they_may(
    lengths: list[int], start: int
) -> None:
    runs = list(_stretches(lengths, start))
    assert runs[0][0] == start
    assert runs[-1][1] == start + len(lengths)
    assert {at for low, high in runs for at in range(low, high)} == set(
        range(start, start + len(lengths))
    )
    for low, high in runs:
        assert high - low == 1 or sum(lengths[low - start : high - start]) <= STRETCH
    assert all(one < other for (one, _), (other, _) in itertools.pairwise(runs))


def test_a_short_passage_is_one_stretch() -> None:
    assert list(_stretches([40, 30, 30], 2)) == [(2, 5)]
