"""Publishing, opening and searching generations."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

from index import (
    Encoder,
    EncoderSpec,
    Entry,
    IndexDamaged,
    IndexMismatch,
    IndexMissing,
    IndexOutdated,
    SearchIndex,
    Segmenter,
    load_segmenter,
)

TEXTS = {
    3: "支持新能源汽车企业建立境外仓储和售后服务网络。",
    5: "技术性贸易壁垒对高新技术产品出口造成影响。",
    8: "二〇二三年我国汽车出口491万辆，同比增长57.9%。",
    13: "鼓励金融机构为跨境电商提供信贷支持。",
}
ENTRIES = [Entry(key, text) for key, text in TEXTS.items()]


@pytest.fixture
def index(tmp_path: Path, encoder: Encoder, segmenter: Segmenter) -> SearchIndex:
    return SearchIndex.publish(tmp_path, encoder, segmenter, add=ENTRIES, revision=1)


def keys(index: SearchIndex, query: str, mode: str = "hybrid", **rest: object) -> list[int]:
    return [hit.key for hit in index.search(query, 10, mode, **rest)]  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_finds_the_passage_that_holds_the_words(index: SearchIndex, mode: str) -> None:
    assert keys(index, "新能源汽车的境外仓储", mode)[0] == 3
    assert keys(index, "汽车出口 57.9%", mode)[0] == 8


def test_hybrid_hits_say_what_each_side_scored(index: SearchIndex) -> None:
    best = index.search("跨境电商信贷支持", 1)[0]
    assert best.lexical == index.search("跨境电商信贷支持", 1, "lexical")[0].score
    assert best.dense == index.search("跨境电商信贷支持", 1, "dense")[0].score


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "？！。",
        "😀😀",
        "AND OR NOT",
        'words:"a" +(',
        "的" * 5000,
        "a" * 100_000,
        "\0\ud7ff",
    ],
)
def test_queries_without_known_words_find_nothing(index: SearchIndex, query: str) -> None:
    assert index.search(query, 5, "lexical") == []
    assert all(hit.lexical == 0 for hit in index.search(query, 5))
    assert all(hit.score > 0 for hit in index.search(query, 5, "dense"))


def test_k_may_be_zero_or_larger_than_the_index(index: SearchIndex) -> None:
    assert index.search("汽车", 0) == []
    assert len(index.search("汽车", 10_000)) <= len(TEXTS)


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_allowed_keys_are_the_only_ones_found(index: SearchIndex, mode: str) -> None:
    assert keys(index, "新能源汽车出口", mode, allowed=np.array([5, 8])) == [8, 5]
    assert keys(index, "新能源汽车出口", mode, allowed=np.array([99])) == []
    assert keys(index, "新能源汽车出口", mode, allowed=np.empty(0, np.int64)) == []


def test_an_added_entry_replaces_one_of_its_key(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    newer = SearchIndex.publish(
        tmp_path,
        encoder,
        segmenter,
        add=[Entry(3, "渔业资源养护"), Entry(21, "渔船管理")],
        revision=2,
    )
    assert set(newer.keys()) == {3, 5, 8, 13, 21}
    assert len(newer) == 5
    assert set(keys(newer, "渔业渔船")) >= {3, 21}
    assert 3 not in keys(newer, "新能源汽车的境外仓储", "lexical")
    assert newer.manifest.revision == 2


def test_a_removed_key_is_gone_in_every_mode(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    newer = SearchIndex.publish(tmp_path, encoder, segmenter, remove=[5, 777], revision=2)
    assert newer.keys().tolist() == newer.dense.keys().tolist() == [3, 8, 13]
    for mode in ("hybrid", "lexical", "dense"):
        assert 5 not in keys(newer, TEXTS[5], mode)


def test_an_open_index_stays_whole_while_newer_ones_are_published(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    assert not index.is_stale()
    before = index.search("技术性贸易壁垒", 3)
    for revision in range(2, 7):
        SearchIndex.publish(tmp_path, encoder, segmenter, remove=[5], revision=revision)
    assert index.is_stale()
    assert index.search("技术性贸易壁垒", 3) == before
    assert len(list((tmp_path / "generations").iterdir())) == 2


def test_all_can_be_removed_and_an_empty_index_answers(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    empty = SearchIndex.publish(tmp_path, encoder, segmenter, remove=list(TEXTS), revision=2)
    assert len(empty) == 0
    assert empty.search("汽车", 3) == []
    again = SearchIndex.publish(tmp_path, encoder, segmenter, add=ENTRIES, revision=3)
    assert keys(again, "汽车出口")[0] == 8


def test_rebuild_mends_any_state(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    (tmp_path / "CURRENT").write_text("nonsense")
    with pytest.raises(IndexDamaged, match="policykb rebuild"):
        SearchIndex.open(tmp_path, encoder, segmenter)
    rebuilt = SearchIndex.rebuild(tmp_path, encoder, segmenter, ENTRIES, 4)
    assert rebuilt.manifest.revision == 4
    assert keys(SearchIndex.open(tmp_path, encoder, segmenter), "汽车出口")[0] == 8


def test_nothing_published_is_said_so(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    with pytest.raises(IndexMissing, match="policykb rebuild"):
        SearchIndex.open(tmp_path, encoder, segmenter)


class Renamed:
    """The same encoder under another model's name."""

    def __init__(self, encoder: Encoder) -> None:
        self.spec = EncoderSpec(model="other", dimension=64, fingerprint="bigrams")
        self.encode_queries = encoder.encode_queries
        self.encode_passages = encoder.encode_passages


