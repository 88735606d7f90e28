"""Passages encoded on a real Ray cluster: as here, whatever becomes of its workers."""

from __future__ import annotations

import os
import shutil
import signal
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from homelab import home_at
from modellab import save_transformer
from raylab import HOW, RayCluster, has_ray, node_processes, running_ray
from waiting import wait_for

from index import Encoder
from index.embed import load_encoder
from index.errors import ModelUnavailable
from ingest.cluster.session import connection, disconnect, reconnect, resources
from ingest.errors import ExecutorUnavailable
from kb import KnowledgeBase, ModelProblem
from kb.config import Settings
from kb.encoding.choice import passage_encoder
from kb.encoding.encoder import ClusterEncoder
from kb.encoding.flight import BATCH
from kb.encoding.lending import LentModel
from kb.encoding.parcel import Shelf, pack
from kb.encoding.pool import Pool

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_ray(), reason=HOW),
    # Ray's own, of what its next versions change, and of its sockets at the end.
    pytest.mark.filterwarnings("ignore"),
]
TEXTS = [
    f"关于支持新能源汽车贸易的意见第{'一二三四五六七八九十'[number % 10]}条" * (1 + number % 7)
    for number in range(3 * BATCH + 7)
]
TEXTS[3] = "   "


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let nodes that are started keep models in a folder of the tests."""
    folder = tmp_path_factory.mktemp("t")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def cluster(shelves: Path) -> Iterator[RayCluster]:
    disconnect()
    with running_ray(2) as started, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started.reach()
        yield started
        disconnect()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a contextual model whose batches take long enough to be stopped in."""
    return save_transformer(tmp_path_factory.mktemp("m") / "model", layers=4, hidden=128)


def on(cluster: RayCluster, encoder: Encoder, workers: int = 1) -> ClusterEncoder:
    settings = Settings(executor=cluster.url, encode_on="cluster", encoders=workers)
    there = passage_encoder(encoder, settings)
    assert isinstance(there, ClusterEncoder)
    return there


def test_a_cluster_encodes_as_this_machine_does(
    cluster: RayCluster, model: Path, shelves: Path
) -> None:
    here = load_encoder(str(model), passage_prompt="第一：", dimensions=64)
    settings = Settings(executor=cluster.url, encode_on="cluster", dimensions=64)
    there = passage_encoder(here, settings)
    assert isinstance(there, ClusterEncoder)
    with there.publication():
        vectors = there.encode_passages(TEXTS)
        assert len(cluster.encoders()) == 2
        assert there.at_once > 1024
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 64)
    assert np.abs(vectors - here.encode_passages(TEXTS)).max() < 1e-5
    assert np.flatnonzero(~vectors.any(axis=1)).tolist() == [3]
    [shelf] = shelves.glob("policykb-models-*")
    assert Shelf(shelf).folder(pack(model), None) is not None
    # On processors they make room for reading as soon as it is done.
    assert wait_for(lambda: not cluster.encoders(), 20)


def test_a_worker_killed_in_the_middle_is_replaced(cluster: RayCluster, model: Path) -> None:
    here = load_encoder(str(model))
    there = on(cluster, here)
    vectors = np.full((len(TEXTS), here.spec.dimension), np.nan, np.float32)
    killed: list[int] = []
    with there.publication():
        for first, some in there.encode_batches(TEXTS):
            vectors[first : first + len(some)] = some
            if not killed:
                killed += cluster.encoders()
                for pid in killed:
                    os.kill(pid, signal.SIGKILL)
    assert killed
    assert np.abs(vectors - here.encode_passages(TEXTS)).max() < 1e-5


def test_a_connection_made_anew_costs_no_passage(cluster: RayCluster, model: Path) -> None:
    here = load_encoder(str(model))
    there = on(cluster, here)
    vectors = np.full((len(TEXTS), here.spec.dimension), np.nan, np.float32)
    before = connection()
    with there.publication():
        for first, some in there.encode_batches(TEXTS):
            vectors[first : first + len(some)] = some
            if connection() == before:
                # As whoever reads files over the same connection does when it is lost.
                reconnect(cluster.url, before)
    assert connection() == before + 1
    assert np.abs(vectors - here.encode_passages(TEXTS)).max() < 1e-5


