"""What `verify` learns about an index."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index import Encoder, Entry, SearchIndex, Segmenter
from index.checks import check_index
from index.dense import DenseWriter
from index.lexical_writer import LexicalWriter

ENTRIES = [Entry(key, f"第{key}条 渔业资源") for key in range(1, 9)]


def test_an_index_of_the_expected_keys_has_no_problem(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 7)
    checked = check_index(tmp_path, encoder, segmenter, np.arange(1, 9), revision=7)
    assert (checked.lexical, checked.dense, checked.problems) == (8, 8, ())


def test_keys_missing_and_left_over_are_named(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 7)
    checked = check_index(tmp_path, encoder, segmenter, np.array([1, 2, 3, 40]), revision=8)
    said = {problem.code: problem.message for problem in checked.problems}
    assert said.keys() == {
        "lexical-missing",
        "lexical-unknown",
        "dense-missing",
        "dense-unknown",
        "index-stale",
    }
    assert "passage 40" in said["lexical-missing"]
    assert "4, 5, 6, 7, 8" in said["dense-unknown"]


def test_one_side_that_differs_is_told_from_the_other(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 7)
    folder = next(tmp_path.glob("generations/*"))
    vectors = DenseWriter(64, folder / "dense")
    vectors.remove([3])
    vectors.save(tmp_path / "less")
    (folder / "dense").rename(tmp_path / "before")
    (tmp_path / "less").rename(folder / "dense")
    _forget_sizes(folder)
    checked = check_index(tmp_path, encoder, segmenter, np.arange(1, 9))
    assert [problem.code for problem in checked.problems] == ["dense-missing"]


def test_a_key_indexed_twice_is_found(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 7)
    folder = next(tmp_path.glob("generations/*"))
    with LexicalWriter(folder / "lexical", segmenter) as words:
        words.remove(8)
        words.add(ENTRIES[0])
    _forget_sizes(folder)
    checked = check_index(tmp_path, encoder, segmenter, np.arange(1, 9))
    assert {p.code for p in checked.problems} == {"lexical-repeated", "lexical-missing"}


def test_an_index_that_does_not_open_is_a_problem(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    checked = check_index(tmp_path, encoder, segmenter, np.arange(3))
    assert [problem.code for problem in checked.problems] == ["index-missing"]


def test_a_bit_that_has_changed_in_any_file_is_found(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 7)
    SearchIndex.publish(tmp_path, encoder, segmenter, add=[Entry(9, "新增条目")], revision=8)
    folder = max(tmp_path.glob("generations/*"))
    expected = np.arange(1, 10)
    assert check_index(tmp_path, encoder, segmenter, expected, 8).problems == ()
    files = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_size]
    assert len(files) > 8
    for path in files:
        data = path.read_bytes()
        # New files: shortening one that is mapped, if only for an instant, would end this process.
        path.unlink()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        if path.name != "manifest.json":
            problems = check_index(tmp_path, encoder, segmenter, expected, 8).problems
            assert {problem.code for problem in problems} & {"index-decayed", "index-damaged"}
        path.unlink()
        path.write_bytes(data)


def _forget_sizes(folder: Path) -> None:
    import json

    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"files": {}, "checksums": {}}))
