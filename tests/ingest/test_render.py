"""Page pictures and the marks on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pymupdf
import pytest

from ingest import Box, EncryptedFile, UnsupportedFormat, render_page
from ingest.render import MAX_PIXELS, NoSuchPage


def pdf(width: float = 200, height: float = 100, rotation: int = 0, **saving: object) -> bytes:
    document = pymupdf.open()
    page = document.new_page(width=width, height=height)
    page.draw_rect(pymupdf.Rect(20, 20, 30, 30), color=(0, 0, 0), fill=(0, 0, 0))
    page.set_rotation(rotation)
    return bytes(document.tobytes(**saving))


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    picture = pymupdf.Pixmap(png)
    return np.frombuffer(picture.samples, np.uint8).reshape(picture.h, picture.w, picture.n)


def test_a_mark_is_yellow_on_white_and_leaves_black_black() -> None:
    drawn = pixels(render_page(pdf(), 1, scale=2, highlights=[Box(1, 15, 15, 60, 40)]))
    assert drawn.shape == (200, 400, 3)
    red, green, blue = drawn[70, 100]
    assert red == 255
    assert blue < 120 < green
    assert drawn[50, 50].tolist() == [0, 0, 0]
    assert drawn[150, 300].tolist() == [255, 255, 255]


def test_overlapping_marks_are_no_darker() -> None:
    once = render_page(pdf(), 1, highlights=[Box(1, 40, 40, 80, 60)])
    twice = render_page(pdf(), 1, highlights=[Box(1, 40, 40, 80, 60)] * 3)
    assert once == twice


def test_marks_of_other_pages_and_outside_the_page_are_ignored() -> None:
    plain = render_page(pdf(), 1)
    others = [Box(2, 0, 0, 50, 50), Box(1, 900, 900, 950, 950), Box(1, 60, 60, 50, 50)]
    assert render_page(pdf(), 1, highlights=others) == plain


def test_boxes_are_in_the_page_as_it_is_shown() -> None:
    drawn = pixels(render_page(pdf(rotation=90), 1, scale=1, highlights=[Box(1, 10, 150, 40, 190)]))
    assert drawn.shape[:2] == (200, 100)
    assert drawn[170, 25, 2] < 120


def test_a_file_is_drawn_and_not_altered(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf())
    before = path.read_bytes()
    assert render_page(path, 1, highlights=[Box(1, 0, 0, 9, 9)]).startswith(b"\x89PNG")
    assert path.read_bytes() == before


def test_an_absurd_page_is_drawn_smaller() -> None:
    drawn = pixels(render_page(pdf(14_000, 14_000), 1, scale=4, max_pixels=1_000_000))
    assert drawn.shape[0] * drawn.shape[1] <= 1_010_000
    assert MAX_PIXELS * 3 < 100 << 20


@pytest.mark.parametrize("page", [0, 2, -1])
def test_a_page_that_is_not_there_is_named(page: int) -> None:
    with pytest.raises(NoSuchPage, match=rf"no page {page}: the document has 1"):
        render_page(pdf(), page)


def test_other_formats_have_no_pictures() -> None:
    with pytest.raises(UnsupportedFormat, match="only PDF"):
        render_page("文字".encode(), 1)


def test_an_encrypted_file_needs_its_password() -> None:
    data = pdf(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    with pytest.raises(EncryptedFile, match="--password"):
        render_page(data, 1)
    drawn = render_page(data, 1, password="secret")  # noqa: S106
    assert drawn.startswith(b"\x89PNG")


@pytest.mark.parametrize("scale", [0, -1, float("nan"), float("inf")])
def test_a_scale_must_be_positive(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        render_page(pdf(), 1, scale=scale)
