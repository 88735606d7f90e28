"""What the layout model gains over geometry, and on which pages it is worth asking.

usage: python benchmarks/layout.py [FILE_OR_FOLDER...] [--seeds 100 106]

Draws hard pages (`layout_pages.py`) and reads each by geometry alone, then with the layout model
asked below several thresholds of confidence, up to every page. Prints for each threshold how many
pages were asked about, the seconds a page took, and how much of the truth was read: runs of text
found whole, and in order; rows of tables; headings; labels kept out. Then the same at the threshold
in use for each kind of page; then, for PDFs named, the pages the model is asked about and those on
which it changed what is read. Nothing was fitted to these seeds; the kinds marked * were drawn
after all else was settled.
"""

from __future__ import annotations

import argparse
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

from layout_pages import HELD_OUT, KINDS, hard_page
from layout_sheet import Sheet

from ingest.errors import DocumentError
from ingest.mupdf import import_pymupdf
from ingest.pdf import doubt, read_pdf
from ingest.pdf.guided import guided_order
from ingest.pdf.model import Area, PymupdfLayout

MEASURES = ("found", "order", "rows", "headings", "labels")
Scores = dict[str, float]


def plain(text: str) -> str:
    """Drop white space and differences of width."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def score(page: Any, sheet: Sheet) -> Scores:
    """Return the share of a sheet's truth that was read, by measure."""
    text = plain(page.text)
    found: list[bool] = []
    order: list[bool] = []
    for thread in sheet.threads:
        places = [text.find(probe) for part in thread for probe in _probes(plain(part))]
        found += [place >= 0 for place in places]
        order += [0 <= a < b for a, b in pairwise(places)]
    scores = {"found": _share(found), "order": _share(order)}
    heads = {plain(block.text) for block in page.blocks if block.kind in ("heading", "title")}
    rows = {
        tuple(map(plain, row)) for block in page.blocks if block.table for row in block.table.rows
    }
    lines = set(map(plain, page.text.splitlines()))
    for name, shares in (
        ("headings", [plain(head) in heads for head in sheet.headings]),
        ("rows", [tuple(map(plain, row)) in rows for row in sheet.rows]),
        ("labels", [a not in (lines if len(a) < 5 else text) for a in map(plain, sheet.asides)]),
    ):
        if shares:
            scores[name] = _share(shares)
    return scores


def _probes(text: str) -> Iterable[str]:
    return (text[i : i + 12] for i in range(0, max(len(text) - 12, 0) + 1, 9))


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / max(len(hits), 1)


class Remembered:
    """The model, asked once about each page however often the page is read."""

    def __init__(self) -> None:
        self._model = PymupdfLayout()
        self._known: dict[str, list[Area]] = {}
        self.seconds: dict[str, float] = {}
        self.key = ""

    def areas(self, page: Any) -> list[Area]:
        """Return the blocks of the page that `key` names."""
        if self.key not in self._known:
            began = time.perf_counter()
            self._known[self.key] = self._model.areas(page)
            self.seconds[self.key] = time.perf_counter() - began
        return self._known[self.key]


def measured(
    model: Remembered | None, least: float, seeds: range
) -> tuple[dict[str, list[Scores]], dict[str, int], float]:
    """Return each kind's scores, how many of its pages the model was asked about, and seconds."""
    found: dict[str, list[Scores]] = defaultdict(list)
    asked: dict[str, int] = defaultdict(int)
    spent = 0.0
    for kind in KINDS:
        for seed in seeds:
            data, sheet = hard_page(kind, seed)
            if model is not None:
                model.key = f"{kind} {seed}"
            [page], _ = read_pdf(data, name=kind, model=model, least=least)
            found[kind].append(score(page, sheet))
            if model is not None and page.source == "layout":
                asked[kind] += 1
                spent += model.seconds[model.key]
    return found, asked, spent


def line(scores: Iterable[Scores]) -> str:
    """Return the means of scores as columns."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in scores:
        for name, share in one.items():
            found[name].append(share)
    return "".join(
        f"{sum(found[name]) / len(found[name]):9.3f}" if found[name] else "        -"
        for name in MEASURES
    )


def print_hard(seeds: range) -> None:
    """Print the tables over drawn pages."""
    model = Remembered()
    pages = len(KINDS) * len(seeds)
    print(f"{pages} drawn pages")
    print("asked below".ljust(16) + "asked".rjust(8) + "s/page".rjust(8) + _heads())
    for least in (0.0, 0.3, 0.4, doubt.LEAST, 1.0, 2.0):
        found, asked, spent = measured(model if least else None, least, seeds)
        name = "never" if not least else "every page" if least > 1 else f"{least:g}"
        every = [one for scores in found.values() for one in scores]
        print(f"{name:16}{sum(asked.values()):8}{spent / pages:8.3f}{line(every)}")
    geometry, _, _ = measured(None, 0.0, seeds)
    guided, asked, _ = measured(model, doubt.LEAST, seeds)
    print("\nkind".ljust(17) + "asked".rjust(8) + " " * 8 + _heads())
    for kind in KINDS:
        star = "*" if kind in HELD_OUT else ""
        print(f"{kind + star:16}{asked[kind]:8}{'alone':>8}{line(geometry[kind])}")
        print(f"{'':24}{'model':>8}{line(guided[kind])}")
    _print_model_order(seeds)


def _print_model_order(seeds: range) -> None:
    """Print what comes of reading the model's blocks in the order it gives them itself."""
    areas = "ingest.pdf.layout.guided_order"
    order = patch("ingest.pdf.guided.in_order", lambda boxes: list(range(len(boxes))))
    with patch(areas, _sorted_by_area(guided_order)), order:
        found, _, _ = measured(Remembered(), 2.0, seeds)
    every = [one for scores in found.values() for one in scores]
    print(f"\n{'every page, in the order':32}\n{'that the model sorts blocks in':32}{line(every)}")


def _sorted_by_area(order: Callable[..., Any]) -> Callable[..., Any]:
    def by_area(pieces: Sequence[Any], areas: Sequence[Area]) -> Any:
        def place(piece: Any) -> int:
            return next((i for i, area in enumerate(areas) if area.box.holds(piece, 2)), len(areas))

        return order(sorted(pieces, key=place), areas)

    return by_area


def _heads() -> str:
    return "".join(name.rjust(9) for name in MEASURES)


def print_files(files: Sequence[Path]) -> None:
    """Print which pages of files the model is asked about, and what that changes."""
    model, total, asked, changed = PymupdfLayout(), 0, 0, 0
    for file in files:
        try:
            alone, _ = read_pdf(file, name=file.name)
        except DocumentError:
            continue
        guided, _ = read_pdf(file, name=file.name, model=model)
        shown = [page.number for page in guided if page.source == "layout"]
        other = [n for n in shown if alone[n - 1].blocks != guided[n - 1].blocks]
        total, asked, changed = total + len(alone), asked + len(shown), changed + len(other)
        if shown:
            print(f"{file.name[:40]}: asked about {shown}, read otherwise {other}")
    print(f"{len(files)} files, {total} pages: asked about {asked}, read otherwise {changed}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--seeds", nargs=2, type=int, default=(100, 106))
    options = parser.parse_args()
    import_pymupdf()
    print_hard(range(*options.seeds))
    files = [
        file
        for path in options.paths
        for file in (sorted(path.rglob("*.pdf")) if path.is_dir() else [path])
    ]
    if files:
        print()
        print_files(files)


if __name__ == "__main__":
    main()
