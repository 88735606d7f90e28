"""Reading page pictures: upright, turned, slanting; and what to do when OCR is missing."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pymupdf
import pytest

from ingest import OcrUnavailable, ParseOptions, load_ocr, ocr_available, parse_bytes
from ingest.ocr import LazyOcr, OcrEngine, OcrLine

LINES = [
    "商务部关于扫描件识别的通知",
    "第一条 支持新能源汽车出口贸易。",
    "第二条 增长百分之二十五。",
]
SCALE = 2.0
WIDTH, HEIGHT = 420, 300


def picture(tilt: float = 0.0) -> npt.NDArray[np.uint8]:
    """Draw the lines 60 points apart on a page, tilted by some degrees."""
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    turn = (pymupdf.Point(WIDTH / 2, HEIGHT / 2), pymupdf.Matrix(tilt))
    for row, line in enumerate(LINES):
        place = pymupdf.Point(50, 80 + 60 * row)
        page.insert_text(place, line, fontname="china-s", fontsize=18, morph=turn)
    drawn = page.get_pixmap(matrix=pymupdf.Matrix(SCALE, SCALE), alpha=False)
    return np.frombuffer(drawn.samples, np.uint8).reshape(drawn.h, drawn.w, 3)


def texts(lines: list[OcrLine]) -> list[str]:
    return ["".join(line.text.split()) for line in lines]


WANTED = ["".join(line.split()) for line in LINES]


@pytest.fixture(scope="module")
def engine() -> OcrEngine:
    pytest.importorskip("rapidocr", reason="needs the ocr extra")
    return load_ocr(2)


@pytest.mark.slow
def test_lines_are_read_in_order_with_boxes_in_points(engine: OcrEngine) -> None:
    lines = engine.read(picture(), SCALE)
    assert texts(lines) == WANTED
    for row, line in enumerate(lines):
        assert line.x0 == pytest.approx(50, abs=5)
        assert (line.y0 + line.y1) / 2 == pytest.approx(74 + 60 * row, abs=4)
        assert line.x1 - line.x0 == pytest.approx(18 * len(LINES[row]), rel=0.15)
        assert line.confidence > 0.8
        assert line.turn == 0


@pytest.mark.slow
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_page_is_read_and_its_boxes_stay_on_it(engine: OcrEngine, turn: int) -> None:
    upright = engine.read(picture(), SCALE)
    turned = np.ascontiguousarray(np.rot90(picture(), turn))
    lines = engine.read(turned, SCALE)
    assert texts(lines) == WANTED
    assert {line.turn for line in lines} == {4 - turn}
    for line, straight in zip(lines, upright, strict=True):
        ink = np.rot90(picture(), turn) < 128
        box = ink[
            round(line.y0 * SCALE) : round(line.y1 * SCALE),
            round(line.x0 * SCALE) : round(line.x1 * SCALE),
        ]
        whole = (picture() < 128)[
            round(straight.y0 * SCALE) : round(straight.y1 * SCALE),
            round(straight.x0 * SCALE) : round(straight.x1 * SCALE),
        ]
        assert box.sum() == pytest.approx(whole.sum(), rel=0.1)


@pytest.mark.slow
def test_lines_of_a_slanting_page_do_not_overlap(engine: OcrEngine) -> None:
    lines = engine.read(picture(tilt=5), SCALE)
    assert texts(lines) == WANTED
    assert all(line.y1 - line.y0 < 30 for line in lines)
    assert all(above.y1 < below.y0 for above, below in pairwise(lines))


@pytest.mark.slow
def test_an_empty_page_has_no_lines(engine: OcrEngine) -> None:
    assert engine.read(np.full((200, 300, 3), 255, np.uint8), SCALE) == []


@pytest.mark.slow
def test_the_engine_prints_nothing(engine: OcrEngine, capfd: Any) -> None:
    engine.read(np.full((60, 300, 3), 255, np.uint8), SCALE)
    assert capfd.readouterr() == ("", "")


def test_the_engine_is_loaded_at_the_first_page(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    lazy = LazyOcr(threads=3, on_read=lambda: told.append("page"))
    with pytest.raises(OcrUnavailable, match=r"pip install 'policykb\[ocr\]'"):
        lazy.read(np.zeros((10, 10, 3), np.uint8), 1.0)
    assert told == ["page"]


def test_without_the_extra_only_always_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    assert not ocr_available()
    document = pymupdf.open()
    document.new_page().insert_text((50, 80), LINES[0], fontname="china-s")
    data = bytes(document.tobytes())
    assert LINES[0] in parse_bytes("a.pdf", data, ParseOptions(ocr="auto")).body.text
    with pytest.raises(OcrUnavailable, match=r"a\.pdf.*policykb\[ocr\]"):
        parse_bytes("a.pdf", data, ParseOptions(ocr="always"))


@pytest.mark.slow
def test_a_scanned_pdf_is_read_with_boxes_on_its_page(engine: OcrEngine) -> None:
    drawn = picture()
    scan = pymupdf.Pixmap(
        pymupdf.csRGB, drawn.shape[1], drawn.shape[0], np.ascontiguousarray(drawn).tobytes(), False
    )
    document = pymupdf.open()
    page = document.new_page(width=WIDTH, height=HEIGHT)
    page.insert_image(page.rect, stream=scan.tobytes("png"))
    parsed = parse_bytes("scan.pdf", bytes(document.tobytes()), ParseOptions(ocr="auto"))
    assert parsed.pages[0].source == "ocr"
    assert "".join(parsed.body.text.split()) == "".join(WANTED)
    box = parsed.body.lines[0].box
    assert box is not None
    assert (box.y0 + box.y1) / 2 == pytest.approx(74, abs=5)


@pytest.mark.slow
@pytest.mark.skipif(not ocr_available(), reason="the ocr extra is not installed")
@pytest.mark.parametrize("turn", [0, 1, 2, 3])
def test_short_figures_are_not_read_upside_down(turn: int) -> None:
    document = pymupdf.open()
    page = document.new_page(width=420, height=260)
    figures = ["0.08", "0.05", "0.03", "0.10", "0.005", "0.60"]
    page.insert_text((30, 14), "Ti-5.5Al-4Sn-2Zr-1Mo-0.25Si", fontsize=7)
    for row in range(12):
        for column, figure in enumerate(figures):
            page.insert_text((30 + 64 * column, 30 + 18 * row), figure, fontsize=7)
    pixmap = page.get_pixmap(matrix=pymupdf.Matrix(2.5, 2.5), alpha=False)
    image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    image = np.ascontiguousarray(np.rot90(image, turn))
    read = [line.text for line in load_ocr(1).read(image, 2.5)]
    assert read.count("0.08") == 12
    assert len(set(read) - set(figures)) == 1
