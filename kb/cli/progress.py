"""Show an ingest run: a live display on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from kb.cli.output import console, plain
from kb.types import FileReport, Progress

REFRESH_PER_SECOND = 8
BAR_WIDTH = 30


class IngestDisplay:
    """Listens to a run: files under way with stage and page, files done, rate, time left."""

    def __init__(self) -> None:
        self._console = console(error=True)
        self._started = time.monotonic()
        self._active: dict[str, Progress] = {}
        self._reports: list[FileReport] = []
        self._total = 0
        self._live = Live(
            console=self._console,
            get_renderable=self._render,
            refresh_per_second=REFRESH_PER_SECOND,
            transient=True,
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def __call__(self, progress: Progress) -> None:
        """Take in where the run stands."""
        self._total = progress.files_total
        # What concerns no file, the index, is over when the next file is heard of.
        self._active.pop("", None)
        if progress.report is None:
            self._active[progress.path] = progress
            return
        self._active.pop(progress.path, None)
        self._reports.append(progress.report)
        for line in _lines(progress.report):
            self._console.print(line, soft_wrap=True)

    def summary(self) -> str:
        """Say in one line what became of the files."""
        statuses = [report.status for report in self._reports]
        counts = ", ".join(f"{statuses.count(s)} {s}" for s in dict.fromkeys(statuses))
        pages = self._pages()
        seconds = max(time.monotonic() - self._started, 1e-3)
        passages = sum(report.passages for report in self._reports)
        return (
            f"{len(statuses)} files: {counts or 'none'}; {pages} pages, {passages} passages "
            f"in {_time(seconds)} ({pages / seconds:.0f} pages/s)"
        )

    def interrupted(self) -> None:
        """Say what is in after Ctrl-C, and how to go on."""
        self._live.stop()
        self._console.print(f"stopped; {self.summary()}")
        self._console.print("what is reported above is in: run the same command to do the rest")

    def _pages(self) -> int:
        return sum(report.pages for report in self._reports if report.status != "unchanged")

    def _render(self) -> RenderableType:
        rows = Table.grid(padding=(0, 1))
        for progress in self._active.values():
            unit = "page" if progress.path else "passage"
            where = f"{unit} {progress.page} of {progress.pages}" if progress.pages else ""
            rows.add_row(
                Text(_short(progress.path) or "index", no_wrap=True, overflow="ellipsis"),
                Text(progress.stage, style="cyan"),
                Text(where, style="dim"),
            )
        return Group(rows, self._bar())

    def _bar(self) -> RenderableType:
        share = self._share()
        elapsed = max(time.monotonic() - self._started, 1e-3)
        left = _time(elapsed * (1 - share) / share) if share > 0 else "?"
        pages = self._pages() + sum(p.page for p in self._active.values() if p.path)
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=1.0, completed=share, width=BAR_WIDTH),
            Text(f"{len(self._reports)} of {self._total} files"),
            Text(f"{pages / elapsed:.0f} pages/s"),
            Text(f"{left} left"),
        )
        return line

    def _share(self) -> float:
        """Return how much of the run is done, files under way counted by their pages."""
        under_way = sum(
            progress.page / progress.pages
            for progress in self._active.values()
            if progress.path and progress.pages
        )
        return min((len(self._reports) + under_way) / max(self._total, 1), 1.0)


def _lines(report: FileReport) -> list[Text]:
    if report.error is not None:
        return [Text(f"policykb: {_one_line(report.error.message)}", style="red")]
    line = Text(f"{_one_line(report.path)}: ")
    line.append(report.status, style="yellow" if report.status == "partial" else "green")
    if report.status != "unchanged":
        line.append(f", {report.pages} pages, {report.passages} passages, {report.seconds:.1f} s")
    return [line, *(Text(f"  {_one_line(warning)}", style="yellow") for warning in report.warnings)]


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())


def _short(path: str) -> str:
    return _one_line(path).replace("\\", "/").rsplit("/", 1)[-1]


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
