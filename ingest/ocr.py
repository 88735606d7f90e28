"""Reading a page's picture: the seam every engine fits, and RapidOCR behind it.

RapidOCR's models come inside its wheel, so that nothing is fetched when it runs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from ingest.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Image = npt.NDArray[np.uint8]
    Quad = npt.NDArray[np.float64]

#: What to do when the OCR extra is not installed.
REMEDY = "install it with: pip install 'policykb[ocr]'"
# Lines whose direction is voted on; the longest say it best.
_VOTERS = 7
# A line this many times as wide as high that is read as fewer letters than this share of the
# width would hold was misread; rows of cells and justified words are seldom sparser.
_LONG, _SPARSE = 8.0, 0.35
_UPRIGHT, _LEFT, _DOWN, _RIGHT = 0, 1, 2, 3


class OcrUnavailable(DocumentError):
    """OCR was asked for, and the extra that does it is not installed."""

    code = "ocr-missing"


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text read from a picture: its box in points, origin top left, and confidence.

    Of a slanting line the box has the line's own length and height about its true centre, so
    that neighbouring lines do not overlap. Confidence is from 0 to 1. `turn` is by how many
    quarter turns counter-clockwise the page had to be turned for its lines to stand upright.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float
    turn: int = 0


class OcrEngine(Protocol):
    """Reads text from page pictures."""

    def read(self, image: Image, scale: float) -> list[OcrLine]:
        """Return the lines of an RGB picture (height, width, 3), in reading order.

        `scale` is pixels per point. A picture that lies on its side or upside down is turned
        before it is read; boxes are always in the given picture's own coordinates.
        """
        ...


def ocr_available() -> bool:
    """Tell, without importing it, whether an OCR engine is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=2)
def load_ocr(threads: int = 2) -> RapidOcr:
    """Load the OCR engine, once per process; `threads` is what one page may use.

    Raises `OcrUnavailable` with the command that installs it.
    """
    if not ocr_available():
        raise OcrUnavailable(f"reading page pictures needs the OCR extra: {REMEDY}")
    return RapidOcr(threads)


class LazyOcr:
    """An engine loaded at the first page that needs it; `on_read` is told before each page."""

    def __init__(self, threads: int = 2, on_read: Callable[[], None] | None = None) -> None:
        self._threads = threads
        self._on_read = on_read

    def read(self, image: Image, scale: float) -> list[OcrLine]:
        """Read a picture; see `OcrEngine.read`."""
        if self._on_read is not None:
            self._on_read()
        return load_ocr(self._threads).read(image, scale)


