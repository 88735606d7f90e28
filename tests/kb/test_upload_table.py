"""Uploads in a shared store: one worker each, and another's turn once that one is dead."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest

from kb import KnowledgeBase, UploadQueue, UploadWorker
from kb.store.jobs import DEAD_AFTER, MOST_TRIES, JobStore
from kb.store.retry import persistent
from kb.store.tables import upload_jobs, upload_parts
from kb.upload_table import UploadTable

pytestmark = [
    pytest.mark.backends("postgresql"),
    pytest.mark.usefixtures("quick_uploads"),
]


@pytest.fixture
def jobs(base: KnowledgeBase) -> JobStore:
    return JobStore.beside(base._home.store)


def submitted(base: KnowledgeBase, **files: bytes) -> str:
    uploads = [(f"{name}.txt", io.BytesIO(data)) for name, data in files.items()]
    return UploadQueue.of(base).submit(uploads).job_id


def let_die(jobs: JobStore) -> None:
    """Let every worker be silent for too long."""
    silent = upload_jobs.update().values(beat=upload_jobs.c.beat - DEAD_AFTER - 1)

    def once() -> None:
        with jobs._engine.begin() as connection:
            connection.execute(silent)

    # A heart-beat at the same moment is in its way: then again, as everything of the store is done.
    persistent(jobs._engine, once)


def test_one_works_at_a_time_and_another_after_its_death(
    base: KnowledgeBase, jobs: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.upload_table.BEAT_EVERY", 0.05)
    job_id = submitted(base, a=b"x")
    one, other = (UploadTable(jobs, tmp_path / name) for name in "ab")
    with one.working(job_id) as still:
        assert still is not None
        with other.working(job_id) as taken:
            assert taken is None
        # The heart-beat may come in between: again, until it does not.
        for _ in range(100):
            let_die(jobs)
            with other.working(job_id) as taken:
                if taken is not None:
                    until = time.monotonic() + 60
                    while still() and time.monotonic() < until:
                        time.sleep(0.02)
                    assert not still()
                    assert taken()
                    break
        else:
            pytest.fail("the job of a dead worker was not taken over")


def test_a_job_that_kills_its_workers_is_given_up(
    base: KnowledgeBase, jobs: JobStore, tmp_path: Path
) -> None:
    job_id = submitted(base, a=b"x")
    for number in range(MOST_TRIES):
        assert jobs.claim(job_id, f"worker {number}") == number + 1
        assert jobs.claim(job_id, "another") is None
        let_die(jobs)
    with UploadTable(jobs, tmp_path).working(job_id) as still:
        assert still is None
    job = UploadQueue.of(base).job(job_id)
    assert job.state == "failed"
    assert job.error


def test_files_come_out_as_they_went_in_and_go_when_the_job_ends(
    base: KnowledgeBase, jobs: JobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.store.jobs.PART", 1000)
    data = bytes(range(256)) * 20
    job_id = submitted(base, large=data, empty=b"")
    table = UploadTable(jobs, tmp_path)
    with table.working(job_id):
        large = table.file(job_id, 0, "large.txt")
        assert large.read_bytes() == data
        assert table.file(job_id, 1, "empty.txt").read_bytes() == b""
    assert not large.exists()
    table.tell(job_id, "state", {"state": "cancelled"})
    with jobs._engine.begin() as connection:
        assert connection.execute(upload_parts.select()).all() == []
    assert jobs.claim(job_id, "late") is None


def test_two_hosts_work_the_uploads_off_between_them(
    base: KnowledgeBase, home: Path, tmp_path: Path
) -> None:
    second_home = tmp_path / "second"
    second_home.mkdir()
    (second_home / "policykb.toml").write_bytes((home / "policykb.toml").read_bytes())
    ids = [
        submitted(base, **{f"f{number}": f"海洋牧场第{number}号。".encode()}) for number in range(4)
    ]
    with KnowledgeBase.open(second_home) as second:
        workers = [UploadWorker(each, UploadQueue.of(each)) for each in (base, second)]
        for worker in workers:
            worker.start()
        queue = UploadQueue.of(second)
        until = time.monotonic() + 120
        while any(queue.job(job_id).state != "done" for job_id in ids):
            assert time.monotonic() < until, [queue.job(job_id) for job_id in ids]
            time.sleep(0.1)
        for worker in workers:
            worker.stop()
        states = [[e.data["state"] for e in queue.events(i) if e.kind == "state"] for i in ids]
        assert all(each == ["queued", "running", "done"] for each in states)
        assert len(base.documents()) == len(second.documents()) == 4
