"""PyMuPDF as this package needs it: without the layout model and the converter that it imports."""

from __future__ import annotations

import sys
from typing import Any

_LEFT_OUT = ("pymupdf.layout", "pymupdf4llm")


def import_pymupdf() -> Any:
    """Import PyMuPDF, leaving its layout model and pymupdf4llm out unless they are in already.

    `import pymupdf` imports both where they are installed. The model starts an ONNX session with
    its threads: 0.35 s, 55 MB; the converter brings numpy and its threads: 0.17 s; and a process
    with threads must not be forked (measured with PyMuPDF 2.0). Whoever wants the model imports
    `pymupdf.layout` by name afterwards.
    """
    modules: dict[str, Any] = sys.modules
    kept_out = [] if "pymupdf" in modules else [n for n in _LEFT_OUT if n not in modules]
    modules.update(dict.fromkeys(kept_out))
    try:
        import pymupdf
    finally:
        for name in kept_out:
            del modules[name]
    return pymupdf
