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

from kb.cli.layout import counted, inset, one_line
from kb.cli.output import console
from kb.types import FileReport, Progress

REFRESH_PER_SECOND = 8
BAR_WIDTH = 30
_HANGING = "  "


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
            self._print(line)

    def summary(self) -> str:
        """Say in one line what became of the files."""
        statuses = [report.status for report in self._reports]
        counts = ", ".join(f"{statuses.count(s)} {s}" for s in dict.fromkeys(statuses))
        pages = self._pages()
        seconds = max(time.monotonic() - self._started, 1e-3)
        passages = sum(report.passages for report in self._reports)
        return (
            f"{counted(len(statuses), 'file')}: {counts or 'none'}; {counted(pages, 'page')}, "
            f"{counted(passages, 'passage')} in {_time(seconds)}"
            + (f" ({_rate(pages / seconds)})" if pages else "")
        )

    def interrupted(self) -> None:
        """Say what is in after Ctrl-C, and how to go on."""
        self._live.stop()
        self._console.print(f"stopped; {self.summary()}")
        self._console.print("what is reported above is in: run the same command to do the rest")

    def _print(self, line: Text) -> None:
        """Print a line: set in where it goes on on a terminal, whole elsewhere."""
        if self._console.is_terminal:
            indent = _HANGING if line.plain.startswith(_HANGING) else ""
            inset(self._console, line[len(indent) :], first=indent)
        else:
            self._console.print(line, soft_wrap=True)

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
        return Group(rows, self._bar()) if self._active else self._bar()

    def _bar(self) -> RenderableType:
        if not self._total:
            return Text("looking for files")
        share = self._share()
        elapsed = max(time.monotonic() - self._started, 1e-3)
        left = _time(elapsed * (1 - share) / share) if share > 0 else "?"
        pages = self._pages() + sum(p.page for p in self._active.values() if p.path)
        line = Table.grid(padding=(0, 1))
        line.add_row(
            ProgressBar(total=1.0, completed=share, width=BAR_WIDTH),
            Text(f"{len(self._reports)} of {self._total} files"),
            Text(_rate(pages / elapsed)),
            Text(f"{left} left"),
        )
        return line

    def _share(self) -> float:
        """Return how much of the run is done, files under way by the pages read of them."""
        under_way = sum(
            max(progress.page - 1, 0) / progress.pages
            for progress in self._active.values()
            if progress.path and progress.pages
        )
        return min((len(self._reports) + under_way) / max(self._total, 1), 1.0)


def _lines(report: FileReport) -> list[Text]:
    if report.error is not None:
        return [Text(f"policykb: {one_line(report.error.message)}", style="red")]
    line = Text(f"{one_line(report.path)}: ")
    line.append(report.status, style="yellow" if report.status == "partial" else "green")
    if report.status != "unchanged":
        pages, passages = counted(report.pages, "page"), counted(report.passages, "passage")
        line.append(f", {pages}, {passages}, {report.seconds:.1f} s")
    warnings = (f"{_HANGING}{one_line(warning)}" for warning in report.warnings)
    return [line, *(Text(warning, style="yellow") for warning in warnings)]


def _short(path: str) -> str:
    return one_line(path).replace("\\", "/").rsplit("/", 1)[-1]


def _rate(pages_per_second: float) -> str:
    return f"{pages_per_second:.{0 if pages_per_second >= 10 else 1}f} pages/s"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
