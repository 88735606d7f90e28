"""A page as a picture, with passages marked the way a marker pen would."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.errors import DocumentError, EncryptedFile, UnreadableFile, UnsupportedFormat
from ingest.formats.detect import detect
from ingest.model import Box
from ingest.mupdf import import_pymupdf
from ingest.parse import ParseOptions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

#: 24 megapixels: an A4 page at 500 dpi, or 72 MB while it is being drawn.
MAX_PIXELS = 24_000_000
# Ink is multiplied by the marker's colour, as light through a felt-tip stroke is: white turns
# yellow and black stays black.
_MARKER = (1.0, 0.92, 0.35)
_MARGIN = 1.0
# ISO 32000-1, Annex H, note 13.
_HEADER_WITHIN = 1024


class NoSuchPage(DocumentError):
    """The document has no page of that number."""

    code = "no-such-page"


def render_page(
    source: bytes | Path,
    page: int,
    *,
    scale: float = 1.5,
    highlights: Sequence[Box] = (),
    max_pixels: int = MAX_PIXELS,
    password: str | None = None,
) -> bytes:
    """Draw page `page` (from 1) of a PDF or OFD file as PNG, with `highlights` marked in yellow.

    `scale` is pixels per point; a page that would exceed `max_pixels` is drawn smaller.
    Highlights on other pages are ignored. The file is not altered.

    Raises `UnsupportedFormat` for a file without pages, `NoSuchPage`, `EncryptedFile`, and
    `UnreadableFile` when the page cannot be drawn.
    """
    pymupdf = import_pymupdf()

    if not 0 < scale < math.inf:
        raise ValueError(f"scale must be a positive number of pixels per point, not {scale}")
    with _open(source, password, page) as document:
        if not 1 <= page <= document.page_count:
            raise NoSuchPage(f"there is no page {page}: the document has {document.page_count}")
        try:
            return _draw(document[page - 1], page, scale, highlights, max_pixels)
        except (RuntimeError, ValueError, MemoryError, pymupdf.mupdf.FzErrorBase) as error:
            raise UnreadableFile(f"page {page} cannot be drawn: {error}") from error


def _open(source: bytes | Path, password: str | None, page: int) -> Any:
    pymupdf = import_pymupdf()

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    data = source.read_bytes() if isinstance(source, Path) else source
    data = _as_pdf(data, page)
    try:
        document = pymupdf.open(stream=data, filetype="pdf")
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise UnreadableFile(f"the PDF cannot be opened: {error}") from error
    if document.needs_pass and not document.authenticate(password or ""):
        document.close()
        raise EncryptedFile("the PDF needs its password to be drawn: give --password")
    return document


def _as_pdf(data: bytes, page: int) -> bytes:
    """Return a PDF in which `page` at least is drawn."""
    if b"%PDF-" in data[:_HEADER_WITHIN]:
        return data
    if data.startswith(b"PK") and detect("file", data) == "ofd":
        from ingest.formats.ofd import ofd_to_pdf

        return ofd_to_pdf(data, max_pages=ParseOptions().max_pages, only=page).pdf
    raise UnsupportedFormat(
        "only PDF and OFD files have page pictures: show the page's text instead"
    )


def _draw(
    page: Any, number: int, scale: float, highlights: Sequence[Box], max_pixels: int
) -> bytes:
    import numpy as np

    pymupdf = import_pymupdf()

    scale = fitting_scale(page.rect.width, page.rect.height, scale, max_pixels)
    picture = page.get_pixmap(
        matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=False
    )
    marks = [box for box in highlights if box.page == number]
    if marks:
        pixels = np.frombuffer(picture.samples, np.uint8).reshape(picture.h, picture.w, 3).copy()
        mark(pixels, marks, scale)
        picture = pymupdf.Pixmap(pymupdf.csRGB, picture.w, picture.h, pixels.tobytes(), False)
    return bytes(picture.tobytes("png"))


def fitting_scale(width: float, height: float, scale: float, max_pixels: int) -> float:
    """Return `scale`, or the largest smaller one at which width × height points fit."""
    pixels = max(width, 1.0) * max(height, 1.0) * scale * scale
    return scale if pixels <= max_pixels else scale * math.sqrt(max_pixels / pixels)


def mark(pixels: npt.NDArray[np.uint8], boxes: Sequence[Box], scale: float) -> None:
    """Multiply the pixels under `boxes` by the marker's colour, each pixel once."""
    import numpy as np

    height, width = pixels.shape[:2]
    under = np.zeros((height, width), dtype=bool)
    for box in boxes:
        left, top = _pixel(box.x0 - _MARGIN, scale, width), _pixel(box.y0, scale, height)
        right, bottom = _pixel(box.x1 + _MARGIN, scale, width), _pixel(box.y1, scale, height)
        under[top:bottom, left:right] = True
    pixels[under] = (pixels[under] * np.array(_MARKER)).astype(np.uint8)


def _pixel(points: float, scale: float, limit: int) -> int:
    at = points * scale
    return min(max(round(at), 0), limit) if math.isfinite(at) else 0
