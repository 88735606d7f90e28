"""Segments of the vector index: what is written again when, and that nothing is lost by it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import DenseWriter, FaissIndex, merging
from index.dense import segment as segment_module
from index.dense.merging import Size, joined
from index.types import Vectors

DIMENSION = 16


def vectors_of(keys: list[int], version: int = 0) -> Vectors:
    rows = [
        np.random.default_rng([key, version, 1]).normal(size=DIMENSION).astype(np.float32)
        for key in keys
    ]
    found = np.array(rows, np.float32).reshape(-1, DIMENSION)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def changed(
    source: Path | None, target: Path, add: list[int] = (), remove: list[int] = ()
) -> FaissIndex:  # type: ignore[assignment]
    writer = DenseWriter(DIMENSION, source)
    writer.remove([*remove, *add])
    writer.add(np.array(add, np.int64), vectors_of(add))
    writer.save(target)
    return FaissIndex(target)


def files(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let indexes of a few hundred rows do what others do at a few hundred thousand."""
    for name, value in (("LARGEST_EXACT", 300), ("LARGEST_TAIL", 60), ("SMALL", 8)):
        monkeypatch.setattr(merging, name, value)
    monkeypatch.setattr(segment_module, "FEW_ROWS", 5)


@pytest.mark.usefixtures("small")
def test_what_does_not_change_is_linked_and_not_written(tmp_path: Path) -> None:
    changed(None, tmp_path / "1", list(range(200)))
    changed(tmp_path / "1", tmp_path / "2", list(range(1000, 1020)))
    before, after = files(tmp_path / "1"), files(tmp_path / "2")
    assert before.items() <= after.items()
    assert {name.split("/")[0] for name in after} == {"00000001", "00000002"}


@pytest.mark.usefixtures("small")
def test_a_removal_writes_one_bit_a_row(tmp_path: Path) -> None:
    changed(None, tmp_path / "1", list(range(200)))
    index = changed(tmp_path / "1", tmp_path / "2", remove=[7, 8])
    new = {
        k: v for k, v in files(tmp_path / "2").items() if v not in files(tmp_path / "1").values()
    }
    assert list(new) == ["00000001/dead.npy"]
    assert (tmp_path / "2" / "00000001" / "dead.npy").stat().st_size < 200
    assert index.keys().tolist() == [key for key in range(200) if key not in (7, 8)]
    assert index.search(vectors_of([7])[0], 1)[0][0] != 7
    assert index.scores(vectors_of([7])[0], np.array([7, 9])).keys() == {9}
    again = changed(tmp_path / "2", tmp_path / "3", remove=[9])
    assert set(range(200)) - set(again.keys().tolist()) == {7, 8, 9}
    assert len(FaissIndex(tmp_path / "2").keys()) == 198


@pytest.mark.usefixtures("small")
def test_room_of_what_was_removed_is_taken_back(tmp_path: Path) -> None:
    changed(None, tmp_path / "1", list(range(200)))
    index = changed(tmp_path / "1", tmp_path / "2", remove=list(range(60)))
    (only,) = index.segments
    assert only.dead is None
    assert len(only) == 140
    assert changed(tmp_path / "2", tmp_path / "3", remove=list(range(200))).segments == []


@pytest.mark.usefixtures("small")
def test_exact_segments_join_the_lists_when_they_have_grown(tmp_path: Path) -> None:
    changed(None, tmp_path / "0", list(range(400)))
    for step in range(1, 8):
        new = list(range(1000 * step, 1000 * step + 10))
        index = changed(tmp_path / str(step - 1), tmp_path / str(step), new)
        tail = sum(len(one) for one in index.segments if not one.inverted)
        assert tail == (10 * step if step < 7 else 0)
    (only,) = index.segments
    # The same centres: 470 rows do not ask for more lists.
    assert only.lists == FaissIndex(tmp_path / "0").segments[0].lists
    for key in (0, 399, 1000, 7009):
        assert index.search(vectors_of([key])[0], 1)[0] == (key, pytest.approx(1, abs=2e-3))
        assert index.scores(vectors_of([key])[0], np.array([key]))[key] == pytest.approx(
            1, abs=2e-3
        )


@pytest.mark.parametrize("step", [1, 30, 1000])
def test_segments_stay_few_and_rows_are_seldom_written_again(step: int) -> None:
    sizes: list[Size] = []
    written = 0
    for _ in range(100_000 // step if step > 1 else 5000):
        again = joined(sizes, step)
        rows = step + sum(sizes[at].live for at in again)
        written += rows
        sizes = [one for at, one in enumerate(sizes) if at not in again] + [Size(rows, rows, False)]
        assert len(sizes) <= 2 + np.log2(100_000 / merging.SMALL)
    total = sum(one.rows for one in sizes)
    # Every row about once for each doubling, and again with each publication while it is new.
    assert written <= total * (np.log2(100_000) + merging.SMALL / step)


def test_nothing_is_written_where_nothing_changes() -> None:
    assert joined([Size(1000, 1000, False), Size(10, 10, False)], 0) == frozenset()
    assert joined([], 0) == frozenset()


KEYS = st.lists(st.integers(0, 60), max_size=40, unique=True)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=7),
    st.sampled_from([(10_000, 10_000, 8), (45, 12, 4), (45, 12, 0)]),
    st.lists(st.integers(0, 60), unique=True),
)
def test_an_index_holds_what_a_dictionary_would(
    publications: list[tuple[list[int], list[int]]],
    limits: tuple[int, int, int],
    allowed: list[int],
) -> None:
    """Additions, which replace, and removals, however merged; a key has one to three windows."""
    held: dict[int, Vectors] = {}
    with tempfile.TemporaryDirectory() as root, pytest.MonkeyPatch.context() as patch:
        names = ("LARGEST_EXACT", "LARGEST_TAIL", "SMALL")
        for name, value in zip(names, limits, strict=True):
            patch.setattr(merging, name, value)
        patch.setattr(segment_module, "FEW_ROWS", 2)
        source = None
        for version, (add, remove) in enumerate(publications):
            writer = DenseWriter(DIMENSION, source)
            assert writer.holding(remove) == set(remove) & held.keys()
            writer.remove([*remove, *add])
            for key in remove:
                held.pop(key, None)
            for key in add:
                windows = [key + 100 * at for at in range(1 + key % 3)]
                held[key] = vectors_of(windows, version) * (1 if key else 0)
                writer.add(np.full(len(held[key]), key), held[key])
            source = Path(root) / str(version)
            assert writer.keys().tolist() == sorted(held)
            writer.save(source)
            index = FaissIndex(source)
            _check(index, held, None)
            _check(index, held, allowed)


def _check(index: FaissIndex, held: dict[int, Vectors], allowed: list[int] | None) -> None:
    assert index.keys().tolist() == sorted(held)
    query = vectors_of([99])[0]
    expected = {
        key: float((vectors @ query).max())
        for key, vectors in held.items()
        if allowed is None or key in allowed
    }
    among = None if allowed is None else np.array(sorted(allowed), np.int64)
    found = index.search(query, 100, among)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    positive = {key: score for key, score in expected.items() if score > 0}
    assert dict(found) == pytest.approx(positive, abs=3e-3)
    scores = index.scores(query, np.array(sorted(held), np.int64))
    assert scores.keys() == held.keys()
