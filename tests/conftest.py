"""What tests of several packages share."""

from __future__ import annotations

import signal
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# At its end: the folders beside this file are named like our packages.
sys.path.append(str(Path(__file__).parent))
from clusterlab import PostgresServer, postgres_programs, running_postgres
from milvuslab import MilvusServer, milvus_installed, running_milvus
from objectlab import HOW, S3Server, running_s3, s3_program

# A busy machine takes long for anything: what is wrong is told by results, not by times.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C reach the processes a test starts.

    A test run that a shell started in the background has it ignored, and would pass that on.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def save_cross_encoder(tmp_path: Path) -> Callable[..., Path]:
    """Return what saves an untrained BERT of one layer that scores pairs, and gives its folder."""

    def save(labels: int = 1) -> Path:
        torch: Any = pytest.importorskip("torch")
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        torch.manual_seed(0)
        folder = tmp_path / "cross"
        folder.mkdir()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        signs = sorted(set("新能源汽车出口跨境电商信贷支持渔业资源保护港口岸线"))
        words = folder / "vocab.txt"
        words.write_text("\n".join(special + signs), "utf-8")
        BertTokenizerFast(vocab=str(words)).save_pretrained(folder)
        sizes = {"hidden_size": 16, "intermediate_size": 16, "num_attention_heads": 2}
        config = BertConfig(
            vocab_size=64, num_hidden_layers=1, num_labels=labels, initializer_range=1.0, **sizes
        )
        BertForSequenceClassification(config).save_pretrained(folder)
        return folder

    return save


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Return a PostgreSQL server of this run; its databases are made by `new_database`."""
    pytest.importorskip("psycopg", reason="psycopg is missing: pip install 'policykb[cluster]'")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with running_postgres(programs) as server:
        yield server


@pytest.fixture(scope="session")
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusServer]:
    """Return a server of this run that speaks as Milvus does; `new_index` names an index there."""
    if not milvus_installed():
        pytest.skip("Milvus is not installed here: pip install 'policykb[cluster]' milvus-lite")
    with running_milvus(tmp_path_factory.mktemp("milvus")) as server:
        yield server


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """Return a server of this run that speaks S3; `url` names a place there."""
    program = s3_program()
    if program is None:
        pytest.skip(HOW)
    with running_s3(program) as server:
        yield server


#: Whose tests are run on every set of back ends; the others, on this machine's alone.
BACK_ENDS = ("local", "postgresql", "milvus", "cluster")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of modules marked `backends` once on each set of back ends."""
    marked = metafunc.definition.get_closest_marker("backends")
    for name, scope in (("back_end", "function"), ("shared_back_end", "module")):
        if marked is not None and name in metafunc.fixturenames:
            metafunc.parametrize(name, marked.args or BACK_ENDS, indirect=True, scope=scope)


@pytest.fixture
def back_end(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the settings of a set of back ends, its engines running and empty."""
    return _settings(request)


@pytest.fixture(scope="module")
def shared_back_end(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return what `back_end` does, for what the tests of a module only read."""
    return _settings(request)


def _settings(request: pytest.FixtureRequest) -> dict[str, str]:
    name = getattr(request, "param", "local")
    settings = {}
    if name in ("postgresql", "cluster"):
        server: PostgresServer = request.getfixturevalue("postgres")
        settings["store"] = server.new_database()
    if name in ("milvus", "cluster"):
        engine: MilvusServer = request.getfixturevalue("milvus")
        settings["index"] = engine.new_index()
    if name == "cluster" and s3_program() is not None:
        objects: S3Server = request.getfixturevalue("s3")
        settings["originals"] = objects.url(uuid.uuid4().hex, with_keys=True)
    return settings
