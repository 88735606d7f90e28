"""Files parsed in child processes: every one reported, none taking the others with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from ingest import (
    FileProgress,
    FileResult,
    LimitExceeded,
    Limits,
    ParseOptions,
    UnreadableFile,
    UnsupportedFormat,
    fingerprint,
    parse_files,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
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
def long_pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF whose parsing takes a few seconds."""
    return pdf(tmp_path_factory.mktemp("long") / "long.pdf", 400)


def by_name(results: Iterator[FileResult]) -> dict[str, FileResult]:
    return {result.path.name: result for result in results}


def test_every_file_is_reported_with_its_document_or_its_error(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(
        "关于测试的意见\n一、要求\n（一）做好测试。", encoding="utf-8"
    )
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    names = ["good.txt", "empty.pdf", "old.doc", "missing.txt"]
    found = by_name(parse_files([tmp_path / name for name in names], NO_OCR, workers=2))
    assert set(found) == set(names)
    document = found["good.txt"].document
    assert document is not None
    assert document.metadata.title == "关于测试的意见"
    assert found["good.txt"].sha256 == fingerprint((tmp_path / "good.txt").read_bytes())
    assert isinstance(found["empty.pdf"].error, UnreadableFile)
    assert isinstance(found["old.doc"].error, UnsupportedFormat)
    assert "no such file" in str(found["missing.txt"].error)
    assert multiprocessing.active_children() == []


def test_progress_names_the_stages_and_pages(tmp_path: Path) -> None:
    seen: list[FileProgress] = []
    list(parse_files([pdf(tmp_path / "a.pdf", 12)], NO_OCR, workers=1, on_progress=seen.append))
    stages = list(dict.fromkeys(step.progress.stage for step in seen))
    assert stages == ["reading", "pages", "structure"]
    pages = [step.progress for step in seen if step.progress.stage == "pages"]
    assert [step.page for step in pages] == list(range(1, 13))
    assert {step.pages for step in pages} == {12}


def bomb(path: Path, pages: int, *bad: int) -> Path:
    """A PDF some of whose pages draw nothing ten billion times."""
    document = pymupdf.open(pdf(path, pages))
    inner = 0
    for level in range(11):
        form = document.get_new_xref()
        names = f"/Resources <</XObject <</X {inner} 0 R>>>>" if level else ""
        document.update_object(form, f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]{names}>>")
        document.update_stream(form, b"/X Do " * 10 if level else b"0 0 m 1 1 l n")
        inner = form
    for number in bad:
        page = document[number - 1]
        document.xref_set_key(page.xref, "Resources", f"<</XObject <</X {inner} 0 R>>>>")
        content = document.get_new_xref()
        document.update_object(content, "<<>>")
        document.update_stream(content, b"/X Do")
        document.xref_set_key(page.xref, "Contents", f"{content} 0 R")
    made = path.with_name(f"bomb-{path.name}")
    document.save(made)
    return made


def test_a_page_that_hangs_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    file = bomb(tmp_path / "a.pdf", 6, 4)
    (result,) = parse_files([file], NO_OCR, Limits(timeout=2), workers=1)
    assert result.document is not None
    assert [bool(page.text) for page in result.document.pages] == [True] * 3 + [False] + [True] * 2
    [warning] = result.document.warnings
    assert warning.startswith("page 4 left out: bomb-a.pdf took longer than 2 s")
    assert "after page 3 of 6" in warning
    assert "--timeout" in warning
    assert result.seconds > 2


def test_where_two_pages_hang_the_pages_before_them_are_read(tmp_path: Path) -> None:
    file = bomb(tmp_path / "a.pdf", 6, 2, 5)
    (result,) = parse_files([file], NO_OCR, Limits(timeout=1.5), workers=1)
    assert result.document is not None
    texts = [bool(page.text) for page in result.document.pages]
    assert texts == [True, False, True, True, False, False]
    assert result.document.warnings[0].startswith("pages 2, 5-6 left out: ")


def test_a_file_over_its_time_is_stopped_and_the_rest_go_on(tmp_path: Path) -> None:
    file = bomb(tmp_path / "a.pdf", 1, 1)
    (tmp_path / "next.txt").write_text("后一个文件。", encoding="utf-8")
    results = parse_files([file, tmp_path / "next.txt"], NO_OCR, Limits(timeout=2), workers=1)
    found = by_name(results)
    error = found["bomb-a.pdf"].error
    assert isinstance(error, LimitExceeded)
    assert "longer than 2 s" in str(error)
    assert "before its first page was done" in str(error)
    assert "--timeout" in str(error)
    assert found["next.txt"].document is not None


def test_of_a_file_too_slow_for_its_time_the_first_pages_are_kept(tmp_path: Path) -> None:
    file = pdf(tmp_path / "slow.pdf", 4800, LINE[4:20])
    (result,) = parse_files([file], NO_OCR, Limits(timeout=8), workers=1)
    assert result.document is not None
    assert result.document.pages[0].text
    assert not result.document.pages[-1].text
    assert "-4800 left out: slow.pdf took longer than 8 s" in result.document.warnings[0]


@pytest.mark.skipif(sys.platform != "linux", reason="memory is watched through /proc")
def test_a_file_over_its_memory_is_stopped(long_pdf: Path) -> None:
    (result,) = parse_files([long_pdf], NO_OCR, Limits(memory=20 << 20), workers=1)
    assert isinstance(result.error, LimitExceeded)
    assert "20 MiB of memory" in str(result.error)


def test_a_crash_costs_one_file_and_says_at_which_page(long_pdf: Path, tmp_path: Path) -> None:
    (tmp_path / "next.txt").write_text("后一个文件。", encoding="utf-8")

    def crash(step: FileProgress) -> None:
        if step.progress.page == 30 and step.progress.stage == "pages":
            for child in multiprocessing.active_children():
                assert child.pid is not None
                os.kill(child.pid, signal.SIGSEGV)

    results = parse_files([long_pdf, tmp_path / "next.txt"], NO_OCR, workers=1, on_progress=crash)
    found = by_name(results)
    message = str(found["long.pdf"].error)
    assert "long.pdf crashed the parser (killed by SIGSEGV) after page " in message
    assert "of 400" in message
    assert found["next.txt"].document is not None


def test_too_many_pages_are_refused(long_pdf: Path) -> None:
    (result,) = parse_files([long_pdf], ParseOptions(ocr="never", max_pages=10), workers=1)
    assert isinstance(result.error, LimitExceeded)
    assert "400 pages" in str(result.error)


def test_paths_are_drawn_only_as_children_are_free(tmp_path: Path) -> None:
    drawn = 0

    def paths() -> Iterator[Path]:
        nonlocal drawn
        for number in range(20):
            path = tmp_path / f"{number}.txt"
            path.write_text(f"第{number}个文件。", encoding="utf-8")
            drawn += 1
            yield path

    results = parse_files(paths(), NO_OCR, workers=2)
    next(results)
    assert drawn <= 4
    results.close()
    assert multiprocessing.active_children() == []


def test_no_workers_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        next(parse_files(["a.txt"], workers=0))


SCRIPT = """
import multiprocessing, sys
from ingest import Limits, ParseOptions, parse_files

def main():
    def told(step):
        if step.progress.page == 5:
            pids = [child.pid for child in multiprocessing.active_children()]
            print(*pids, flush=True)
    list(parse_files(sys.argv[1:], ParseOptions(ocr="never"), workers=2, on_progress=told))

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_children_do_not_outlive_their_parent(
    long_pdf: Path, tmp_path: Path, sent: signal.Signals, interruptible: None
) -> None:
    script = tmp_path / "run.py"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    parent = subprocess.Popen(
        [sys.executable, script, *[long_pdf] * 6],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert pids
    parent.send_signal(sent)
    parent.communicate(timeout=120)
    deadline = time.monotonic() + 120
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, pids))


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be collected does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_script_that_parses_at_its_top_level_runs_once(tmp_path: Path) -> None:
    file = tmp_path / "说明.txt"
    file.write_text("渔业统计\n\n产量增长3.1%。\n", encoding="utf-8")
    script = tmp_path / "top.py"
    script.write_text(
        "import sys\nfrom ingest import parse_files\nprint('began')\n"
        "print([result.error for result in parse_files(sys.argv[1:], workers=1)])\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, script, file],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["began", "[None]"]
