"""Parsing speed and memory against raw PyMuPDF and pymupdf4llm, on the same pages in one run.

usage: python benchmarks/parsing.py FILE_OR_FOLDER... [--workers N] [--cap PAGES] [--skip-rival]
       [--repeat N] [--pages 200]

Prints pages/s of `page.get_text("dict")` in one process, of our whole parse (no OCR) in one and in
all processes, and of `pymupdf4llm.to_markdown` as installed (its layout model, no OCR). The rival
takes seconds a page: `--cap` has every reader see the first so many pages of each file, and all but
the rival read everything `--repeat` times, so that starting child processes weighs no more than in
an ingest of some hundred pages. Each reader runs in a process of its own, which reads the first
file before its clock starts; pages per second of its processor time are for busy machines. Then the
peak memory of one process that parses a report of `--pages` pages put together from the files,
above what it held after reading a single page.
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

READERS = ("raw", "one", "all", "rival")


def read_raw(files: list[Path], _workers: int | None) -> None:
    """Read with PyMuPDF alone."""
    import pymupdf

    for file in files:
        with pymupdf.open(file) as document:
            for page in document:
                page.get_text("dict")


def parse_in_one(files: list[Path], _workers: int | None) -> None:
    """Parse in this process."""
    from ingest import ParseOptions, parse_file

    for file in files:
        parse_file(file, ParseOptions(ocr="never"))


def parse_in_all(files: list[Path], workers: int | None) -> None:
    """Parse in child processes, as an ingest does."""
    from ingest import ParseOptions, parse_files

    for result in parse_files(files, ParseOptions(ocr="never"), workers=workers):
        if result.error is not None:
            raise result.error


def read_as_rival(files: list[Path], _workers: int | None) -> None:
    """Read with pymupdf4llm."""
    import pymupdf4llm

    for file in files:
        pymupdf4llm.to_markdown(str(file), use_ocr=False)


_WAYS: dict[str, Callable[[list[Path], int | None], None]] = {
    "raw": read_raw,
    "one": parse_in_one,
    "all": parse_in_all,
    "rival": read_as_rival,
}


def timed(way: str, files: list[Path], workers: int | None) -> tuple[float, float]:
    """Return the seconds one reader takes, on the clock and of this process's processor time."""
    _WAYS[way](files[:1], workers)
    started, used = time.perf_counter(), time.process_time()
    _WAYS[way](files, workers)
    return time.perf_counter() - started, time.process_time() - used


def peak(report: Path, single: Path) -> tuple[int, int]:
    """Return resident bytes after a single page, and the peak while a report is parsed."""
    from ingest import ParseOptions, parse_file

    parse_file(single, ParseOptions(ocr="never"))
    before = _status("VmRSS")
    parse_file(report, ParseOptions(ocr="never"))
    return before, _status("VmHWM")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))


def alone(task: str, files: list[Path], workers: int | None) -> list[float]:
    """Do one task in a fresh process and return what it measured."""
    command = [sys.executable, __file__, "--task", task, *map(str, files)]
    if workers:
        command += ["--workers", str(workers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def perform(task: str, files: list[Path], workers: int | None) -> list[float]:
    """Do one task in this process."""
    return [*peak(*files)] if task == "peak" else [*timed(task, files, workers)]


def capped(files: list[Path], cap: int, folder: Path) -> list[Path]:
    """Return copies of the files with their first `cap` pages; the files themselves where 0."""
    import pymupdf

    if not cap:
        return files
    copies = []
    for index, file in enumerate(files):
        with pymupdf.open(file) as document:
            document.select(range(min(cap, document.page_count)))
            copies.append(folder / f"{index}.pdf")
            document.save(copies[-1], garbage=2)
    return copies


def report_of(files: list[Path], pages: int, folder: Path) -> tuple[Path, Path]:
    """Return a report of so many pages taken from the files in turn, and its first page alone."""
    import pymupdf

    target, single = folder / "report.pdf", folder / "single.pdf"
    with pymupdf.open() as report:
        for file in itertools.cycle(files):
            with pymupdf.open(file) as document:
                report.insert_pdf(document, to_page=min(document.page_count, pages) - 1)
            if report.page_count >= pages:
                break
        report.select(range(pages))
        report.save(target, garbage=2)
        report.select([0])
        report.save(single, garbage=2)
    return target, single


def page_count(files: list[Path]) -> int:
    """Count the pages of files."""
    import pymupdf

    total = 0
    for file in files:
        with pymupdf.open(file) as document:
            total += document.page_count
    return total


def print_speed(files: list[Path], workers: int | None, readers: list[str], repeat: int) -> None:
    """Measure each reader in turn and print the table; seconds are of one reading."""
    pages = page_count(files)
    times = {way: 1 if way == "rival" else repeat for way in readers}
    found = {way: alone(way, files * times[way], workers) for way in readers}
    seconds = {way: found[way][0] / times[way] for way in readers}
    names = {
        "raw": 'PyMuPDF get_text("dict"), one process',
        "one": "policykb parse, one process",
        "all": "policykb parse, all processes",
        "rival": "pymupdf4llm with layout, one process",
    }
    print(f"{len(files)} files, {pages} pages")
    for way in readers:
        ratios = f"   {seconds['raw'] / seconds[way]:7.3f} of raw"
        if "rival" in seconds:
            ratios += f"   {seconds['rival'] / seconds[way]:7.1f} x pymupdf4llm"
        used = "" if way == "all" else f"{pages * times[way] / found[way][1]:.1f} per CPU-second"
        print(f"{names[way]:38} {pages / seconds[way]:7.1f} pages/s  {used:22}{ratios}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--cap", type=int, default=0)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--skip-rival", action="store_true")
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--task", choices=[*READERS, "peak"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        print(json.dumps(perform(options.task, options.paths, options.workers)))
        return
    files = [
        file
        for path in options.paths
        for file in (sorted(path.rglob("*.pdf")) if path.is_dir() else [path])
    ]
    readers = [way for way in READERS if way != "rival" or not options.skip_rival]
    with tempfile.TemporaryDirectory() as folder:
        seen = capped(files, options.cap, Path(folder))
        print_speed(seen, options.workers, readers, options.repeat)
        report, single = report_of(files, options.pages, Path(folder))
        before, most = alone("peak", [report, single], None)
    print(
        f"a report of {options.pages} pages: peak {most / 2**20:.0f} MiB, "
        f"{(most - before) / 2**20:.0f} MiB above a process that has read one page"
    )


if __name__ == "__main__":
    main()
