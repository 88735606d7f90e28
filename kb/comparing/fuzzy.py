"""Find where a text comes nearest to standing in another, by its edit distance.

All of a pattern is compared with one more character of a text in a few machine operations on
integers of as many bits: G. Myers, "A fast bit-vector algorithm for approximate string matching
based on dynamic programming" (1999).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kb.comparing.words import common

#: Characters in a row from which two texts share them by more than chance.
_RUN = 3
#: Characters at an end of a pattern that are looked for beyond the place nearest to it.
_END = 6
#: Ends of one distance that are looked at for the place whose length suits best.
_MOST_ENDS = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `[start, end)` of a text, at `distance` edits from what was looked for."""

    start: int
    end: int
    distance: int


def nearest(pattern: str, text: str) -> Place:
    """Return the place in a text with the fewest edits; of several the nearest in length."""
    distances = list(_distances(pattern, text))
    least = min(distances, default=len(pattern))
    ends = [at + 1 for at, distance in enumerate(distances) if distance == least]
    if not ends:
        return Place(0, 0, least)
    places = (
        Place(_start(pattern, text, end, least), end, least)
        for end in ends[:_MOST_ENDS]
        if end <= ends[0] + len(pattern)
    )
    return min(places, key=lambda place: (abs(place.end - place.start - len(pattern)), place.start))


def widened(pattern: str, text: str, place: Place) -> Place:
    """Return a place with the ends of the pattern in it, where these stand a little further off.

    A quotation that drops a long clause is nearest to what stands on one side of it alone.
    """
    size = min(_END, len(pattern) // 3)
    if size <= _RUN:
        return place
    start, end = place.start, place.end
    reach = 2 * len(pattern)
    if pattern[-size:] not in text[start:end]:
        at = text.find(pattern[-size:], end, end + reach)
        end = at + size if at >= 0 else end
    if pattern[:size] not in text[start:end]:
        at = text.rfind(pattern[:size], max(start - reach, 0), start)
        start = at if at >= 0 else start
    return Place(start, end, place.distance)


def distance(left: str, right: str) -> int:
    """Return the edit distance (Levenshtein) of two texts."""
    if not left or not right:
        return len(left) + len(right)
    return [*_distances(left, right, anchored=True)][-1]


def coverage(pattern: str, text: str) -> float:
    """Return the share of a pattern's characters that are in runs a text has in the same order."""
    if not pattern:
        return 0.0
    pairs = common(pattern, text)
    covered = run = 0
    for at, (i, j) in enumerate(pairs):
        run = run + 1 if at and pairs[at - 1] == (i - 1, j - 1) else 1
        covered += _RUN if run == _RUN else run > _RUN
    return covered / len(pattern)


def _start(pattern: str, text: str, end: int, least: int) -> int:
    """Return where a place that ends at `end` begins: the length nearest to the pattern's."""
    reach = text[max(end - len(pattern) - least, 0) : end]
    found = [
        length
        for length, distance in enumerate(_distances(pattern[::-1], reach[::-1], anchored=True), 1)
        if distance == least
    ]
    if not found:
        return end
    return end - min(found, key=lambda length: abs(length - len(pattern)))


def _distances(pattern: str, text: str, *, anchored: bool = False) -> Iterator[int]:
    """Yield after each character of `text` how many edits the pattern is from ending there.

    `anchored` says that it must begin where the text does, else it may begin anywhere.
    """
    size = len(pattern)
    whole = (1 << size) - 1
    top = 1 << (size - 1) if size else 0
    places: dict[str, int] = {}
    for at, char in enumerate(pattern):
        places[char] = places.get(char, 0) | 1 << at
    plus, minus, score = whole, 0, size
    for char in text:
        equal = places.get(char, 0)
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up = minus | ~(horizontal | plus) & whole
        down = plus & horizontal
        score += bool(up & top) - bool(down & top)
        up = (up << 1 | anchored) & whole
        down = down << 1 & whole
        plus = down | ~(vertical | up) & whole
        minus = up & vertical
        yield score
