"""Uploads that wait on disk: taken, worked off, cancelled, gone on with after a stop."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kb import (
    Filters,
    InvalidInput,
    KnowledgeBase,
    NotFound,
    Progress,
    QueueFull,
    UploadJob,
    UploadQueue,
    UploadWorker,
)
from kb.uploading import _Run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.backends("local", "postgresql"),
    pytest.mark.usefixtures("quick_uploads"),
]


def text(words: str) -> io.BytesIO:
    return io.BytesIO(f"说明\n\n{words}。\n".encode())


@pytest.fixture
def queue(base: KnowledgeBase) -> UploadQueue:
    return UploadQueue.of(base)


def wait_for(queue: UploadQueue, job: UploadJob, *states: str, seconds: float = 120) -> UploadJob:
    until = time.monotonic() + seconds
    while (now := queue.job(job.job_id)).state not in states:
        assert time.monotonic() < until, now
        time.sleep(0.05)
    return now


@pytest.fixture
def working(base: KnowledgeBase, queue: UploadQueue) -> Callable[[], UploadWorker]:
    def started() -> UploadWorker:
        worker = UploadWorker(base, queue)
        worker.start()
        return worker

    return started


def test_what_waits_is_added_and_told(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    job = queue.submit([("甲.txt", text("海洋牧场")), ("坏.pdf", io.BytesIO(b"no pdf"))])
    assert (job.state, job.files, job.reports) == ("queued", ("甲.txt", "坏.pdf"), ())
    worker = working()
    done = wait_for(queue, job, "done")
    worker.stop()
    assert {report.path: report.status for report in done.reports} == {
        "甲.txt": "added",
        "坏.pdf": "failed",
    }
    assert base.search("海洋牧场").hits
    assert not list((queue.folder / job.job_id).glob("files/*/*"))
    events = queue.events(job.job_id)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert [event.data["state"] for event in events if event.kind == "state"] == [
        "queued",
        "running",
        "done",
    ]
    assert queue.events(job.job_id, after=len(events) - 1) == events[-1:]
    assert done.progress is not None
    assert done.progress.files_total == 2


def test_jobs_are_worked_off_in_their_order(
    queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    jobs = [queue.submit([(f"{n}.txt", text(f"第{n}份"))]) for n in range(3)]
    assert [job.job_id for job in queue.jobs()] == [job.job_id for job in jobs]
    worker = working()
    wait_for(queue, jobs[-1], "done")
    worker.stop()
    assert {queue.job(job.job_id).state for job in jobs} == {"done"}


def test_a_job_of_a_key_goes_to_its_collection(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    job = queue.submit([("甲.txt", text("海洋牧场"))], collections=["a", "b"], collection="b")
    worker = working()
    wait_for(queue, job, "done")
    worker.stop()
    assert base.restricted(["b"]).documents()
    assert not base.restricted(["a"]).documents()


def test_a_cancelled_job_adds_nothing(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    job = queue.submit([("甲.txt", text("海洋牧场"))])
    queue.cancel(job.job_id)
    worker = working()
    assert wait_for(queue, job, "cancelled").reports == ()
    worker.stop()
    assert base.documents() == ()


def test_a_stopped_job_goes_on_where_it_was(
    base: KnowledgeBase, queue: UploadQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.uploading.AT_A_TIME", 1)
    names = [f"{n}.txt" for n in range(4)]
    job = queue.submit([(name, text(f"第{name}份")) for name in names])
    first = UploadWorker(base, queue)
    original = _Run._add
    added: list[int] = []

    def add_then_stop(run: _Run, numbers: list[int]) -> None:
        original(run, numbers)
        added.extend(numbers)
        if len(added) == 2:
            first._stop.set()

    monkeypatch.setattr(_Run, "_add", add_then_stop)
    first.start()
    first._thread.join(120)
    assert not first.is_working()
    halfway = queue.job(job.job_id)
    assert halfway.state == "queued"
    assert len(halfway.reports) == 2
    second = UploadWorker(base, queue)
    second.start()
    done = wait_for(queue, job, "done")
    second.stop()
    assert sorted(report.path for report in done.reports) == names
    assert {report.status for report in done.reports} == {"added"}


def test_a_job_of_a_process_that_died_is_taken_up(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    job = queue.submit([("甲.txt", text("海洋牧场"))])
    queue.tell(job.job_id, "state", {"state": "running"})
    worker = working()
    assert wait_for(queue, job, "done").reports[0].status == "added"
    worker.stop()


def test_only_one_works_at_a_time(base: KnowledgeBase, queue: UploadQueue) -> None:
    jobs = [queue.submit([(f"{n}.txt", text(f"第{n}份"))]) for n in range(4)]
    workers = [UploadWorker(base, queue) for _ in range(3)]
    for worker in workers:
        worker.start()
    for job in jobs:
        wait_for(queue, job, "done")
    for worker in workers:
        worker.stop()
    states = [
        event.data["state"]
        for job in jobs
        for event in queue.events(job.job_id)
        if event.kind == "state"
    ]
    assert states == ["queued", "running", "done"] * 4


@pytest.mark.parametrize("names", [[], ["甲.txt", "甲.txt"], ["../甲.txt", "甲.txt"], [".."], [""]])
def test_names_that_make_no_sense_are_refused(queue: UploadQueue, names: list[str]) -> None:
    with pytest.raises(InvalidInput):
        queue.submit([(name, text("x")) for name in names])
    assert queue.jobs() == []


@pytest.mark.backends("local")
def test_names_never_become_paths(queue: UploadQueue, home: Path) -> None:
    queue.submit([("../../../escaped.txt", text("x")), ("a\\b.txt", text("y"))])
    written = {path.name for path in queue.folder.rglob("*.txt")}
    assert written == {"escaped.txt", "b.txt"}
    assert not list(home.parent.glob("escaped.txt"))


def test_the_queue_is_limited(queue: UploadQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.uploads.MOST_WAITING", 2)
    for n in range(2):
        queue.submit([(f"{n}.txt", text("x"))])
    with pytest.raises(QueueFull):
        queue.submit([("c.txt", text("x"))])


@pytest.mark.parametrize("job_id", ["0" * 32, "../files", "", "worker.lock"])
def test_an_unknown_job_is_not_found(queue: UploadQueue, job_id: str) -> None:
    queue.folder.mkdir(exist_ok=True)
    for asked in (queue.job, queue.cancel, queue.events, queue.owner_of):
        with pytest.raises(NotFound):
            asked(job_id)


@pytest.mark.backends("local")
def test_a_line_cut_short_is_not_told(queue: UploadQueue) -> None:
    job = queue.submit([("甲.txt", text("x"))])
    with (queue.folder / job.job_id / "events.jsonl").open("a") as file:
        file.write('{"kind": "sta')
    assert queue.job(job.job_id).state == "queued"


def test_old_jobs_are_forgotten(queue: UploadQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    ended, waiting = (queue.submit([(f"{n}.txt", text("x"))]) for n in range(2))
    queue.tell(ended.job_id, "state", {"state": "done"})
    queue.forget_old()
    assert len(queue.jobs()) == 2
    monkeypatch.setattr("kb.uploads.KEPT", -1.0)
    queue.forget_old()
    assert [job.job_id for job in queue.jobs()] == [waiting.job_id]


def test_a_version_takes_the_place_of_another(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    old = base.ingest_bytes("说明.txt", "海洋牧场一百座。".encode()).document_id
    assert old is not None
    with pytest.raises(InvalidInput):
        queue.submit([("新.txt", text("甲")), ("又.txt", text("乙"))], replaces=old)
    job = queue.submit([("新.txt", text("海洋牧场二百座"))], replaces=old)
    wrong = queue.submit([("新.pdf", text("海洋牧场二百座"))], replaces=old)
    worker = working()
    assert wait_for(queue, job, "done").reports[0].status == "replaced"
    assert wait_for(queue, wrong, "failed").error
    worker.stop()
    assert base.document(old).superseded_by is not None


def test_a_file_that_is_told_of_is_found(
    base: KnowledgeBase, queue: UploadQueue, working: Callable[[], UploadWorker]
) -> None:
    job = queue.submit([(f"林业{n:02d}.txt", text(f"第{n}林场造林{n}51公顷")) for n in range(12)])
    worker = working()
    with KnowledgeBase.open(base.home, read_only=True) as reader:
        while queue.job(job.job_id).state != "done":
            for report in queue.job(job.job_id).reports:
                # Who only reads brings no index up to date.
                stored = reader._home.store.keys_matching(Filters(report.document_id))
                index = reader.context.index
                assert index is not None
                assert stored is not None
                assert set(stored.tolist()) <= set(index.keys().tolist())
    worker.stop()
    assert len(queue.job(job.job_id).reports) == 12


def test_each_file_that_is_read_says_how_far_it_is(base: KnowledgeBase, queue: UploadQueue) -> None:
    job = queue.submit([(f"{n}.txt", text(f"第{n}份")) for n in range(3)])

    def told(path: str, page: int) -> dict[str, object]:
        plain: dict[str, object] = {"path": path, "stage": "parsing", "page": page, "pages": 9}
        totals = {"files_done": 0, "files_total": 3, "pages_per_second": 0.0, "eta_seconds": None}
        return plain | totals

    queue.tell(job.job_id, "state", {"state": "running"})
    for path, page in (("0.txt", 1), ("1.txt", 4), ("0.txt", 2), ("", 0)):
        queue.tell(job.job_id, "progress", told(path, page))
    # As another process sees it.
    seen = UploadQueue.of(base).job(job.job_id).running
    assert {one.path: one.page for one in seen} == {"0.txt": 2, "1.txt": 4}
    queue.tell(job.job_id, "state", {"state": "queued"})
    assert queue.job(job.job_id).running == ()


def test_the_first_of_many_is_found_before_the_last_is_read(
    base: KnowledgeBase,
    queue: UploadQueue,
    working: Callable[[], UploadWorker],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, moved = threading.Event(), _Run._moved

    def hold_halfway(run: _Run, at: Progress) -> None:
        moved(run, at)
        if len(run.reported) >= 10:
            found.wait(60)

    monkeypatch.setattr(_Run, "_moved", hold_halfway)
    files = [(f"林业{n:02d}.txt", text(f"第{n}林场造林{n}51公顷")) for n in range(20)]
    job = queue.submit(files)
    worker = working()
    until = time.monotonic() + 50
    while not base.search("林场造林").hits:
        assert time.monotonic() < until
    assert queue.job(job.job_id).state == "running"
    found.set()
    wait_for(queue, job, "done")
    worker.stop()
