"""Blocks and pages for formats without geometry: one page numbered 1, no boxes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ingest.model import Block, BlockKind, Line, Page

# Levels follow the order GB/T 9704-2012, 7.3.3 gives to the numbers of official documents:
# 一、 （一） 1. （1）, and the order of the Legislation Law, article 65: 编 章 节 条.
_NUMBERED: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"第[一二三四五六七八九十百千零〇两\d０-９]+[编篇章]"), 1),
    (re.compile(r"第[一二三四五六七八九十百千零〇两\d０-９]+节"), 2),
    (re.compile(r"第[一二三四五六七八九十百千零〇两\d０-９]+条"), 3),
    (re.compile(r"[一二三四五六七八九十百]+\s*[、．.]"), 1),
    (re.compile(r"[（(]\s*[一二三四五六七八九十百]+\s*[）)]"), 2),
    (re.compile(r"[\d０-９]{1,3}(?:\s*[、．]|\.(?!\d))"), 3),
    (re.compile(r"[（(]\s*[\d０-９]{1,3}\s*[）)]"), 4),
    (re.compile(r"附\s*(?:件|录)\s*[\d０-９一二三四五六七八九十]*\s*[:：]?\s*$"), 1),
)
_LONGEST_HEADING = 40
_LONGEST_TITLE = 80
_SENTENCE_END = "。！？；!?;，,：:、…"
_CLOSERS = "”’」』）)】》〉]"


def number_level(text: str) -> int | None:
    """Return the depth of the structural number a text begins with (1 = highest), else None."""
    for pattern, level in _NUMBERED:
        if pattern.match(text):
            return level
    return None


def is_phrase(text: str, longest: int = _LONGEST_HEADING) -> bool:
    """Tell whether a text is short and not a sentence, as headings are."""
    bare = text.rstrip(_CLOSERS)
    return 0 < len(text) <= longest and "。" not in text and not bare.endswith(tuple(_SENTENCE_END))


def heading_level(text: str) -> int | None:
    """Return the level of a numbered heading: a structural number before a short phrase."""
    level = number_level(text)
    return level if level is not None and is_phrase(text) else None


def is_title(text: str) -> bool:
    """Tell whether the first line of a text reads as its title."""
    return number_level(text) is None and is_phrase(text, _LONGEST_TITLE)


def text_block(kind: BlockKind, text: str, level: int | None = None) -> Block:
    """Make a block whose only line is its whole text."""
    return Block(kind, text, None, (Line(0, len(text), None),), level)


def paragraph(text: str) -> Block:
    """Make a heading when the text is a numbered phrase, else a paragraph."""
    level = heading_level(text)
    return text_block("paragraph" if level is None else "heading", text, level)


def single_page(blocks: Sequence[Block]) -> Page:
    """Make the one page of a format without pages; width and height are 0."""
    return Page(1, 0.0, 0.0, tuple(block for block in blocks if block.text))


def is_wide(char: str) -> bool:
    """Tell whether a character takes two columns, as Han characters and their punctuation do."""
    return unicodedata.east_asian_width(char) in "WFA" and not char.isascii()


def columns(text: str) -> int:
    """Return the width of a text in columns: wide characters count two."""
    return sum(2 if is_wide(char) else 1 for char in text)


def join_lines(first: str, second: str) -> str:
    """Join two printed lines of one paragraph as Chinese is written.

    A space stands between them only where two Latin words or numbers meet; a hyphen that ends a
    line is kept, for it cannot be told from one that belongs to the word.
    """
    if not first or not second:
        return first + second
    before, after = first[-1], second[0]
    apart = not is_wide(before) and not is_wide(after) and before not in "-(/" and after not in ")/"
    return first + (" " if apart else "") + second


def squeeze(text: str) -> str:
    """Collapse every run of white space to one space, and none at the ends."""
    return " ".join(text.split())
