"""PyMuPDF as this package needs it: without the layout model that it loads on import."""

from __future__ import annotations

import sys
from typing import Any


def import_pymupdf() -> Any:
    """Import PyMuPDF, leaving its layout model out unless it is in already.

    `import pymupdf` imports `pymupdf.layout` where that is installed, which starts an ONNX session
    with its threads: 0.35 s, 55 MB, and a process that must not be forked (measured with
    PyMuPDF 2.0). Whoever wants the model imports `pymupdf.layout` by name afterwards.
    """
    modules: dict[str, Any] = sys.modules
    if "pymupdf" not in modules:
        modules["pymupdf.layout"] = None
    try:
        import pymupdf
    finally:
        if modules.get("pymupdf.layout", ...) is None:
            del modules["pymupdf.layout"]
    return pymupdf
