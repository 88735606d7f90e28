"""What the web UI does behind its pages: files added, removals delayed, tasks; and its facets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from kb import KBError, KnowledgeBase, UploadQueue, UploadWorker
from ui.web.facets import Chosen, of_documents, of_hits
from ui.web.known import Kept
from ui.web.removals import Removals
from ui.web.tasks import Tasks
from ui.web.uploads import Order, Uploads

pytestmark = pytest.mark.slow


@pytest.fixture
def base(home: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(home) as opened:
        yield opened


def wait_for(done: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def uploads(base: KnowledgeBase) -> Uploads:
    return Uploads(UploadQueue(base.home), base)


def test_files_are_found_while_others_are_read(base: KnowledgeBase, uploads: Uploads) -> None:
    texts = [f"林业通知{n}\n\n第一条　第{n}林场造林{n}51公顷。\n" for n in range(19)]
    # The last is still being read when the first is found, on any machine.
    texts.append(
        "\n".join(f"第{n}条　苗圃第{n}区出圃苗木{n}株，验收后调配。" for n in range(5_000))
    )
    orders = [Order(f"林业{n:02d}.txt", text.encode(), "林业") for n, text in enumerate(texts)]
    uploads.add(orders)
    wait_for(lambda: any("公顷" in hit.text for hit in base.search("林场造林").hits))
    assert uploads.busy()
    wait_for(lambda: not uploads.busy(), 300)
    assert [one.report.status for one in uploads.files() if one.report] == ["added"] * 20
    assert base.collections()["林业"] == 20
    uploads.dismiss()
    assert uploads.files() == ()


def test_a_file_that_fails_holds_up_no_other(uploads: Uploads) -> None:
    uploads.add([Order("坏.pdf", b"%PDF-1.4 nothing"), Order("", b"x"), Order("好.txt", b"good")])
    wait_for(lambda: not uploads.busy())
    found = {one.name: one for one in uploads.files()}
    assert found["坏.pdf"].state == "failed"
    assert found["坏.pdf"].report is not None
    assert found["坏.pdf"].report.error is not None
    assert (found[""].state, bool(found[""].error)) == ("failed", True)
    assert found["好.txt"].state == "done"
    uploads.dismiss()
    assert uploads.files() == ()


def test_two_files_of_one_name_are_both_taken(base: KnowledgeBase, uploads: Uploads) -> None:
    uploads.add([Order("同名.txt", f"第{n}份说明".encode()) for n in range(2)])
    wait_for(lambda: not uploads.busy())
    assert [one.state for one in uploads.files()] == ["done", "done"]
    assert [one.name for one in base.documents()].count("同名.txt") == 1
    assert base.search("第1份说明").hits


def test_what_waits_outlives_the_server_and_is_seen_by_others(base: KnowledgeBase) -> None:
    Uploads(UploadQueue(base.home)).add([Order("候.txt", "候鸟迁徙一百只".encode())])
    other = Uploads(UploadQueue(base.home))
    assert [(one.name, one.state) for one in other.files()] == [("候.txt", "waiting")]
    # What another process takes up is told of here, and a new server takes up what is left.
    later = Uploads(UploadQueue(base.home), base)
    assert later.busy()
    wait_for(lambda: not later.busy())
    wait_for(lambda: other.files()[0].state == "done")
    assert base.search("候鸟迁徙").hits
    assert Uploads(UploadQueue(base.home)).files() == ()


def test_what_failed_while_no_server_ran_is_told(base: KnowledgeBase) -> None:
    before = Uploads(UploadQueue(base.home), base)
    before.add([Order("坏.pdf", b"%PDF-1.4 nothing")])
    wait_for(lambda: not before.busy())
    assert [one.state for one in Uploads(UploadQueue(base.home)).files()] == ["failed"]


def test_what_a_service_reads_is_shown(base: KnowledgeBase) -> None:
    queue = UploadQueue(base.home)
    seen: set[str] = set()
    uploads = Uploads(queue)
    uploads.add([Order(f"{n}.txt", f"第{n}份。".encode()) for n in range(3)])
    service = UploadWorker(base, queue)
    service.start()

    def through() -> bool:
        seen.update(one.state for one in uploads.files())
        return not uploads.busy()

    wait_for(through)
    service.stop()
    assert {"waiting", "done"} <= seen


def test_what_waits_can_be_left_out(uploads: Uploads) -> None:
    uploads.add([Order(f"{n}.txt", f"内容{n}".encode()) for n in range(6)])
    uploads.cancel()
    wait_for(lambda: not uploads.busy())
    assert "cancelled" in {one.state for one in uploads.files()}
    uploads.add([Order("又.txt", "又一份".encode())])
    wait_for(lambda: not uploads.busy())
    assert next(one for one in uploads.files() if one.name == "又.txt").state == "done"


def test_a_version_takes_the_place_of_another(base: KnowledgeBase, uploads: Uploads) -> None:
    old = next(one for one in base.documents() if one.name == "说明.txt")
    uploads.add([Order("新.txt", "冷链物流说明\n\n冷库三百座。\n".encode(), "", old.document_id)])
    wait_for(lambda: not uploads.busy())
    assert base.document(old.document_id).superseded_by is not None


def test_a_removal_is_undone_or_done(base: KnowledgeBase) -> None:
    first, second = base.documents()[:2]
    slow, quick = Removals(base, delay=600), Removals(base, delay=0.05)
    slow.remove(first.document_id, first.title)
    assert set(slow.pending()) == {first.document_id}
    slow.undo(first.document_id)
    assert not slow.pending()
    quick.remove(second.document_id, second.title)
    wait_for(lambda: not quick.pending())
    left = {one.document_id for one in base.documents()}
    assert first.document_id in left
    assert second.document_id not in left


def test_the_time_to_undo_begins_when_it_is_told(base: KnowledgeBase) -> None:
    one = base.documents()[0]
    removals = Removals(base, delay=600)
    removals.remove(one.document_id, one.title)
    time.sleep(2.1)
    assert removals.pending()[one.document_id][1] > 598
    removals.undo(one.document_id)


def test_tasks_tell_how_far_they_are_and_what_went_wrong() -> None:
    known = Tasks()

    def fails(tell: Callable[[int, int], None]) -> None:
        tell(1, 2)
        raise KBError("it cannot be done")

    good = known.start("good", lambda tell: tell(2, 2) or 42)
    bad = known.start("bad", fails)
    for key in (good, bad):
        wait_for(lambda key=key: (task := known.get(key)) is not None and task.ended)  # type: ignore[misc]
    task = known.get(bad)
    assert task is not None
    assert (str(task.error), task.done, task.total) == ("it cannot be done", 1, 2)
    assert known.get(good).result == 42  # type: ignore[union-attr]
    assert known.ids() == [bad, good]
    assert known.get("nothing") is None


def test_only_so_many_tasks_are_kept() -> None:
    known = Tasks()
    for number in range(30):
        key = known.start(str(number), lambda _: None)
        wait_for(lambda key=key: known.get(key).ended)  # type: ignore[misc, union-attr]
    assert len(known.ids()) <= 20


def test_what_is_asked_often_is_kept_until_something_changes() -> None:
    kept, asked = Kept(), []

    def count() -> int:
        asked.append(1)
        return len(asked)

    assert [kept.get("a", 1, count) for _ in range(3)] == [1, 1, 1]
    assert kept.get("a", 2, count) == 2
    assert kept.get("a", 1, count) == 3


def test_what_is_dear_is_made_anew_behind_the_page() -> None:
    kept, begun, go_on = Kept(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(30)
        return "new"

    assert kept.recent("a", 1, lambda: "old") == "old"
    assert kept.recent("a", 2, slow) == "old"
    assert begun.wait(30)
    # While it is made nobody waits, and nobody makes it once more.
    assert kept.recent("a", 2, lambda: "never") == "old"
    go_on.set()
    wait_for(lambda: kept.recent("a", 2, lambda: "never") == "new")


def test_what_cannot_be_made_anew_stays_as_it_was() -> None:
    kept = Kept()

    def fails() -> str:
        raise KBError("not now")

    assert kept.recent("a", 1, lambda: "old") == "old"
    assert kept.recent("a", 2, fails) == "old"
    wait_for(lambda: kept.recent("a", 2, lambda: "new") == "new")
    with pytest.raises(KBError):
        kept.recent("b", 1, fails)


def test_facets_count_documents_and_hits(base: KnowledgeBase) -> None:
    documents = base.documents()
    known = {one.document_id: one for one in documents}
    assert set(of_documents(documents)["document"]) == set(known)
    hits = base.search("货物吞吐量", k=20).hits
    counts = of_hits(hits, known)["document"]
    assert sum(counts.values()) == len(hits)


def test_a_choice_is_a_filter() -> None:
    chosen = Chosen(type="通知", year="2023", in_force=True)
    assert len(chosen) == 3
    filters = chosen.filters
    assert (filters.since, filters.until) == (date(2023, 1, 1), date(2023, 12, 31))
    assert filters.type == "通知"
    assert filters.in_force
    assert Chosen(year="0").filters.since is None
    assert Chosen(year="二〇二三").filters.since is None
    assert not len(Chosen())
