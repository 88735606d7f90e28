"""PyMuPDF is imported without its layout model."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from ingest import ParseOptions, parse_bytes

parse_bytes("a.pdf", open(sys.argv[1], "rb").read(), ParseOptions(ocr="never"))

for heavy in ("pymupdf.layout", "pymupdf4llm", "numpy", "onnxruntime"):
    assert heavy not in sys.modules, f"{heavy} was loaded"
from ingest.mupdf import import_pymupdf
import pymupdf
assert import_pymupdf() is pymupdf
"""


def test_the_layout_model_is_not_loaded_by_reading_a_pdf(tmp_path: Path) -> None:
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(PDF)
    subprocess.run(
        [sys.executable, "-c", SCRIPT, pdf],
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
"""


def test_what_children_are_forked_from_has_one_thread() -> None:
    script = "import os, ingest.preload; print(len(os.listdir('/proc/self/task')))"
    if not Path("/proc/self/task").is_dir():
        pytest.skip("threads are counted through /proc")
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "1"
