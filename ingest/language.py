"""What a document is written in: simplified or traditional Chinese, English, or a mix."""

from __future__ import annotations

import re
from functools import lru_cache

_HAN = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z]{2,}")
#: How many times as much of one there must be for the other to count for nothing: an English
#: abstract and a list of references do not make a Chinese paper a mixed text.
_FOREIGN = 4
#: Characters read; the rest of a long text tells no more.
_SAMPLE = 50_000


def language_of(text: str) -> str | None:
    """Return "zh", "zh-Hant", "en" or "mixed"; None where there is nothing to tell by.

    A Chinese character counts as much as an English word. Traditional characters are those in
    Big5 that GB 2312 lacks, simplified ones the other way round; most are in both.
    """
    text = text[:_SAMPLE]
    han = _HAN.findall(text)
    words = len(_WORD.findall(text))
    if not han and not words:
        return None
    if words > _FOREIGN * len(han):
        return "en"
    if words * _FOREIGN > len(han):
        return "mixed"
    leaning = sum(map(_leaning, han))
    return "zh-Hant" if leaning > 0 else "zh"


@lru_cache(maxsize=8192)
def _leaning(char: str) -> int:
    """Return 1 for a character only traditional texts use, -1 for a simplified one, else 0."""
    return _in(char, "big5") - _in(char, "gb2312")


def _in(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
