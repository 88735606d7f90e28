"""Ingest speed against raw PyMuPDF on the same files, in one run.

usage: python benchmarks/ingest_speed.py FILE_OR_FOLDER... [--workers N] [--ocr auto|never]

Prints, for PDFs: pages/s of `page.get_text("dict")` alone, of our parse in one process, and of a
whole `KnowledgeBase.ingest` (parse, store, index); each as a ratio to the first; and this
process's peak memory. Every file is read once before the clock starts: MuPDF keeps glyphs it has
met, so whoever reads first would pay for all. PyMuPDF's default for "dict" decodes images too;
our parse leaves them out.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pymupdf

from ingest import ParseOptions, parse_file
from kb import KnowledgeBase


def pdfs(paths: Iterable[Path]) -> list[Path]:
    """Return the PDFs among files and folders, in a stable order."""
    found: list[Path] = []
    for path in paths:
        found += sorted(path.rglob("*.pdf")) if path.is_dir() else [path]
    return found


def raw(files: list[Path]) -> tuple[int, float]:
    """Return pages and seconds of PyMuPDF's own extraction."""
    pages, started = 0, time.perf_counter()
    for file in files:
        with pymupdf.open(file) as document:
            for page in document:
                page.get_text("dict")
                pages += 1
    return pages, time.perf_counter() - started


def parsed(files: list[Path]) -> float:
    """Return seconds of our whole parse in this process, without OCR."""
    started = time.perf_counter()
    for file in files:
        parse_file(file, ParseOptions(ocr="never"))
    return time.perf_counter() - started


def ingested(files: list[Path], workers: int | None, ocr: str) -> float:
    """Return seconds of an ingest into an empty knowledge base."""
    with tempfile.TemporaryDirectory() as home, KnowledgeBase.open(Path(home)) as base:
        started = time.perf_counter()
        base.ingest(files, workers=workers, ocr=ocr)  # type: ignore[arg-type]
        return time.perf_counter() - started


def peak_megabytes() -> float:
    """Return this process's peak resident memory in MiB (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--ocr", choices=["auto", "never"], default="never")
    options = parser.parse_args()
    files = pdfs(options.paths)
    raw(files)
    parse_file(files[0], ParseOptions(ocr="never"))
    pages, base = raw(files)
    rows = [
        ('PyMuPDF get_text("dict"), one process', base),
        ("policykb parse, one process", parsed(files)),
        (f"policykb ingest, OCR {options.ocr}", ingested(files, options.workers, options.ocr)),
    ]
    print(f"{len(files)} files, {pages} pages")
    for name, seconds in rows:
        print(f"{name:40} {pages / seconds:8.1f} pages/s   {base / seconds:6.2f} of raw")
    print(f"peak memory of this process, all three together: {peak_megabytes():.0f} MiB")


if __name__ == "__main__":
    main()
