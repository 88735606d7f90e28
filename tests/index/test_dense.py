"""The vector index against plain cosines: one suite for the exact kind and for inverted lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index import IndexDamaged
from index.dense import DenseWriter, FaissIndex, merging, segment
from index.dense.faiss_files import list_count
from index.types import Keys, Vectors

DIMENSION = 32
ABSENT = 10**9


def unit(vectors: np.ndarray) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)


def clustered(count: int, seed: int) -> Vectors:
    """Vectors around 40 centres, as texts on 40 subjects are."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).normal(size=(40, DIMENSION))
    return unit(
        centres[rng.integers(0, 40, count)] + rng.normal(scale=0.6, size=(count, DIMENSION))
    )


@pytest.fixture(params=["exact", "inverted"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make every index of more than 500 vectors one of inverted lists, or none."""
    monkeypatch.setattr(segment, "FEW_ROWS", 50)
    if request.param == "inverted":
        monkeypatch.setattr(merging, "LARGEST_EXACT", 500)
    return str(request.param)


KEYS: Keys = np.random.default_rng(3).permutation(np.arange(0, 9000, 3))
VECTORS = clustered(len(KEYS), 1)


@pytest.fixture
def index(tmp_path: Path, kind: str) -> FaissIndex:
    writer = DenseWriter(DIMENSION)
    writer.add(KEYS[:1000], VECTORS[:1000])
    writer.add(KEYS[1000:], VECTORS[1000:])
    writer.save(tmp_path / "index")
    assert bool(list((tmp_path / "index").glob("*/places.npy"))) == (kind == "inverted")
    return FaissIndex(tmp_path / "index")


def plain(query: Vectors, k: int, allowed: np.ndarray | None = None) -> list[tuple[int, float]]:
    cosines = VECTORS @ query
    order = np.argsort(-cosines)
    if allowed is not None:
        order = order[np.isin(KEYS[order], allowed)]
    return [(int(KEYS[row]), float(cosines[row])) for row in order[:k] if cosines[row] > 0]


def test_finds_what_plain_cosines_find(index: FaissIndex) -> None:
    shared = 0
    for query in clustered(50, 2):
        found, expected = index.search(query, 10), plain(query, 10)
        assert len(found) == 10
        assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=2e-3)
        shared += len({key for key, _ in found} & {key for key, _ in expected})
    assert shared >= 0.99 * 500


@pytest.mark.parametrize("step", [1, 2, 10, 100, 1500])
def test_a_filter_is_exact_at_any_share(index: FaissIndex, step: int) -> None:
    allowed = np.append(np.sort(KEYS)[::step], ABSENT)
    for query in clustered(10, 4):
        found, expected = index.search(query, 10, allowed), plain(query, 10, allowed)
        assert len(found) == len(expected)
        assert {key for key, _ in found} <= set(allowed.tolist())
        assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=2e-3)


def test_nothing_allowed_finds_nothing(index: FaissIndex) -> None:
    assert index.search(VECTORS[0], 5, np.empty(0, np.int64)) == []
    assert index.search(VECTORS[0], 5, np.array([ABSENT])) == []


def test_scores_of_given_keys(index: FaissIndex) -> None:
    query = clustered(1, 5)[0]
    wanted = np.array([KEYS[17], ABSENT, KEYS[2000], KEYS[17]])
    scores = index.scores(query, wanted)
    assert scores.keys() == {int(KEYS[17]), int(KEYS[2000])}
    for row in (17, 2000):
        assert scores[int(KEYS[row])] == pytest.approx(max(VECTORS[row] @ query, 0), abs=2e-3)
    assert index.scores(query, np.empty(0, np.int64)) == {}


def test_a_zero_vector_matches_nothing(index: FaissIndex) -> None:
    assert index.search(np.zeros(DIMENSION, np.float32), 5) == []


def test_k_larger_than_the_index(index: FaissIndex) -> None:
    query = clustered(1, 6)[0]
    assert 0 < len(index.search(query, 100_000)) <= len(KEYS)


def test_removed_keys_are_gone_and_new_ones_are_found(
    index: FaissIndex, tmp_path: Path, kind: str
) -> None:
    writer = DenseWriter(DIMENSION, tmp_path / "index")
    writer.remove([*KEYS[:300].tolist(), ABSENT])
    added = clustered(1, 7)
    writer.add(np.array([50_000]), added)
    writer.save(tmp_path / "newer")
    newer = FaissIndex(tmp_path / "newer")
    assert newer.keys().tolist() == sorted([*KEYS[300:].tolist(), 50_000])
    assert newer.search(added[0], 1)[0] == (50_000, pytest.approx(1, abs=2e-3))
    assert newer.scores(added[0], np.array([50_000]))[50_000] == pytest.approx(1, abs=2e-3)
    for row in range(0, 300, 50):
        assert KEYS[row] not in [key for key, _ in newer.search(VECTORS[row], 20)]
    for row in (300, 1500, 2999):
        assert newer.search(VECTORS[row], 1)[0][0] == KEYS[row]
    assert index.search(VECTORS[0], 1)[0][0] == KEYS[0]


def test_lists_are_made_anew_when_the_index_has_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "LARGEST_EXACT", 500)
    small, large = clustered(1000, 8), clustered(9000, 9)
    writer = DenseWriter(DIMENSION)
    writer.add(np.arange(1000), small)
    writer.save(tmp_path / "small")
    writer = DenseWriter(DIMENSION, tmp_path / "small")
    writer.remove(range(100))
    writer.add(np.arange(1000, 10_000), large)
    writer.save(tmp_path / "large")
    index = FaissIndex(tmp_path / "large")
    assert list_count(1000) == 128
    assert index.segments[-1].raw.nlist == list_count(9900) == 512
    assert index.keys().tolist() == list(range(100, 10_000))
    for key, vector in ((100, small[100]), (9999, large[8999])):
        assert index.search(vector, 1)[0][0] == key


def test_a_passage_scores_what_its_best_window_scores(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(11)
    vectors = unit(rng.normal(size=(3000, DIMENSION)))
    writer = DenseWriter(DIMENSION)
    writer.add(np.repeat(np.arange(30), 100), vectors)
    writer.save(tmp_path / "index")
    index = FaissIndex(tmp_path / "index")
    assert len(index) == 30
    query = unit(rng.normal(size=(1, DIMENSION)))[0]
    best = (vectors @ query).reshape(30, 100).max(axis=1)
    assert index.scores(query, np.arange(30)) == pytest.approx(dict(enumerate(best)), abs=2e-3)
    found = index.search(query, 30)
    assert found[0][0] == int(best.argmax())
    assert len({key for key, _ in found}) == len(found)
    if kind == "exact":
        assert dict(found) == pytest.approx(dict(enumerate(best)), abs=2e-3)


def test_passages_without_a_vector_are_held_and_never_found(tmp_path: Path) -> None:
    vectors = clustered(3, 12)
    vectors[1] = 0
    writer = DenseWriter(DIMENSION)
    writer.add(np.arange(3), vectors)
    writer.save(tmp_path / "index")
    index = FaissIndex(tmp_path / "index")
    assert index.keys().tolist() == [0, 1, 2]
    assert 1 not in [key for key, _ in index.search(vectors[0], 3)]


@pytest.mark.usefixtures("index")
def test_damage_is_said_so(tmp_path: Path) -> None:
    (folder,) = (tmp_path / "index").iterdir()
    # A new file each time: shortening one that is mapped would end this process.
    (folder / "keys.npy").unlink()
    np.save(folder / "keys.npy", KEYS[:-1])
    with pytest.raises(IndexDamaged, match=r"3000 vectors and 2999 keys.*policykb rebuild"):
        FaissIndex(folder.parent)
    (folder / "keys.npy").unlink()
    (folder / "keys.npy").write_bytes(b"")
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        FaissIndex(folder.parent)
    (folder / "vectors.faiss").unlink()
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        FaissIndex(folder.parent)