def test_a_run_that_is_stopped_leaves_no_one_encoding(cluster: RayCluster, model: Path) -> None:
    there = on(cluster, load_encoder(str(model)))
    with there.publication():
        batches = there.encode_batches(TEXTS)
        next(iter(batches))
        batches.close()  # type: ignore[attr-defined]
        assert wait_for(lambda: not cluster.encoders(), 20)


def test_a_worker_with_another_model_is_refused(
    cluster: RayCluster, model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    there = on(cluster, load_encoder(str(folder)))
    # The model's folder was changed under a program that runs.
    shutil.rmtree(folder)
    save_transformer(folder, layers=4, hidden=128, seed=1)
    with (
        pytest.raises(ModelUnavailable, match=r"makes other vectors .*`encode_on = \"local\"`"),
        there.publication(),
    ):
        there.encode_passages(TEXTS)
    assert wait_for(lambda: not cluster.encoders(), 20)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, thing in {"汽车": "新能源汽车", "贸易": "贸易合作", "渔业": "渔业发展"}.items():
        lines = [f"第{number}条 应当鼓励{thing}的健康发展。" for number in "一二三四五"]
        (folder / f"{name}.txt").write_text(f"关于支持{thing}的意见\n" + "\n".join(lines), "utf-8")
    return folder


def opened(home: Path, **settings: str) -> KnowledgeBase:
    return KnowledgeBase.open(home_at(home, **settings))


def test_what_was_encoded_there_is_found_as_what_was_encoded_here(
    cluster: RayCluster, model: Path, files: Path, tmp_path: Path
) -> None:
    found = {}
    far = {"executor": cluster.url, "encode_on": "cluster"}
    for name, settings in {"here": {}, "there": far}.items():
        with opened(tmp_path / name, model=str(model), **settings) as base:
            report = base.ingest([files], ocr="never")
            assert report.failed == 0
            hits = [
                hit
                for mode in ("dense", "hybrid")
                for hit in base.search("鼓励渔业发展", k=10, mode=mode).hits  # type: ignore[arg-type]
            ]
            found[name] = [(hit.document_id, hit.text, round(hit.score, 3)) for hit in hits]
            assert base.verify().ok
    assert len(found["here"]) > 10
    assert found["there"] == found["here"]


def test_a_changed_model_is_a_problem_of_the_knowledge_base(
    cluster: RayCluster, model: Path, files: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    far = {"executor": cluster.url, "encode_on": "cluster"}
    with opened(tmp_path / "home", model=str(folder), **far) as base:
        # It is loaded, and there is nothing to encode yet.
        base.ingest([], ocr="never")
        shutil.rmtree(folder)
        save_transformer(folder, layers=4, hidden=128, seed=2)
        with pytest.raises(ModelProblem, match="makes other vectors"):
            base.ingest([files], ocr="never")
        assert len(base.documents()) == 3


def test_one_process_waits_for_reading_to_make_room(cluster: RayCluster, model: Path) -> None:
    import ray

    here = load_encoder(str(model))
    there = on(cluster, here, workers=2)
    with there.publication():
        there.encode_passages(TEXTS[:1])

        @ray.remote(num_cpus=2)
        def read() -> None:
            time.sleep(4)

        busy = read.remote()
    # Workers begin as processors are given back.
    with there.publication():
        assert np.isfinite(there.encode_passages(TEXTS[:300])).all()
    ray.get(busy)


def test_a_gpu_is_where_the_encoder_goes(
    shelves: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However quick this machine is, none is encoded here first.
    monkeypatch.setattr("kb.encoding.encoder.HERE_FIRST", 0.0)
    monkeypatch.setattr("kb.encoding.encoder.LOOK_AGAIN", 0.0)
    disconnect()
    here = load_encoder(str(model))
    with running_ray() as cluster:
        cluster.reach()
        plain, gifted = cluster.add_worker(1), 0
        settings = Settings(executor=cluster.url)
        there = passage_encoder(here, settings)
        assert isinstance(there, ClusterEncoder)
        try:
            # It is sent, unasked, because there is a GPU.
            seen: list[int] = []
            with there.publication():
                for _ in there.encode_batches(TEXTS):
                    seen = cluster.encoders()
                    if seen:
                        break
                    if not gifted:
                        # One processor is no more than there are here. The GPU comes later.
                        gifted = cluster.add_worker(1, gpus=1).pid
                        assert wait_for(lambda: any("GPU" in one for one in resources()), 180)
            assert seen
            assert set(seen) <= set(node_processes(gifted))
            assert not set(seen) & set(node_processes(plain.pid))
        finally:
            there.close()
            disconnect()


def test_a_node_that_is_lost_is_done_without(shelves: Path, model: Path) -> None:
    disconnect()
    here = load_encoder(str(model))
    vectors = np.full((len(TEXTS), here.spec.dimension), np.nan, np.float32)
    with running_ray() as cluster:
        cluster.reach()
        node = cluster.add_worker(1)
        there = on(cluster, here)
        other: list[object] = []
        try:
            with there.publication():
                for first, some in there.encode_batches(TEXTS):
                    vectors[first : first + len(some)] = some
                    if not other:
                        other.append(cluster.add_worker(1))
                        cluster.kill(node)
        finally:
            disconnect()
    assert np.abs(vectors - here.encode_passages(TEXTS)).max() < 1e-5


def test_a_cluster_that_went_away_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, shelves: Path, model: Path
) -> None:
    disconnect()
    # Ray's own patience, before it owns up to a lost connection.
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "5")
    patience = 20.0
    with running_ray(1) as cluster:
        cluster.reach()
        pool = Pool(cluster.url, LentModel(load_encoder(str(model)).spec, 0), 1)
        assert len(list(pool.encode(TEXTS))) > 1
    started = time.monotonic()
    with pytest.raises(ExecutorUnavailable, match="`executor`"):
        list(pool.encode(TEXTS, patience))
    assert time.monotonic() - started > patience
    # Nobody waits for it a second time.
    started = time.monotonic()
    with pytest.raises(ExecutorUnavailable, match="`executor`"):
        pool.connect(600.0)
    assert time.monotonic() - started < 120
    disconnect()


def test_a_connection_that_is_lost_before_anything_is_sent_is_made_anew(
    monkeypatch: pytest.MonkeyPatch, shelves: Path, model: Path
) -> None:
    disconnect()
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "1")
    with running_ray(1) as cluster:
        cluster.reach()
        pool = Pool(cluster.url, LentModel(load_encoder(str(model)).spec, 0), 1)
        pool.connect()
        assert wait_for(lambda: pool.glance().places)
        room = pool.glance()
    # As a look while nothing is there with them: nobody is asked to come back.
    assert pool.glance() == room
    pool._surveyed = 0.0
    with pytest.raises(ExecutorUnavailable, match="`executor`"):
        pool.connect(1.0)
    disconnect()


def test_nobody_there_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    disconnect()
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "1")
    settings = Settings(executor="ray://127.0.0.1:1", encode_on="cluster")
    there = passage_encoder(load_encoder(str(model)), settings)
    assert isinstance(there, ClusterEncoder)
    with pytest.raises(ExecutorUnavailable, match="`executor`"), there.publication():
        there.encode_passages(TEXTS)


def test_without_a_cluster_or_where_it_is_set_so_a_model_encodes_here(model: Path) -> None:
    here = load_encoder(str(model))
    assert passage_encoder(here, Settings()) is here
    assert passage_encoder(here, Settings(executor="ray")) is here
    away = Settings(executor="ray://127.0.0.1:1", encode_on="local")
    assert passage_encoder(here, away) is here
