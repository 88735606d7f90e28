"""Products in blocks, and ids by a table: the same as in one go."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.rerank import BLOCK, _distinct, _near


@given(st.lists(st.integers(0, 500), min_size=1, max_size=200))
def test_ids_are_found_by_a_table_as_by_sorting(ids: list[int]) -> None:
    flat = np.array(ids, np.uint32)
    distinct, places = _distinct(flat)
    assert distinct.tolist() == sorted(set(ids))
    assert distinct[places].tolist() == ids


@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 5])
@pytest.mark.parametrize("words", [1, 12])
def test_cosines_in_blocks_are_those_of_one_product(count: int, words: int) -> None:
    rng = np.random.default_rng(count)
    vectors = rng.standard_normal((count, 256)).astype(np.float32)
    vectors[0] = 0
    asked = rng.standard_normal((words, 256)).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    near, norms = _near(vectors, asked)
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.allclose(norms, lengths, rtol=1e-5)
    cosines = vectors @ asked.T / np.maximum(lengths, 1e-9)[:, None]
    assert np.allclose(near, np.maximum(cosines, 0), atol=1e-6)
    assert not near[0].any()
