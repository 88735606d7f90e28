"""Files read on a real Ray cluster: as here, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pymupdf
import pytest
from raylab import HOW, RayCluster, has_ray, running_ray
from waiting import wait_for

from ingest import FileProgress, FileResult, LimitExceeded, Limits, ParseOptions, parse_files
from ingest.cluster.session import disconnect
from ingest.errors import ExecutorUnavailable
from ingest.executor import LocalExecutor, open_executor

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not has_ray(), reason=HOW),
    # Ray's own, of what its next versions change, and of its sockets at the end.
    pytest.mark.filterwarnings("ignore"),
]
NO_OCR = ParseOptions(ocr="never")
LINE = "第一条 为了规范新能源汽车贸易，促进其健康发展，制定本办法。"


def pdf(path: Path, pages: int, line: str = LINE) -> Path:
    document = pymupdf.open()
    page = document.new_page()
    for row in range(40):
        page.insert_text((50, 60 + 18 * row), line, fontname="china-s", fontsize=11)
    for _ in range(pages - 1):
        document.fullcopy_page(0)
    document.save(path)
    return path


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    with running_ray(1) as started, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield started
        disconnect()


@pytest.fixture(scope="module")
def long_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF whose parsing takes a few seconds."""
    return pdf(tmp_path_factory.mktemp("long") / "long.pdf", 400)


def by_name(results: Iterator[FileResult]) -> dict[str, FileResult]:
    return {result.path.name: result for result in results}


def test_a_cluster_reads_what_this_machine_reads(cluster: RayCluster, tmp_path: Path) -> None:
    (tmp_path / "意见.txt").write_text("关于测试的意见\n一、要求\n（一）做好测试。", "utf-8")
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    pdf(tmp_path / "pages.pdf", 5)
    names = ["意见.txt", "empty.pdf", "old.doc", "missing.txt", "pages.pdf"]
    paths = [tmp_path / name for name in names]
    here = by_name(parse_files(paths, NO_OCR, workers=1))
    there = by_name(open_executor(cluster.url).parse(paths, NO_OCR))
    assert set(there) == set(names)
    for name in names:
        assert there[name].document == here[name].document
        assert there[name].sha256 == here[name].sha256
        assert str(there[name].error) == str(here[name].error)
        assert type(there[name].error) is type(here[name].error)
        assert there[name].path == tmp_path / name


def test_progress_comes_as_always(cluster: RayCluster, long_pdf: Path) -> None:
    seen: list[FileProgress] = []
    [result] = open_executor(cluster.url).parse([long_pdf], NO_OCR, on_progress=seen.append)
    assert result.error is None
    stages = list(dict.fromkeys(step.progress.stage for step in seen))
    assert [stage for stage in stages if stage != "structure"] == ["reading", "pages"]
    pages = [step.progress.page for step in seen if step.progress.stage == "pages"]
    assert pages == sorted(pages)
    assert {step.path for step in seen} == {long_pdf}


def test_limits_hold_there_too(cluster: RayCluster, long_pdf: Path) -> None:
    limits = Limits(memory=20 << 20)
    [result] = open_executor(cluster.url).parse([long_pdf], NO_OCR, limits)
    assert isinstance(result.error, LimitExceeded)
    assert "20 MiB of memory" in str(result.error)


def test_files_are_taken_as_there_is_room(cluster: RayCluster, tmp_path: Path) -> None:
    drawn: list[int] = []

    def paths() -> Iterator[Path]:
        for number in range(6):
            drawn.append(number)
            path = tmp_path / f"{number}.txt"
            path.write_text(f"文件{number}", "utf-8")
            yield path

    with closing(open_executor(cluster.url).parse(paths(), NO_OCR, workers=2)) as results:
        next(results)
        assert len(drawn) <= 4
        assert len(list(results)) == 5


def test_a_worker_killed_in_the_middle_of_a_file_is_replaced(
    cluster: RayCluster, long_pdf: Path
) -> None:
    killed: list[int] = []

    def kill_once(moved: FileProgress) -> None:
        if moved.progress.page > 1 and not killed:
            [pid] = cluster.readers()
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    [result] = open_executor(cluster.url).parse([long_pdf], NO_OCR, on_progress=kill_once)
    assert killed
    assert result.error is None
    [here] = parse_files([long_pdf], NO_OCR, workers=1)
    assert result.document == here.document


def test_a_file_that_always_kills_its_worker_costs_only_itself(
    cluster: RayCluster, tmp_path: Path, long_pdf: Path
) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(long_pdf.read_bytes())
    files = [bad, *(pdf(tmp_path / f"{number}.pdf", 3) for number in range(3))]
    killed: list[int] = []

    def kill_always(moved: FileProgress) -> None:
        for pid in cluster.readers() if moved.path == bad and moved.progress.page else ():
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    results = open_executor(cluster.url).parse(files, NO_OCR, workers=1, on_progress=kill_always)
    found = by_name(results)
    assert len(set(killed)) == 3
    assert "bad.pdf lost the worker that read it, 3 times" in str(found["bad.pdf"].error)
    assert [name for name, each in found.items() if each.error is None] == [
        "0.pdf",
        "1.pdf",
        "2.pdf",
    ]


def test_a_run_that_is_closed_leaves_no_one_reading(cluster: RayCluster, long_pdf: Path) -> None:
    begun = threading.Event()
    results = open_executor(cluster.url).parse(
        [long_pdf, long_pdf], NO_OCR, on_progress=lambda _: begun.set()
    )
    taking = threading.Thread(target=lambda: next(results, None))
    taking.start()
    assert begun.wait(60)
    taking.join()
    results.close()
    assert wait_for(lambda: not cluster.readers(), 60)


def test_a_node_that_is_lost_is_done_without(tmp_path: Path, long_pdf: Path) -> None:
    disconnect()
    with running_ray() as cluster:
        node = cluster.add_worker()
        other: list[object] = []

        def lose(moved: FileProgress) -> None:
            if moved.progress.page > 1 and not other:
                other.append(cluster.add_worker())
                cluster.kill(node)

        try:
            results = open_executor(cluster.url).parse([long_pdf], NO_OCR, on_progress=lose)
            [result] = results
        finally:
            disconnect()
    assert other
    assert result.error is None


def test_nobody_there_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    disconnect()
    monkeypatch.setenv("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "1")
    started = time.monotonic()
    with pytest.raises(ExecutorUnavailable, match="`executor`"):
        next(open_executor("ray://127.0.0.1:1").parse(["a.txt"], NO_OCR))
    assert time.monotonic() - started < 60


@pytest.mark.parametrize("address", ["", "local"])
def test_without_an_address_processes_of_this_machine_read(address: str) -> None:
    assert isinstance(open_executor(address), LocalExecutor)
