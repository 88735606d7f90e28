"""Find what a draft quotes: “…”, 「…」, 『…』, straight quotation marks, and paragraphs set apart.

Quotation marks inside others, or in a 《title》, make no quotation of their own (GB/T 15834-2011,
4.8 and 4.15); a quotation with ellipses is one for each part between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingest.mentions import Mention

#: Letters from which a quotation is checked; shorter ones are terms and ironies.
SHORTEST = 6
_LONGEST = 5000
_PAIRS = {"“": "”", "「": "」", "『": "』"}
_CLOSERS = {close: open_ for open_, close in _PAIRS.items()}
_ELLIPSIS = re.compile("…+|⋯+|\\.{3,}|。{3,}")
_LEADS = frozenset("：:")
_PARAGRAPH = re.compile(r"[^\n]+")
#: What introduces a quotation that is a paragraph of its own: names its source, ends in a colon.
_INTRODUCES = re.compile(
    r"(?:规定|指出|明确|要求|强调|提出|表述|原文|载明|如下)[^。；]{0,8}[:：]\s*$"
)
_SOURCE = re.compile(r"[《》]|第[一二三四五六七八九十百千零〇\d]+[条款项]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Characters `[start, end)` of a draft, its marks left out.

    `certain` is false for a paragraph that may be a quotation: only finding it proves it one.
    """

    start: int
    end: int
    certain: bool = True
    partial: bool = False


def quotations_in(text: str, mentions: Sequence[Mention]) -> tuple[list[Quotation], int]:
    """Return the quotations of a text in order, and how many were too short to check.

    `mentions` are the documents it names: what is quoted within their titles is no quotation.
    """
    found: list[Quotation] = []
    skipped = 0
    for start, end in _outermost(sorted(_marked(text))):
        if _named(text, start, end, mentions):
            continue
        parts = list(_parts(text, start, end))
        long = [part for part in parts if letters(text[part.start : part.end]) >= SHORTEST]
        found += long
        skipped += not long
    found += _set_apart(text, found)
    return sorted(found, key=lambda quotation: quotation.start), skipped


def letters(text: str) -> int:
    """Count the letters and digits of a text, Han characters included."""
    return sum(map(str.isalnum, text))


def _marked(text: str) -> Iterator[tuple[int, int]]:
    """Yield what stands between quotation marks that belong together, marks included.

    Paragraphs of one quotation each open anew, and only the last one closes.
    """
    begun: int | None = None
    for paragraph in _PARAGRAPH.finditer(text):
        opened: list[int] = []
        goes_on = begun is not None and text[begun] == paragraph.group().lstrip()[:1]
        first = paragraph.start() + len(paragraph.group()) - len(paragraph.group().lstrip())
        for at in range(paragraph.start(), paragraph.end()):
            char = text[at]
            if char in _PAIRS:
                opened.append(at)
            elif char in _CLOSERS and opened and text[opened[-1]] == _CLOSERS[char]:
                start = opened.pop()
                if goes_on and begun is not None and start == first and at - begun < _LONGEST:
                    start, begun = begun, None
                yield start, at + 1
        if opened and (opened[0] == first or text[opened[0] - 1] in _LEADS):
            begun = begun if goes_on and begun is not None else opened[0]
        else:
            begun = None
        yield from _straight(text, paragraph.start(), paragraph.end())


def _straight(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield what stands between straight marks, where a paragraph has an even number of them."""
    marks = [at for at in range(start, end) if text[at] in '"＂']
    if len(marks) % 2 == 0:
        for first, last in zip(marks[::2], marks[1::2], strict=True):
            yield first, last + 1


def _outermost(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans that lie in no other, without their marks."""
    reached = -1
    for start, end in spans:
        if start >= reached:
            yield start + 1, end - 1
            reached = end


def _named(text: str, start: int, end: int, mentions: Sequence[Mention]) -> bool:
    """Tell what stands in a title or its note, and a title in quotation marks."""
    within = any(mention.start < start and end < mention.end for mention in mentions)
    bare = text[start:end].strip()
    return within or (bare.startswith("《") and bare.find("》") == len(bare) - 1)


def _parts(text: str, start: int, end: int) -> Iterator[Quotation]:
    cuts = [(cut.start() + start, cut.end() + start) for cut in _ELLIPSIS.finditer(text[start:end])]
    at = start
    for stop, following in [*cuts, (end, end)]:
        if text[at:stop].strip():
            yield Quotation(at, stop, partial=bool(cuts))
        at = following


def _set_apart(text: str, found: Sequence[Quotation]) -> Iterator[Quotation]:
    """Yield paragraphs behind one that names a source and ends in a colon."""
    introduced = False
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        quoted = any(start <= quotation.start < end for quotation in found)
        if introduced and not quoted and letters(paragraph.group()) >= 2 * SHORTEST:
            yield Quotation(start, end, certain=False)
        line = paragraph.group()
        introduced = bool(_INTRODUCES.search(line) and _SOURCE.search(line))
