"""Pictures side by side on one sheet, and small enough to keep."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

GAP = 12
#: Width of one picture on a sheet, of a wide page and of a phone's.
WIDTHS = (800, 300)
QUALITY = 80
COLOURS = 128


def paste(pictures: Sequence[bytes], to: Path) -> None:
    """Write pictures as one WebP: those of wide pages in two columns, phones' in a row beneath."""
    opened = [Image.open(io.BytesIO(one)).convert("RGB") for one in pictures]
    scaled = [_scaled(one, WIDTHS[0] if one.width > one.height else WIDTHS[1]) for one in opened]
    wide = [one for one in scaled if one.width == WIDTHS[0]]
    rows = [wide[at : at + 2] for at in range(0, len(wide), 2)]
    rows.append([one for one in scaled if one.width != WIDTHS[0]])
    width = max(sum(one.width + GAP for one in row) for row in rows) - GAP
    height = sum(max(one.height for one in row) + GAP for row in rows if row) - GAP
    sheet = Image.new("RGB", (width, height), "#7f7f7f")
    top = 0
    for row in filter(None, rows):
        left = 0
        for one in row:
            sheet.paste(one, (left, top))
            left += one.width + GAP
        top += max(one.height for one in row) + GAP
    sheet.save(to, quality=QUALITY, method=6)


def small(picture: bytes) -> bytes:
    """Return a picture with a palette of its own, PNG."""
    out = io.BytesIO()
    picture_ = Image.open(io.BytesIO(picture)).convert("RGB")
    picture_.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _scaled(picture: Image.Image, width: int) -> Image.Image:
    height = round(picture.height * width / picture.width)
    return picture.resize((width, height), Image.Resampling.LANCZOS)