class RapidOcr:
    """PP-OCR models run by RapidOCR on onnxruntime."""

    def __init__(self, threads: int = 2) -> None:
        from rapidocr import RapidOCR

        self._engine: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        # It logs to its own handler on stderr, also while loading models later.
        logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)

    def read(self, image: Image, scale: float) -> list[OcrLine]:
        """Read a picture; see `OcrEngine.read`."""
        import numpy as np

        turn = self._turn(image)
        found = self._recognise(np.ascontiguousarray(np.rot90(image, turn)) if turn else image)
        height, width = image.shape[:2]
        return [
            _line(text, _turned_back(quad, turn, width, height), scale, score, turn)
            for quad, text, score in found
        ]

    def _recognise(self, image: Image) -> list[tuple[Quad, str, float]]:
        import numpy as np

        # RapidOCR keeps the last call's switches: say all three each time. Its own look at which
        # lines stand on their heads turns short figures that do not: 0.08 becomes 800.
        result = self._engine(_bgr(image), use_det=True, use_cls=False, use_rec=True)
        if result.boxes is None or result.txts is None:
            return []
        quads = np.asarray(result.boxes, dtype=np.float64)
        found = zip(quads, result.txts, map(float, result.scores), strict=True)
        return [self._mended(image, quad, text, score) for quad, text, score in found]

    def _mended(self, image: Image, quad: Quad, text: str, score: float) -> tuple[Quad, str, float]:
        """Read a line again by itself whose text is far too short for its box.

        Among others in a batch a whole line is sometimes read as its first few letters.
        """
        across, down = quad.max(axis=0) - quad.min(axis=0)
        if across < _LONG * down or _ems(text) > _SPARSE * across / max(down, 1.0):
            return quad, text, score
        result = self._engine(_bgr(_crop(image, quad)), use_det=False, use_cls=False, use_rec=True)
        again = "".join(result.txts or ())
        if _ems(again) <= _ems(text):
            return quad, text, score
        return quad, again, float(min(result.scores))

    def _turn(self, image: Image) -> int:
        """Return by how many quarter turns counter-clockwise the picture must be turned.

        Lines are looked for at half the picture's scale, which costs a quarter as much.
        """
        import numpy as np

        result = self._engine(_bgr(image[::2, ::2]), use_det=True, use_cls=False, use_rec=False)
        if result.boxes is None:
            return _UPRIGHT
        found = [2 * quad for quad in np.asarray(result.boxes, dtype=np.float64)]
        quads = sorted((quad for quad in found if _sides(quad)[0] > 2), key=_length)[-_VOTERS:]
        if not quads:
            return _UPRIGHT
        sideways = sum(_is_tall(quad) for quad in quads) * 2 > len(quads)
        lines = [_crop(image, quad) for quad in quads if _is_tall(quad) == sideways]
        over = self._stand_on_heads([np.rot90(line) if sideways else line for line in lines])
        if sideways:
            return _RIGHT if over else _LEFT
        return _DOWN if over else _UPRIGHT

    def _stand_on_heads(self, lines: Sequence[Image]) -> bool:
        """Tell whether lines are read better the other way up.

        The engine's own classifier of directions errs on lines of figures and Latin letters.
        """
        import numpy as np

        read = [(self._certainty(line), self._certainty(np.rot90(line, 2))) for line in lines]
        return sum(turned for _, turned in read) > sum(given for given, _ in read)

    def _certainty(self, line: Image) -> float:
        """Return how surely a line is read as it stands, weighed by how much is read."""
        if not line.size:
            return 0.0
        result = self._engine(_bgr(line), use_det=False, use_cls=False, use_rec=True)
        pairs = zip(result.txts or (), result.scores or (), strict=True)
        return sum(float(score) ** 2 * _ems(text) for text, score in pairs)


def _bgr(image: Image) -> Image:
    """Return a picture as RapidOCR takes it, channels turned round."""
    import numpy as np

    return np.ascontiguousarray(image[:, :, ::-1])


def _ems(text: str) -> float:
    """Estimate the width of text in ems: ASCII takes half of one."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


def _sides(quad: Quad) -> tuple[float, float]:
    """Return how many times as long as wide a box is, whichever way it lies, and its length."""
    across, down = quad.max(axis=0) - quad.min(axis=0)
    return float(max(across, down) / max(min(across, down), 1.0)), float(max(across, down))


def _length(quad: Quad) -> float:
    return _sides(quad)[1]


def _is_tall(quad: Quad) -> bool:
    across, down = quad.max(axis=0) - quad.min(axis=0)
    return bool(down > 1.5 * across)


def _crop(image: Image, quad: Quad) -> Image:
    x0, y0 = quad.min(axis=0).astype(int)
    x1, y1 = quad.max(axis=0).astype(int)
    return image[max(y0, 0) : y1 + 1, max(x0, 0) : x1 + 1]


def _turned_back(quad: Quad, turn: int, width: int, height: int) -> Quad:
    """Carry a box from the turned picture to the given one of `width` by `height` pixels."""
    import numpy as np

    x, y = quad[:, 0], quad[:, 1]
    if turn == _LEFT:
        x, y = width - y, x
    elif turn == _DOWN:
        x, y = width - x, height - y
    elif turn == _RIGHT:
        x, y = y, height - x
    return np.stack([x, y], axis=1)


def _line(text: str, quad: Quad, scale: float, score: float, turn: int) -> OcrLine:
    import numpy as np

    centre = quad.mean(axis=0)
    along = np.linalg.norm(quad[1] - quad[0] + quad[2] - quad[3]) / 2
    down = np.linalg.norm(quad[3] - quad[0] + quad[2] - quad[1]) / 2
    across, tall = quad.max(axis=0) - quad.min(axis=0)
    # The first side runs along the text, whichever way that points on the page.
    if (across >= tall) != (along >= down):
        along, down = down, along
    half = np.array([along, down]) / 2
    (x0, y0), (x1, y1) = (centre - half) / scale, (centre + half) / scale
    return OcrLine(text, float(x0), float(y0), float(x1), float(y1), score, turn)