@pytest.mark.usefixtures("index")
def test_another_encoder_or_segmenter_is_refused(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    with pytest.raises(IndexMismatch, match=r"model 'hash'.*'other'.*policykb rebuild"):
        SearchIndex.open(tmp_path, Renamed(encoder), segmenter)
    with pytest.raises(IndexMismatch, match=r"segmenter.*policykb rebuild"):
        SearchIndex.open(tmp_path, encoder, load_segmenter("jieba"))
    with pytest.raises(IndexMismatch):
        SearchIndex.publish(tmp_path, Renamed(encoder), segmenter, add=ENTRIES, revision=2)


@pytest.mark.usefixtures("index")
def test_another_format_is_refused(tmp_path: Path, encoder: Encoder, segmenter: Segmenter) -> None:
    manifest = next(tmp_path.glob("generations/*/manifest.json"))
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 99}))
    with pytest.raises(IndexMismatch, match="format 99") as refused:
        SearchIndex.open(tmp_path, encoder, segmenter)
    assert not isinstance(refused.value, IndexOutdated)
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"format": 3}))
    with pytest.raises(IndexOutdated, match=r"format 3.*policykb rebuild"):
        SearchIndex.open(tmp_path, encoder, segmenter)


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("harm", ["remove", "truncate"])
def test_harm_to_any_file_is_noticed(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter, harm: str
) -> None:
    folder = next(tmp_path.glob("generations/*"))
    for path in [p for p in folder.rglob("*") if p.is_file() and p.stat().st_size]:
        whole = path.read_bytes()
        # A new file each time: shortening one that is mapped would end this process.
        path.unlink()
        if harm == "truncate":
            path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(IndexDamaged, match="policykb rebuild"):
            SearchIndex.open(tmp_path, encoder, segmenter)
        path.unlink(missing_ok=True)
        path.write_bytes(whole)
    SearchIndex.open(tmp_path, encoder, segmenter)


def test_a_failed_publication_leaves_the_current_generation(
    index: SearchIndex, tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    def entries():  # type: ignore[no-untyped-def]
        yield Entry(100, "渔业")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        SearchIndex.publish(tmp_path, encoder, segmenter, add=entries(), revision=2)
    assert not index.is_stale()
    assert SearchIndex.open(tmp_path, encoder, segmenter).manifest == index.manifest
    assert len(list((tmp_path / "generations").iterdir())) == 1


def test_readers_open_whole_generations_while_one_publishes(
    tmp_path: Path, encoder: Encoder, segmenter: Segmenter
) -> None:
    SearchIndex.publish(tmp_path, encoder, segmenter, add=ENTRIES, revision=0)
    seen: list[tuple[int, int]] = []
    failures: list[Exception] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                index = SearchIndex.open(tmp_path, encoder, segmenter)
                seen.append((index.manifest.revision, len(index.search("渔业", 100, "lexical"))))
            except Exception as error:  # noqa: BLE001 - reported by the main thread
                failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for revision in range(1, 16):
        added = [Entry(1000 + revision, f"渔业第{revision}号")]
        SearchIndex.publish(tmp_path, encoder, segmenter, add=added, revision=revision)
    stop.set()
    reader.join()
    assert failures == []
    assert all(revision == found for revision, found in seen)
    assert seen


def test_progress_counts_passages(tmp_path: Path, encoder: Encoder, segmenter: Segmenter) -> None:
    counts: list[int] = []
    entries = (Entry(key, f"条文{key}") for key in range(2500))
    SearchIndex.rebuild(tmp_path, encoder, segmenter, entries, 1, counts.append)
    assert counts == [1024, 2048, 2500]
