"""Take a model's answer apart into sentences with their markers, as it comes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_MARKERS = re.compile(r"\s*[\[［【](\d{1,3}(?:\s*[,，、]\s*\d{1,3})*)[\]］】]")
# A sentence ends with its stop, closing marks and the markers that follow.
_END = re.compile(
    r"(?:[。！？!?；;]+[”’」』）)]*|\n+)(?:\s*[\[［【]\d{1,3}(?:\s*[,，、]\s*\d{1,3})*[\]］】])*"
)
_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.、．)）]|#{1,6})\s*")
_EMPHASIS = re.compile(r"\*\*|__|`")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, without its markers, and the numbers these give."""

    text: str
    markers: tuple[int, ...]


def claims(pieces: Iterable[str]) -> Iterator[Claim]:
    """Yield each sentence once it is known to be whole: when the next one has begun.

    Reasoning in `<think>` tags, which some models send first, is left out.
    """
    held = ""
    for piece in pieces:
        held += piece
        if "<think>" in held:
            before, _, rest = held.partition("<think>")
            _, closed, after = rest.partition("</think>")
            if not closed:
                continue
            held = before + after
        while (whole := _whole(held)) is not None:
            yield from _claim(held[:whole])
            held = held[whole:]
    yield from _claim(held.partition("<think>")[0])


def _whole(text: str) -> int | None:
    """Return where the first sentence ends, if what follows has begun and is no marker."""
    for match in _END.finditer(text):
        rest = text[match.end() :].lstrip()
        if not rest:
            return None
        if rest[0] in "[［【" and not _MARKERS.match(rest):
            if len(rest) < 12:
                return None
            return match.end()
        if _WORD.search(text[: match.start()]):
            return match.end()
    return None


def _claim(text: str) -> Iterator[Claim]:
    """Yield the sentence, if there is any word in it."""
    numbers = [
        int(number)
        for match in _MARKERS.finditer(text)
        for number in re.findall(r"\d+", match.group(1))
    ]
    bare = _BULLET.sub("", _EMPHASIS.sub("", _MARKERS.sub("", text))).strip()
    if _WORD.search(bare):
        yield Claim(" ".join(bare.split()), tuple(dict.fromkeys(numbers)))
