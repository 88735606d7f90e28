"""The display of an ingest run: stage, page n of N, files done, rate, time left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.cli.progress import IngestDisplay
from kb.types import FileError, FileReport, Progress

ADDED = FileReport("/a/甲.pdf", "a" * 16, "added", 7, 20, 1.24, ("page 3 is blurred",))
FAILED = FileReport(
    "乙.pdf", None, "failed", 0, 0, 0.1, (), FileError("encrypted", "乙.pdf is locked")
)


def feed(display: IngestDisplay) -> None:
    display(Progress("/a/甲.pdf", "parsing", 3, 7, 0, 2))
    display(Progress("/a/甲.pdf", "done", 7, 7, 1, 2, ADDED))
    display(Progress("乙.pdf", "done", 0, 0, 2, 2, FAILED))


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with IngestDisplay() as display:
        feed(display)
    assert capsys.readouterr().err.splitlines() == [
        "/a/甲.pdf: added, 7 pages, 20 passages, 1.2 s",
        "  page 3 is blurred",
        "policykb: 乙.pdf is locked",
    ]
    assert display.summary().startswith("2 files: 1 added, 1 failed; 7 pages, 20 passages in ")


def test_a_live_display_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    with IngestDisplay() as display:
        display(Progress("/a/甲.pdf", "parsing", 3, 7, 0, 2))
        display._live.refresh()
        display(Progress("", "indexing", 5, 10, 0, 2))
        display._live.refresh()
        feed(display)
        display._live.refresh()
    shown = capsys.readouterr().err
    for part in (
        "甲.pdf",
        "parsing",
        "page 3 of 7",
        "0 of 2 files",
        "passage 5 of 10",
        "2 of 2 files",
        "pages/s",
        "left",
    ):
        assert part in shown


def test_an_interrupted_run_says_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with IngestDisplay() as display:
        feed(display)
        display.interrupted()
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "what is reported above is in: run the same command to do the rest"


def test_a_page_being_read_is_not_yet_done(monkeypatch: pytest.MonkeyPatch) -> None:
    display = IngestDisplay()
    assert "looking for files" in str(display._bar())
    display(Progress("/a/甲.pdf", "ocr", 1, 1, 0, 1))
    assert display._share() == 0
    display(Progress("/a/甲.pdf", "ocr", 3, 4, 0, 1))
    assert display._share() == 0.5


def test_names_wider_than_the_terminal_go_on_below(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    with IngestDisplay() as display:
        display(Progress("a", "done", 7, 7, 1, 2, replace(ADDED, path="长" * 70)))
    shown = capsys.readouterr().err
    assert f"{'长' * 61}" not in shown
    assert f"{'长' * 10}: added, 7 pages" in shown
