"""The objects of an OFD page as PDF drawing operators.

OFD measures in millimetres from the top left, PDF in points from the bottom left; a `Matrix` maps
one space to the next, as in ISO 32000-1, 8.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from lxml import etree

from ingest.errors import LimitExceeded
from ingest.formats.ofd_package import Font, OfdPage, Resources, numbers
from ingest.formats.ofd_text import place
from ingest.formats.word_xml import child, children, local

Matrix = tuple[float, float, float, float, float, float]
POINTS_PER_MM = 72 / 25.4
#: Objects on one page: the fullest map sheets hold some 100,000 strokes.
MAX_OBJECTS = 500_000
_MAX_DEPTH = 16
_PLAIN = Font("", bold=False)
# The standard's default line width, in millimetres (clause 8.2.1).
_LINE_WIDTH = 0.353
_OPERANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}


class Names(Protocol):
    """Gives the names by which operators call on what the PDF holds."""

    def glyph(self, font: Font, char: str, width: int) -> tuple[str, str]:
        """Return a font's name and the code of a character so many thousandths of an em wide."""
        ...

    def picture(self, part: str) -> str | None:
        """Return the name of the picture in a part; None when it cannot be drawn."""
        ...

    def opacity(self, alpha: int) -> str:
        """Return the name of an opacity of 0 to 255."""
        ...


def draw_page(page: OfdPage, names: Names) -> str:
    """Return the operators that draw a page.

    Raises `LimitExceeded` when it holds more objects than any page needs.
    """
    k = POINTS_PER_MM
    to_page: Matrix = (k, 0, 0, -k, -page.x * k, (page.height + page.y) * k)
    drawer = _Drawer(page.resources, names)
    for layer in page.layers:
        drawer.draw_all(layer, to_page, layer.get("DrawParam"), 0)
    return "\n".join(drawer.operators)


def compose(inner: Matrix, outer: Matrix) -> Matrix:
    """Return the map that applies `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    m, n, o, p, q, r = outer
    return (
        a * m + b * o, a * n + b * p,
        c * m + d * o, c * n + d * p,
        e * m + f * o + q, e * n + f * p + r,
    )  # fmt: skip


class _Drawer:
    def __init__(self, resources: Resources, names: Names) -> None:
        self.operators: list[str] = []
        self._resources = resources
        self._names = names
        self._objects = 0

    def draw_all(
        self, holder: etree._Element, space: Matrix, param: str | None, depth: int
    ) -> None:
        if depth > _MAX_DEPTH:
            return
        for node in holder:
            self._objects += 1
            if self._objects > MAX_OBJECTS:
                raise LimitExceeded(
                    f"a page holds more than {MAX_OBJECTS} objects: print it to PDF"
                )
            self._draw(node, space, param, depth)

    def _draw(self, node: etree._Element, space: Matrix, param: str | None, depth: int) -> None:
        name = local(node)
        if name == "PageBlock":
            self.draw_all(node, space, param, depth + 1)
        if not name.endswith("Object") or node.get("Visible") == "false":
            return
        param = node.get("DrawParam") or param
        own = compose(_matrix(node), compose(_origin(node), space))
        if name == "TextObject":
            self._text(node, own, param)
        elif name == "PathObject":
            self._path(node, own, param)
        elif name == "ImageObject":
            self._image(node, own, space)
        elif name == "CompositeObject":
            unit = self._resources.units.get(node.get("ResourceID") or "")
            content = child(unit, "Content")
            if content is not None:
                self.draw_all(content, own, param, depth + 1)

    def _text(self, node: etree._Element, own: Matrix, param: str | None) -> None:
        size = _number(node, "Size", 0.0)
        across = _number(node, "HScale", 1.0)
        if size <= 0 or across <= 0:
            return
        font = self._resources.fonts.get(node.get("Font") or "", _PLAIN)
        if _number(node, "Weight", 400) >= 600:
            font = Font(font.name, bold=True)
        turned = _TURNS[int(_number(node, "CharDirection", 0)) // 90 % 4]
        glyph = compose((size * across, 0, 0, -size, 0, 0), turned)
        out = self._begin(node, self._color(node, "FillColor", param) or "0 g")
        out.append("BT")
        direction = int(_number(node, "ReadDirection", 0))
        for code in children(node, "TextCode"):
            out.extend(self._runs(code, font, size, across, direction, glyph, own))
        out.append("ET Q")

    def _runs(
        self, code: etree._Element, font: Font, size: float, across: float, direction: int,
        glyph: Matrix, own: Matrix,
    ) -> Iterator[str]:  # fmt: skip
        """Yield text-showing operators, one for each run of characters that adjoin."""
        run, expected, name = "", None, ""
        for char in place(code, size, across, direction):
            if ord(char.char) < 32 or 0xD800 <= ord(char.char) < 0xE000:
                continue
            width = round(char.width * 1000)
            face, codes = self._names.glyph(font, char.char, width)
            if expected is None or face != name or abs(char.x - expected[0]) > 0.01 * size \
                    or char.y != expected[1]:  # fmt: skip
                if run:
                    yield f"<{run}> Tj"
                run, name = "", face
                at = compose(glyph, (1, 0, 0, 1, char.x, char.y))
                yield f"/{face} 1 Tf {_shown(compose(at, own))} Tm"
            run += codes
            expected = (char.x + width / 1000 * size * across, char.y)
        if run:
            yield f"<{run}> Tj"

    def _path(self, node: etree._Element, own: Matrix, param: str | None) -> None:
        data = child(node, "AbbreviatedData")
        stroke = node.get("Stroke") != "false"
        filled = node.get("Fill") == "true"
        fill = self._color(node, "FillColor", param) if filled else None
        if data is None or not (stroke or fill):
            return
        line = self._color(node, "StrokeColor", param) or "0 g"
        stroked = line.replace("rg", "RG").replace(" g", " G").replace(" k", " K")
        out = self._begin(node, f"{fill or ''} {stroked}")
        width = _number(node, "LineWidth", self._line_width(param))
        out.append(f"{_shown(own)} cm {max(width, 0):.4f} w")
        out.extend(_path_operators((data.text or "").split()))
        even = "*" if node.get("Rule") == "Even-Odd" else ""
        out.append((f"B{even}" if stroke else f"f{even}") if fill else "S")
        out.append("Q")

    def _image(self, node: etree._Element, own: Matrix, space: Matrix) -> None:
        part = self._resources.images.get(node.get("ResourceID") or "")
        name = self._names.picture(part) if part else None
        if name is None:
            return
        if node.get("CTM") is None:
            box = numbers(node.get("Boundary"))
            if len(box) != 4:
                return
            own = compose((box[2], 0, 0, box[3], box[0], box[1]), space)
        self._begin(node, "")
        # PDF puts a picture's first row at the top of its unit square, OFD at the bottom.
        self.operators.append(f"{_shown(compose((1, 0, 0, -1, 0, 1), own))} cm /{name} Do Q")

    def _begin(self, node: etree._Element, colors: str) -> list[str]:
        """Open a graphics state with the object's colours and opacity."""
        out = self.operators
        out.append(f"q {colors}")
        alpha = min(max(int(_number(node, "Alpha", 255)), 0), 255)
        if alpha < 255:
            out.append(f"/{self._names.opacity(alpha)} gs")
        return out

    def _color(self, node: etree._Element, name: str, param: str | None) -> str | None:
        """Return the operator that sets a colour: the object's own, or its drawing parameter's."""
        found = child(node, name)
        for shared in self._params(param):
            found = child(shared, name) if found is None else found
        values = numbers(found.get("Value")) if found is not None else []
        operator = {1: "g", 3: "rg", 4: "k"}.get(len(values))
        if found is None or operator is None:
            return None if found is not None and len(found) else "0 g"
        return " ".join(f"{min(max(value / 255, 0), 1):.3f}" for value in values) + f" {operator}"

    def _line_width(self, param: str | None) -> float:
        for shared in self._params(param):
            if shared.get("LineWidth"):
                return _number(shared, "LineWidth", _LINE_WIDTH)
        return _LINE_WIDTH

    def _params(self, param: str | None) -> Iterator[etree._Element]:
        """Yield a drawing parameter and those it is relative to."""
        for _ in range(_MAX_DEPTH):
            found = self._resources.params.get(param or "")
            if found is None:
                return
            yield found
            param = found.get("Relative")


