"""What is decided of encoding on a cluster without one: whose passages, and which files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embed import load_encoder
from index.embed.kept import KeptVectors
from index.types import BatchEncoder, EncoderSpec, Vectors
from kb.config import Settings, load_settings
from kb.encoding.choice import passage_encoder
from kb.encoding.encoder import AT_ONCE, ClusterEncoder
from kb.encoding.flight import BATCH, Room, cut
from kb.encoding.lending import LentModel
from kb.encoding.parcel import KEPT, PackedFile, Parcel, Shelf, pack, pieces
from kb.encoding.pool import Pool
from kb.errors import HomeProblem

NOBODY = "ray://127.0.0.1:1"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    for name, data in {
        "model.safetensors": b"weights" * 1000,
        "modules.json": b"[]",
        "1_Pooling/config.json": b"{}",
        "pytorch_model.bin": b"the same again",
        "onnx/model.onnx": b"and again",
        ".cache/note": b"the hub's own",
        "empty.txt": b"",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "shelf")


def test_what_a_model_is_loaded_from_is_packed_and_nothing_else(model: Path) -> None:
    parcel = pack(model)
    names = {"model.safetensors", "modules.json", "1_Pooling/config.json", "empty.txt"}
    assert {file.name for file in parcel.files} == names
    assert parcel.size == 7004


def test_other_bytes_are_another_parcel(model: Path) -> None:
    before = pack(model).code
    assert pack(model).code == before
    (model / "modules.json").write_bytes(b"{}")
    assert pack(model).code != before


def test_what_arrived_once_is_kept(model: Path, shelf: Shelf) -> None:
    parcel = pack(model)
    assert shelf.folder(parcel, None) is None
    kept = shelf.folder(parcel, pieces(model, parcel))
    assert kept is not None
    assert pack(kept) == parcel
    assert shelf.folder(parcel, None) == kept


def test_what_decayed_is_not_used(model: Path, shelf: Shelf) -> None:
    parcel = pack(model)
    kept = shelf.folder(parcel, pieces(model, parcel))
    assert kept is not None
    (kept / "model.safetensors").write_bytes(b"WEIGHTS" * 1000)
    assert shelf.folder(parcel, None) is None
    again = shelf.folder(parcel, pieces(model, parcel))
    assert again is not None
    assert pack(again) == parcel


@pytest.mark.parametrize("wrong", ["short", "long", "altered"])
def test_what_is_not_what_was_sent_is_refused(model: Path, shelf: Shelf, wrong: str) -> None:
    parcel = pack(model)
    data = list(pieces(model, parcel))
    if wrong == "short":
        data.pop()
    elif wrong == "long":
        data[0] += b"more"
    else:
        data[-1] = data[-1][:-1] + b"?"
    with pytest.raises(ValueError, match="not what it was when it was sent"):
        shelf.folder(parcel, iter(data))
    assert shelf.folder(parcel, None) is None


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside", "..\\outside"])
def test_nothing_is_written_outside(shelf: Shelf, name: str, tmp_path: Path) -> None:
    parcel = Parcel((PackedFile(name, 1, "0" * 64),))
    with pytest.raises(ValueError, match="no path inside"):
        shelf.folder(parcel, iter([b"x"]))
    assert not list(tmp_path.rglob("*outside"))


def test_models_nobody_uses_go(model: Path, tmp_path: Path, shelf: Shelf) -> None:
    first = pack(model)
    old = shelf.folder(first, pieces(model, first))
    assert old is not None
    long_ago = time.time() - KEPT - 60
    os.utime(old, (long_ago, long_ago))
    (tmp_path / "shelf" / "cut-short.part").mkdir()
    (model / "modules.json").write_bytes(b"{}")
    second = pack(model)
    new = shelf.folder(second, pieces(model, second))
    assert {path for path in (tmp_path / "shelf").iterdir() if path.is_dir()} == {new}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_shelf_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(PermissionError, match="open to others"):
        Shelf(tmp_path / "open")


@pytest.mark.parametrize("where", ["auto", "local", "cluster"])
def test_the_shipped_model_stays_here(where: str) -> None:
    settings = Settings(executor=NOBODY, encode_on=where)  # type: ignore[arg-type]
    encoder = load_encoder()
    assert passage_encoder(encoder, settings) is encoder


def test_a_cluster_is_named_where_one_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(HomeProblem, match=r"POLICYKB_ENCODE_ON: .*`executor`"):
        load_settings(tmp_path, {"POLICYKB_ENCODE_ON": "cluster"})
    (tmp_path / "policykb.toml").write_text('encode_on = "somewhere"', "utf-8")
    with pytest.raises(HomeProblem, match="must be one of auto, local, cluster"):
        load_settings(tmp_path, {})


def lent(*, always: bool) -> ClusterEncoder:
    """Return an encoder that would ask a cluster that is not there."""
    encoder = load_encoder()
    return ClusterEncoder(encoder, Pool(NOBODY, LentModel(encoder.spec, 0), 0), always=always)


def test_little_work_is_done_here() -> None:
    encoder = lent(always=False)
    texts = [f"关于第{number}条的意见" for number in range(100)]
    with encoder.publication():
        vectors = encoder.encode_passages(texts)
    assert np.array_equal(vectors, load_encoder().encode_passages(texts))
    assert encoder.at_once == AT_ONCE


@pytest.mark.parametrize("always", [False, True])
def test_what_is_no_publication_asks_no_cluster(always: bool) -> None:
    encoder = lent(always=always)
    assert encoder.spec == load_encoder().spec
    assert np.any(encoder.encode_queries(["渔业"]))
    assert np.any(encoder.encode_passages(["渔业"]))


def test_a_search_in_a_hurry_does_little_work_here_whatever_is_set() -> None:
    encoder = lent(always=True)
    with encoder.publication(hurry=True):
        assert np.any(encoder.encode_passages(["渔业"]))


def test_a_worker_on_a_gpu_leaves_the_processors_to_reading() -> None:
    assert Room(True, 1, 5).hints()["num_gpus"] == 1
    assert Room(True, 1, 5).hints()["num_cpus"] == 0
    assert "num_gpus" not in Room(False, 1, 5).hints()
    assert Room(False, 1, 5).hints()["num_cpus"] == 1
    assert Room(False, 1, 5).hints()["memory"] == 5


def test_texts_are_cut_into_batches_that_join_up() -> None:
    texts = [str(number) for number in range(2 * BATCH + 1)]
    batches = cut(texts)
    assert [batch.first for batch in batches] == [0, BATCH, 2 * BATCH]
    assert [text for batch in batches for text in batch.texts] == texts
    assert not cut([])


class Elsewhere:
    """Encodes batches from the last to the first, and breaks down after some."""

    spec = EncoderSpec("elsewhere", 2, "0")
    at_once = 10

    def __init__(self, breaks_after: int) -> None:
        self.left = breaks_after
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return np.array([[float(text), 1.0] for text in texts], np.float32)

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors]]:
        for first in reversed(range(0, len(texts), 3)):
            if not self.left:
                raise ConnectionError("gone")
            self.left -= 1
            some = texts[first : first + 3]
            self.asked += some
            yield first, self.encode_passages(some)


def test_what_came_before_a_stop_is_not_asked_for_again(tmp_path: Path) -> None:
    texts = [str(number) for number in range(10)]
    broken, whole = Elsewhere(2), Elsewhere(9)
    assert isinstance(broken, BatchEncoder)
    with pytest.raises(ConnectionError):
        KeptVectors(broken, tmp_path).encode_passages(texts)
    vectors = KeptVectors(whole, tmp_path).encode_passages(texts)
    assert vectors[:, 0].tolist() == list(range(10))
    assert broken.asked == ["9", "6", "7", "8"]
    assert sorted(whole.asked) == ["0", "1", "2", "3", "4", "5"]
