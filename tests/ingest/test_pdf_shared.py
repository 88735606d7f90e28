"""Measures over the shared files: hand-read pages, and documents typeset from known text."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from ingest.model import Page
from ingest.pdf import read_pdf

SHARED = Path(__file__).parents[2].parent / "shared"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the shared files are not beside the project"),
]


@cache
def pages_of(path: Path) -> list[Page]:
    """Read a file once."""
    return read_pdf(path, name=path.name)[0]


def scorer() -> ModuleType:
    """Load the shared scorer."""
    spec = importlib.util.spec_from_file_location("pdf_truth", SHARED / "tools/pdf_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_hand_read_pages() -> None:
    scores = scorer().score(
        SHARED / "pdfs/truth", SHARED / "pdfs/zh", lambda path, n: pages_of(path)[n - 1].text
    )
    assert scores
    means = {
        key: sum(score[key] for score in scores.values()) / len(scores)
        for key in ("recall", "order", "furniture", "headings")
    }
    assert means["recall"] >= 0.98
    assert means["order"] >= 0.98
    assert means["furniture"] >= 0.97
    assert means["headings"] >= 0.95


def normal(text: str) -> str:
    """Drop white space and character variants."""
    text = re.sub(r"[\s*#]+", "", unicodedata.normalize("NFKC", text))
    return text.replace("—", "-").replace("–", "-")


@pytest.mark.parametrize("name", ["boc", "hitech", "nev", "tbt", "xinzhi"])
def test_typeset_documents_keep_their_text_in_order(name: str) -> None:
    source = normal((SHARED / f"pdfs/seeds/{name}.txt").read_text(encoding="utf-8"))
    found = normal("".join(page.text for page in pages_of(SHARED / f"pdfs/seeds/{name}.pdf")))
    anchors = [source[i : i + 12] for i in range(0, len(source) - 12, 31)]
    kept, last = 0, 0
    for anchor in anchors:
        place = found.find(anchor, max(0, last - 200))
        if place >= 0:
            kept, last = kept + 1, place
    assert kept >= 0.99 * len(anchors)
