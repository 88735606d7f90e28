"""Uploads that were taken outlive kills, full disks and clocks that jump, and keep their order."""

from __future__ import annotations

import errno
import io
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from waiting import wait_for

from index import lexical_writer
from kb import KnowledgeBase, StorageProblem, UploadQueue, UploadWorker
from kb import uploading as uploading_module
from kb import uploads as uploads_module

pytestmark = pytest.mark.slow

STATES = ("done", "failed", "cancelled")


def text(words: str) -> io.BytesIO:
    return io.BytesIO(f"说明\n\n{words}。\n".encode())


@pytest.fixture
def queue(base: KnowledgeBase) -> UploadQueue:
    return UploadQueue(base.home)


def work(base: KnowledgeBase, queue: UploadQueue, seconds: float = 120) -> None:
    """Work off what waits."""
    worker, until = UploadWorker(base, queue), time.monotonic() + seconds
    worker.start()
    try:
        while any(job.state not in STATES for job in queue.jobs()):
            assert time.monotonic() < until, queue.jobs()
            time.sleep(0.05)
    finally:
        worker.stop()


@pytest.mark.parametrize("rest", ['{"kind": "pro', '{"kind": "state", "data": {"state": "do'])
def test_an_event_that_was_cut_short_is_overwritten_by_the_next(
    base: KnowledgeBase, queue: UploadQueue, rest: str
) -> None:
    job = queue.submit([("海.txt", text("海上风电"))])
    with (queue.folder / job.job_id / "events.jsonl").open("a") as file:
        file.write(rest)
    assert queue.job(job.job_id).state == "queued"
    work(base, queue)
    found = queue.job(job.job_id)
    assert (found.state, [report.status for report in found.reports]) == ("done", ["added"])
    numbers = [event.number for event in queue.events(job.job_id)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_name_may_hold_what_other_alphabets_end_lines_with(
    base: KnowledgeBase, queue: UploadQueue
) -> None:
    job = queue.submit([("海\u2028上\u0085风.txt", text("海上风电"))])
    work(base, queue)
    assert queue.job(job.job_id).state == "done"
    assert base.search("海上风电").hits


def test_a_file_that_was_in_when_the_worker_was_killed_is_not_added_twice(
    base: KnowledgeBase, queue: UploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.submit([("海.txt", text("海上风电")), ("山.txt", text("山地光伏"))])

    class Killed(BaseException):
        pass

    def killed(_job_id: str, kind: str, _data: object) -> None:
        if kind == "file":
            raise Killed

    order = queue.order(job.job_id)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "tell", killed)
        with pytest.raises(Killed):
            uploading_module._Run(base, queue, order, UploadWorker(base, queue)._stop).run()
    assert len(base.documents()) == 1
    assert queue.job(job.job_id).state == "queued"
    work(base, queue)
    reports = queue.job(job.job_id).reports
    assert sorted(report.status for report in reports) == ["added", "unchanged"]
    assert sorted(report.path for report in reports) == ["山.txt", "海.txt"]
    assert len(base.documents()) == 2


def test_an_upload_waits_while_the_disk_is_full_and_is_added_after(
    base: KnowledgeBase,
    queue: UploadQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = queue.submit([("海.txt", text("海上风电"))])
    monkeypatch.setattr(uploading_module, "STORAGE_PATIENCE", 0.2)
    told: list[str] = []

    def full(*_: object, **__: object) -> None:
        told.append("full")
        if len(told) < 3:
            raise StorageProblem("the disk is full")
        monkeypatch.undo()

    monkeypatch.setattr(base, "ingest_uploads", full)
    with pytest.raises(StorageProblem):
        uploading_module._Run(
            base, queue, queue.order(job.job_id), UploadWorker(base, queue)._stop
        ).run()
    found = queue.job(job.job_id)
    assert (found.state, found.error) == ("queued", "the disk is full")
    work(base, queue)
    assert "uploads wait: the disk is full" in caplog.text
    assert queue.job(job.job_id).state == "done"
    assert base.search("海上风电").hits


def test_an_upload_waits_while_the_disk_is_full_for_the_index_alone(
    base: KnowledgeBase,
    queue: UploadQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    job = queue.submit([("海.txt", text("海上风电"))])
    monkeypatch.setattr(uploading_module, "STORAGE_PATIENCE", 0.2)
    make, tried = lexical_writer.create, []

    def full(folder: Path) -> object:
        tried.append(folder)
        if len(tried) < 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return make(folder)

    monkeypatch.setattr(lexical_writer, "create", full)
    work(base, queue)
    assert len(tried) >= 3
    assert "uploads wait: the word index in " in caplog.text
    found = queue.job(job.job_id)
    assert (found.state, found.error) == ("done", None)
    assert base.search("海上风电").hits


def test_where_no_folder_can_be_made_for_uploads_they_wait_for_it(
    base: KnowledgeBase,
    queue: UploadQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(uploading_module, "STORAGE_PATIENCE", 0.1)
    monkeypatch.setattr(uploading_module, "PAUSE", 0.02)
    queue.folder.write_text("in the way")
    worker = UploadWorker(base, queue)
    worker.start()
    assert wait_for(lambda: "uploads wait" in caplog.text)
    queue.folder.unlink()
    job = queue.submit([("海.txt", text("海上风电"))])
    assert wait_for(lambda: queue.job(job.job_id).state == "done")
    worker.stop()


def test_an_upload_that_cannot_be_kept_is_refused_and_leaves_nothing(
    queue: UploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StorageProblem, match="the disk is full"):
            queue.submit([("海.txt", text("海上风电"))])
    assert queue.jobs() == []
    assert [path.name for path in queue.folder.iterdir()] == []


@pytest.mark.parametrize("jump", [timedelta(days=-400), timedelta(days=400)])
def test_uploads_are_added_in_turn_whatever_the_clock_does(
    base: KnowledgeBase, queue: UploadQueue, monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    first = queue.submit([("海.txt", text("装机三百万千瓦"))])

    class Jumped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override] # noqa: ARG003
            return datetime.now(UTC) + jump

    real = time.time
    monkeypatch.setattr(uploads_module, "datetime", Jumped)
    monkeypatch.setattr("time.time", lambda: real() + jump.total_seconds())
    second = queue.submit([("海.txt", text("装机五百万千瓦"))])
    assert [job.job_id for job in queue.jobs()] == [first.job_id, second.job_id]
    work(base, queue)
    [document] = base.documents()
    assert "装机五百万千瓦" in base.page_text(document.document_id, 1).text


def test_what_was_cut_short_while_it_was_taken_is_no_upload_and_is_forgotten(
    queue: UploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue.submit([("海.txt", text("海上风电"))])
    draft: Path = queue.folder / f".{'0' * 32}"
    (draft / "files").mkdir(parents=True)
    assert [each.job_id for each in queue.jobs()] == [job.job_id]
    queue.forget_old()
    assert draft.exists()
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + 2 * uploads_module.KEPT)
    queue.forget_old()
    assert not draft.exists()
    assert queue.job(job.job_id).state == "queued"


@pytest.mark.parametrize("known_by", ["upload", "bytes"])
def test_what_a_kill_left_of_an_original_goes_with_the_next_upload(
    base: KnowledgeBase, queue: UploadQueue, known_by: str
) -> None:
    left = [base.home / "originals" / ".0123.part", base.home / ".work" / "x" / "稿.txt"]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half of")
    if known_by == "upload":
        queue.submit([("甲.txt", text("海洋牧场"))])
        work(base, queue)
    else:
        base.ingest_bytes("甲.txt", text("海洋牧场").read())
    assert not any(path.exists() for path in left)
    assert base.verify().ok
    assert len(base.documents()) == 1
