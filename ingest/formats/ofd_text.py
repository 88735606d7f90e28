"""Where an OFD text object puts its characters (GB/T 33190-2016, clause 11).

A `TextCode` states the first character's point and the steps from each to the next, `g n v`
standing for n steps of v.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from ingest.formats.blocks import is_wide
from ingest.formats.ofd_package import numbers

#: Steps that can be a character's own width, in ems; a wider one is a gap after it.
_NARROWEST, _WIDEST, _WIDEST_LATIN = 0.15, 1.25, 1.05


@dataclass(frozen=True, slots=True)
class Placed:
    """A character: its point in the object's space, and how wide it is, in ems."""

    char: str
    x: float
    y: float
    width: float


def steps(text: str | None, count: int) -> list[float] | None:
    """Return `count` steps from a delta list; None when there is none.

    A list that is too short goes on with its last step, as programs that write such files mean.
    """
    words = (text or "").split()
    found: list[float] = []
    at = 0
    while at < len(words) and len(found) < count:
        run = words[at] == "g"
        values = numbers(" ".join(words[at + 1 : at + 3] if run else words[at : at + 1]))
        at += 3 if run else 1
        if run and len(values) == 2:
            # The count is the file's word; no more steps can be needed than characters.
            found += [values[1]] * min(max(int(values[0]), 0), count - len(found))
        elif not run:
            found += values
    if not found:
        return None
    return found + [found[-1]] * (count - len(found))


def place(code: etree._Element, size: float, across: float, direction: int) -> Iterator[Placed]:
    """Yield the characters of a `TextCode`, white space at the ends of its XML left out.

    `size` is the type size in the object's units, `across` its horizontal scale, `direction`
    the way the text runs in degrees, clockwise.
    """
    text = (code.text or "").strip("\r\n\t")
    x, y = (next(iter(numbers(code.get(name))), 0.0) for name in ("X", "Y"))
    count = max(len(text) - 1, 0)
    right, down = steps(code.get("DeltaX"), count), steps(code.get("DeltaY"), count)
    em = size * across or 1.0
    dx, dy = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}.get(direction % 360, (1, 0))
    for index, char in enumerate(text):
        own = width_of(char)
        if right is None and down is None:
            step_x, step_y = own * em * dx, own * size * dy
        else:
            step_x = right[index] if right and index < count else 0.0
            step_y = down[index] if down and index < count else 0.0
        stated = step_x / em
        widest = _WIDEST if is_wide(char) else _WIDEST_LATIN
        fits = step_y == 0 and _NARROWEST <= stated <= widest
        yield Placed(char, x, y, stated if fits else own)
        x, y = x + step_x, y + step_y


@lru_cache(maxsize=4096)
def width_of(char: str) -> float:
    """Return a character's usual width in ems: 1 for Han characters, else Helvetica's."""
    import pymupdf

    if is_wide(char):
        return 1.0
    return float(pymupdf.get_text_length(char, "helv", 1)) if char.isascii() else 0.5
