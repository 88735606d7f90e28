"""Pages read by OCR go through the same rules as the text layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pymupdf
import pytest

from ingest.ocr import REMEDY, OcrLine, load_ocr, ocr_available
from ingest.pdf import read_pdf

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

LINES = [
    "第一条\u3000为了规范数据处理活动，保障数据安全，制定本法。",
    "第二条\u3000在中华人民共和国境内开展数据处理活动及其安全监管，适用",
    "本法。",
]


class Known:
    """An engine that knows what is printed and where."""

    def __init__(self, lines: list[OcrLine]) -> None:
        self.lines = lines
        self.shapes: list[tuple[int, ...]] = []

    def read(self, image: npt.NDArray[np.uint8], scale: float) -> list[OcrLine]:
        """Return the known lines."""
        assert scale > 1
        self.shapes.append(image.shape)
        return self.lines


def pictured(lines: list[str], watermark: str = "") -> bytes:
    """Set lines on a page, and return a file that holds only the page's picture."""
    source = pymupdf.open()
    page = source.new_page()
    for i, line in enumerate(lines):
        page.insert_text((72, 100 + 18 * i), line, fontname="china-s", fontsize=11)
    pixmap = page.get_pixmap(dpi=170)
    scan = pymupdf.open()
    for _ in range(3):
        page = scan.new_page()
        page.insert_image(page.rect, pixmap=pixmap)
        if watermark:
            page.insert_text((200, 500), watermark, fontname="china-s", fontsize=20)
    return bytes(scan.tobytes())


def known() -> Known:
    """Return an engine for LINES."""
    boxes = [
        OcrLine(text, 72, 91 + 18 * i, 72 + 11 * len(text), 104 + 18 * i, 0.98)
        for i, text in enumerate(LINES)
    ]
    return Known([*boxes, OcrLine("污渍", 500, 700, 520, 712, 0.2)])


@pytest.mark.parametrize("watermark", ["", "某某文库 www.example.com"])
def test_pages_without_usable_text_are_read_from_their_picture(watermark: str) -> None:
    engine = known()
    pages, warnings = read_pdf(pictured(LINES, watermark), name="scan.pdf", ocr=engine)
    assert warnings == []
    assert len(engine.shapes) == 3
    assert all(shape[2] == 3 for shape in engine.shapes)
    for page in pages:
        assert page.source == "ocr"
        assert page.text.split("\n") == [
            "第一条 为了规范数据处理活动，保障数据安全，制定本法。",
            "第二条 在中华人民共和国境内开展数据处理活动及其安全监管，适用本法。",
        ]


def test_never_means_never_and_always_means_every_page() -> None:
    engine = known()
    _, warnings = read_pdf(pictured(LINES), name="scan.pdf", ocr=engine, ocr_mode="never")
    assert engine.shapes == []
    remedy = "read with --ocr auto" if ocr_available() else REMEDY
    assert warnings == [f"pages 1-3: no usable text; {remedy}"]
    document = pymupdf.open()
    page = document.new_page()
    for i in range(8):
        page.insert_text((72, 100 + 18 * i), LINES[1], fontname="china-s", fontsize=11)
    read_pdf(document.tobytes(), name="text.pdf", ocr=engine)
    assert engine.shapes == []
    pages, _ = read_pdf(document.tobytes(), name="text.pdf", ocr=engine, ocr_mode="always")
    assert len(engine.shapes) == 1
    assert pages[0].source == "ocr"


def test_a_page_read_sideways_has_its_boxes_on_the_page() -> None:
    lines = [
        OcrLine(text.replace("\u3000", ""), 300 - 20 * i, 80, 312 - 20 * i, 500, 0.9)
        for i, text in enumerate(LINES[:2])
    ]
    pages, _ = read_pdf(pictured(LINES), name="scan.pdf", ocr=Known(lines))
    assert pages[0].text.startswith("第一条为了")
    box = pages[0].blocks[0].lines[0].box
    assert box is not None
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((300, 80, 312, 500))


@pytest.mark.slow
@pytest.mark.skipif(not ocr_available(), reason="the ocr extra is not installed")
def test_a_scanned_page_is_read() -> None:
    pages, _ = read_pdf(pictured(LINES), name="scan.pdf", ocr=load_ocr(1))
    assert "保障数据安全" in pages[0].text
    assert "适用本法" in pages[0].text