#: Quarter turns clockwise, in a space whose y grows downwards.
_TURNS: tuple[Matrix, ...] = (
    (1, 0, 0, 1, 0, 0), (0, 1, -1, 0, 0, 0), (-1, 0, 0, -1, 0, 0), (0, -1, 1, 0, 0, 0),
)  # fmt: skip


def _path_operators(words: list[str]) -> Iterator[str]:
    """Yield the PDF operators of a path; arcs, rare in text documents, become straight lines."""
    at, here = 0, (0.0, 0.0)
    while at < len(words):
        letter = words[at]
        count = _OPERANDS.get(letter, 0)
        values = numbers(" ".join(words[at + 1 : at + 1 + count]))
        at += 1 + count
        if letter not in _OPERANDS or len(values) != count:
            continue
        if letter == "C":
            yield "h"
            continue
        end = (values[-2], values[-1])
        if letter == "Q":
            # A quadratic curve as a cubic one: each control point two thirds of the way.
            one = [here[i] + 2 / 3 * (values[i] - here[i]) for i in (0, 1)]
            two = [end[i] + 2 / 3 * (values[i] - end[i]) for i in (0, 1)]
            values = [*one, *two, *end]
        operator = {"S": "m", "M": "m", "Q": "c", "B": "c"}.get(letter, "l")
        yield f"{' '.join(f'{v:.4f}' for v in (end if letter == 'A' else values))} {operator}"
        here = end


def _matrix(node: etree._Element) -> Matrix:
    values = numbers(node.get("CTM"))
    if len(values) != 6:
        return (1, 0, 0, 1, 0, 0)
    a, b, c, d, e, f = values
    return a, b, c, d, e, f


def _origin(node: etree._Element) -> Matrix:
    box = [*numbers(node.get("Boundary")), 0.0, 0.0]
    return 1, 0, 0, 1, box[0], box[1]


def _number(node: etree._Element, name: str, default: float) -> float:
    return next(iter(numbers(node.get(name))), default)


def _shown(matrix: Matrix) -> str:
    return " ".join(f"{value:.5f}" for value in matrix)
