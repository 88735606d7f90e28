"""Turn a typeset PDF into what a flatbed scanner makes of it: tilted, grey, without text."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from corpus.source import Source
from corpus.typeset import STAMP

DPI = 170
TILT_DEGREES = 0.45
PAPER, NOISE = 246.0, 5.0  # grey level of the paper, and the noise's standard deviation
_QUALITY = 62


def scan(typeset_pdf: Path, source: Source, target: Path) -> None:
    """Write each page of `typeset_pdf` to `target` as one greyscale JPEG filling the page."""
    import pymupdf

    noise = np.random.default_rng(7)
    with pymupdf.open(typeset_pdf) as clean, pymupdf.open() as scanned:
        for page in clean:
            image = _scanned_image(page.get_pixmap(dpi=DPI, colorspace="gray"), noise)
            sheet = scanned.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=image)
        scanned.set_metadata(
            {"title": source.title, "author": "policykb", "creationDate": STAMP, "modDate": STAMP}
        )
        scanned.save(target, garbage=4, deflate=True, no_new_id=True)


def _scanned_image(pixmap: Any, noise: np.random.Generator) -> bytes:
    page = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    tilted = page.rotate(TILT_DEGREES, Image.Resampling.BICUBIC, fillcolor=255)
    levels = np.asarray(tilted, dtype=np.float32) * (PAPER - 40) / 255 + 40
    shading = np.linspace(0, -7, levels.shape[1], dtype=np.float32)
    grain = noise.normal(0, NOISE, levels.shape).astype(np.float32)
    grey = np.clip(levels + shading + grain, 0, 255).astype(np.uint8)
    out = BytesIO()
    Image.fromarray(grey).save(out, "JPEG", quality=_QUALITY, dpi=(DPI, DPI))
    return out.getvalue()
