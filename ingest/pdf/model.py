"""The layout model of PyMuPDF, asked about pages that geometry doubts.

The model (`pymupdf.layout`, in PyMuPDF's own wheels, no download) sees lines of text and the page's
picture, and says which lines make a block, of what class, and where the rows and columns of a
table run. Half a second a page, against four thousandths for geometry.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from ingest.pdf.geometry import Rect

#: A page with more pieces of text is a map or a data dump, on which the model takes minutes.
MAX_PIECES = 1500
#: A page that takes longer than this many seconds ends the asking, and so does a document.
PAGE_SECONDS = 15.0
#: Of the two models in the wheel the one that sees lines and rules without the page's picture: a
#: third of the time and 140 MB less than with it.
FEATURES = "rf"
DOCUMENT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Area:
    """A block as the model sees it; `rows` and `columns` are the edges of a table's cells."""

    kind: str
    box: Rect
    rows: tuple[float, ...] = ()
    columns: tuple[float, ...] = ()


class LayoutModel(Protocol):
    """Says what a page is made of."""

    def areas(self, page: Any, /) -> list[Area]:
        """Return the blocks of a PyMuPDF page; raise `ModelFailed` where that cannot be done."""
        ...


class ModelFailed(Exception):
    """The layout model is missing or could not read a page."""


class PymupdfLayout:
    """The model of `pymupdf.layout`, loaded at the first page that a process shows it."""

    def areas(self, page: Any) -> list[Area]:
        """Return the blocks of a page; see `LayoutModel.areas`."""
        predict = _load()
        try:
            groups = predict(page, return_raw=True) or []
        except _failures() as error:
            raise ModelFailed(f"the layout model failed: {error}") from error
        return [_area(group) for group in groups]


@lru_cache(maxsize=1)
def _load() -> Any:
    try:
        with _not_activated():
            from pymupdf.layout.DocumentLayoutAnalyzer import get_model
        return get_model(feature_set_name=FEATURES).predict
    except (ImportError, OSError) as error:
        raise ModelFailed(f"the layout model is not installed: {error}") from error
    except _failures() as error:
        raise ModelFailed(f"the layout model does not load: {error}") from error


class Guide:
    """Asks a model about pages, for as long as it answers, and answers in time."""

    def __init__(self, model: LayoutModel) -> None:
        self._model = model
        self._left = DOCUMENT_SECONDS
        self._ended = ""
        self._missed: list[int] = []

    def areas(self, page: Any, number: int, pieces: int) -> Sequence[Area]:
        """Return the blocks of a page; none where the model cannot be asked."""
        if self._ended or pieces > MAX_PIECES:
            self._missed.append(number)
            return []
        began = time.monotonic()
        try:
            return self._model.areas(page)
        except ModelFailed as error:
            self._ended = str(error)
            self._missed.append(number)
            return []
        finally:
            took = time.monotonic() - began
            self._left -= took
            if not self._ended and (took > PAGE_SECONDS or self._left < 0):
                self._ended = "the layout model takes too long"

    @property
    def missed(self) -> tuple[list[int], str]:
        """The pages it could not be asked about, and why."""
        return self._missed, self._ended or f"more than {MAX_PIECES} pieces of text"


@contextmanager
def _not_activated() -> Iterator[None]:
    """Keep `import pymupdf.layout` from loading the model that it takes by default.

    It loads none where PyMuPDF has something to call for a layout already.
    """
    pymupdf: Any = sys.modules["pymupdf"]
    before = pymupdf._get_layout
    pymupdf._get_layout = before or _not_activated
    try:
        yield
    finally:
        pymupdf._get_layout = before


def _area(group: dict[str, Any]) -> Area:
    x0, y0, x1, y1 = (float(edge) for edge in group["group_bbox"][:4])
    grid = group.get("table_grid")
    if grid is None:
        return Area(group["class_name"], Rect(x0, y0, x1, y1))
    rows = (y0, *sorted(y0 + float(at) for at in grid.h_lines), y1)
    columns = (x0, *sorted(x0 + float(at) for at in grid.v_lines), x1)
    return Area(group["class_name"], Rect(x0, y0, x1, y1), rows, columns)


def _failures() -> tuple[type[Exception], ...]:
    """Return what the model's libraries raise; ONNX's errors have no common class of their own."""
    import onnxruntime.capi.onnxruntime_pybind11_state as ort
    import pymupdf

    ours = (getattr(ort, name) for name in ("Fail", "InvalidArgument", "RuntimeException"))
    return (
        ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError, AttributeError,
        pymupdf.mupdf.FzErrorBase, *ours,
    )  # fmt: skip
