"""A reader goes on with its generation when newer ones have taken its files away."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from index import Encoder, Entry, IndexDamaged, SearchIndex, Segmenter
from index.types import Mode

ENTRIES = [Entry(key, f"第{key}条 渔业资源养护") for key in range(1, 9)]
MODES: tuple[Mode, ...] = ("hybrid", "lexical", "dense")


def test_an_index_that_was_opened_searches_when_its_files_are_gone(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 1)
    # Nothing was asked of it before: whatever it opens late, it must do without its folder.
    index = SearchIndex.open(tmp_path, encoder, segmenter)
    for revision in range(2, 6):
        SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, revision)
    assert not (tmp_path / "generations" / f"{index.manifest.generation:08d}").exists()
    assert index.is_stale()
    for mode in MODES:
        for allowed in (None, np.arange(1, 3)):
            hits = index.search("渔业资源养护", 5, mode, allowed)
            assert len(hits) == (5 if allowed is None else 2)


def test_damage_that_shows_only_when_files_are_read_is_told(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 1)
    [postings] = tmp_path.glob("generations/*/lexical/*.idx")
    data = postings.read_bytes()
    told = 0
    for at in range(0, len(data) // 2, 5):
        # A new file: shortening one that is mapped would end this process.
        postings.unlink()
        postings.write_bytes(data[:at] + b"\xff\xff\xff" + data[at + 3 :])
        try:
            SearchIndex.open(tmp_path, encoder, segmenter).search("渔业资源养护", 5, "lexical")
        except IndexDamaged:
            told += 1
    postings.unlink()
    postings.write_bytes(data)
    assert told
    assert SearchIndex.open(tmp_path, encoder, segmenter).search("渔业资源养护", 5)
