"""Files that take a worker some seconds each and bring few passages: pages of text over a chart.

The chart is drawn once in a file and shown on each page, as a background of a report's is.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingest import ParseOptions, parse_file

#: Strokes of the chart: a third of a second a page to read.
STROKES = 180_000
LINES = 4
#: Pages of the file by which the time for a page is measured.
MEASURED = 3
SENTENCES = (
    "鼓励银行扩大出口信贷支持，完善风险分担机制",
    "加快跨境电商综合试验区建设，培育外贸新增长点",
    "推动港口与铁路联运，降低企业物流成本",
    "健全知识产权海外维权援助，支持企业参加展会",
    "优化出口退税办理，按旬公布办理进度",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A file, and a number that stands in it alone."""

    path: Path
    code: str


def make_files(folder: Path, count: int, seconds: float) -> list[Made]:
    """Make files that take one worker about so many seconds of its processor each."""
    chosen = random.Random(0)
    codes = [str(chosen.randrange(10**11, 10**12)) for _ in range(count)]
    trial = make_file(folder / "trial.pdf", "trial", MEASURED)
    before = time.process_time()
    parse_file(trial.path, ParseOptions(ocr="never"))
    pages = max(2, math.ceil(seconds * MEASURED / (time.process_time() - before)))
    trial.path.unlink()
    return [
        make_file(folder / f"{number:03}.pdf", code, pages) for number, code in enumerate(codes)
    ]


def make_file(path: Path, code: str, pages: int) -> Made:
    """Write a file of so many pages that names a code on its first."""
    import pymupdf

    chosen = random.Random(code)
    with pymupdf.open(stream=_chart()) as chart, pymupdf.open() as document:
        for number in range(pages):
            page = document.new_page()
            page.show_pdf_page(page.rect, chart, 0)
            heads = [] if number else [f"关于出口信贷支持的意见（编号{code}）", "一、总体要求"]
            told = [
                f"第{number + 1}页第{line}条，{chosen.choice(SENTENCES)}，"
                f"年内完成{chosen.randrange(10, 10**6)}户。"
                for line in range(LINES)
            ]
            for at, text in enumerate([*heads, *told]):
                page.insert_text((60, 60 + 18 * at), text, fontname="china-s", fontsize=11)
        document.save(path)
    return Made(path, code)


@cache
def _chart() -> bytes:
    """Return a PDF whose one page is a chart."""
    import pymupdf

    chosen = random.Random(1)
    across, down = (chosen.choices(range(60, 500), k=2 * STROKES) for _ in range(2))
    ends = [f"{x} {y}" for x, y in zip(across, down, strict=True)]
    strokes = (f"{ends[at]} m {ends[at + 1]} l S" for at in range(0, len(ends), 2))
    with pymupdf.open() as drawn:
        page: Any = drawn.new_page()
        # Makes the stream that the others are then put into.
        page.draw_line((60, 400), (500, 400))
        drawn.update_stream(page.get_contents()[0], f"q 0.3 w {' '.join(strokes)} Q".encode())
        return bytes(drawn.tobytes(deflate=True))
