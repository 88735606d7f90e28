"""Originals wherever they are kept: a folder, memory, a server that speaks S3."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from objectlab import KEYS, S3Server

from kb import KnowledgeBase, NotFound, StorageProblem, objects, originals
from kb.errors import HomeProblem, OriginalsUnavailable
from kb.originals import Originals

PLACES = ("folder", "memory", "s3")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the keys that the test server takes, and let nothing take long."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr(originals, "SETTLED", timedelta(0))


@pytest.fixture
def url(place: str, tmp_path: Path, request: pytest.FixtureRequest, keys: None) -> str:
    """Return an empty place of a kind."""
    if place == "folder":
        return str(tmp_path / "originals")
    if place == "memory":
        return f"memory://{uuid.uuid4().hex}"
    server: S3Server = request.getfixturevalue("s3")
    return server.url(uuid.uuid4().hex)


def written(tmp_path: Path, data: bytes) -> tuple[Path, str]:
    path = tmp_path / "file.bin"
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


everywhere = pytest.mark.parametrize("place", PLACES)


@everywhere
@pytest.mark.parametrize("size", [0, 1, originals.CHUNK, 3 * originals.CHUNK + 7])
def test_what_is_put_is_read(url: str, tmp_path: Path, size: int) -> None:
    source, sha256 = written(tmp_path, os.urandom(size))
    kept = Originals(url)
    assert kept.put(source, ".pdf") == sha256
    assert kept.put(source, ".pdf") == sha256, "twice is once"
    again = Originals(url)
    assert again.read(sha256, ".pdf") == source.read_bytes()
    with again.open(sha256, ".pdf") as reader:
        assert reader.read() == source.read_bytes()
    assert again.digest(sha256, ".pdf") == sha256
    assert again.unknown({f"{sha256}.pdf"}) == []


@everywhere
def test_what_is_not_there_is_said(url: str, tmp_path: Path) -> None:
    kept = Originals(url)
    assert kept.digest("0" * 64, ".pdf") is None
    for look in (kept.read, kept.open):
        with pytest.raises(NotFound, match="ingest the file again"):
            look("0" * 64, ".pdf")
    kept.remove("0" * 64, ".pdf")
    assert kept.unknown(()) == []
    source, sha256 = written(tmp_path, b"text")
    kept.put(source, ".pdf")
    kept.remove(sha256, ".pdf")
    assert kept.digest(sha256, ".pdf") is None


@everywhere
def test_what_no_document_has_is_swept(url: str, tmp_path: Path) -> None:
    kept = Originals(url)
    names = [kept.put(written(tmp_path, text)[0], ".txt") + ".txt" for text in (b"a", b"b", b"c")]
    assert kept.unknown(names[:1]) == sorted(names[1:])
    assert kept.sweep(names[:1]) == 2
    assert kept.unknown(()) == names[:1]


@everywhere
def test_what_storage_altered_is_never_handed_out(url: str, tmp_path: Path) -> None:
    kept = Originals(url)
    source, sha256 = written(tmp_path, b"as it was")
    kept.put(source, ".txt")
    files, root = kept._place
    with files.open(f"{root}/{sha256}.txt", "wb") as writer:
        writer.write(b"as it was not")
    with pytest.raises(NotFound, match="altered"):
        kept.read(sha256, ".txt")
    assert kept.digest(sha256, ".txt") not in {None, sha256}
    kept.put(source, ".txt")
    assert kept.read(sha256, ".txt") == b"as it was"


@pytest.mark.parametrize("place", ["memory", "s3"])
def test_a_young_object_may_be_another_writers(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Originals(url)
    name = kept.put(written(tmp_path, b"new")[0], ".txt") + ".txt"
    monkeypatch.setattr(originals, "SETTLED", timedelta(hours=1))
    assert kept.sweep(()) == 0
    monkeypatch.setattr(originals, "SETTLED", timedelta(0))
    assert kept.unknown(()) == [name]


@pytest.mark.parametrize("place", ["s3"])
def test_a_knowledge_base_keeps_its_files_there(
    url: str, home: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICYKB_ORIGINALS", url)
    with KnowledgeBase.open(home) as base:
        report = base.ingest(list(files.values()), workers=1)
        assert [item.status for item in report.documents] == ["added", "added"]
        assert base.verify().ok
        document_id = report.documents[0].document_id
        assert document_id is not None
        assert base.original(document_id)[1] == files["opinion"].read_bytes()
        kept = Originals(url)
        [lost] = [name for name in kept.unknown(()) if name.startswith(document_id)]
        kept.remove(*os.path.splitext(lost))  # noqa: PTH122 - a name of storage, not a path
        assert [problem.code for problem in base.verify().problems] == ["original-missing"]
        base.ingest([files["opinion"]], workers=1, force=True)
        assert base.verify().ok
    assert not (home / "originals").exists()


def test_a_server_that_is_stuck_delays_and_loses_nothing(
    s3: S3Server, keys: None, tmp_path: Path
) -> None:
    kept = Originals(s3.url(uuid.uuid4().hex))
    source, sha256 = written(tmp_path, b"patience")
    os.kill(s3.process.pid, signal.SIGSTOP)
    going_on = threading.Timer(1.0, os.kill, (s3.process.pid, signal.SIGCONT))
    started = time.monotonic()
    going_on.start()
    try:
        assert kept.put(source, ".txt") == sha256
        assert time.monotonic() - started >= 0.9
    finally:
        going_on.join()
    assert kept.read(sha256, ".txt") == b"patience"


def test_a_server_that_is_away_is_named_with_what_to_do(
    keys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "PATIENCE", 0.5)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"s3://me:secret@bucket/here?endpoint=http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(OriginalsUnavailable, match="does not answer") as told:
            Originals(url).digest("0" * 64, "")
    assert "secret" not in told.value.message
    assert told.value.status == 503


def test_a_server_that_comes_back_is_asked_again(
    s3: S3Server, keys: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[float] = []

    def fails_twice() -> str:
        calls.append(time.monotonic())
        if len(calls) < 3:
            raise OSError("AWS Error NETWORK_CONNECTION during GetObject operation")
        return "there"

    monkeypatch.setattr(objects, "FIRST_PAUSE", 0.01)
    assert objects.persistent("s3://bucket", fails_twice) == "there"
    assert len(calls) == 3


def test_a_bucket_that_is_not_there_is_named(s3: S3Server, keys: None, tmp_path: Path) -> None:
    url = f"s3://no-such-bucket/originals?endpoint={s3.endpoint}"
    with pytest.raises(StorageProblem, match="no bucket no-such-bucket"):
        Originals(url).put(written(tmp_path, b"text")[0], ".txt")


@pytest.mark.parametrize(
    ("url", "fault"),
    [("s3://", "names no bucket"), ("s3://bucket/a?endpont=http://h:1", "'endpont'")],
)
def test_an_address_that_cannot_be_meant_is_refused(url: str, fault: str) -> None:
    with pytest.raises(HomeProblem, match=fault):
        Originals(url).digest("0" * 64, "")


def test_an_endpoint_may_be_named_by_the_environment() -> None:
    environ = {"AWS_ENDPOINT_URL": "https://objects.example.org:9000/", "AWS_REGION": "north"}
    options = objects._options(objects.urlsplit("s3://bucket/a"), environ)
    assert options == {
        "endpoint_override": "objects.example.org:9000",
        "scheme": "https",
        "region": "north",
    }
