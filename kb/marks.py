"""Find what of a passage a query asked for, to be marked when it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.segment import bigrams
from kb.answering.text import fold


def matched(query: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return the ranges of `text`, in characters and order, that terms of the query match.

    Terms are those of the index that knows no dictionary: neighbouring characters, and words and
    numbers whole. Ranges that touch are one.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(_terms_found(query, text)):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _terms_found(query: str, text: str) -> Iterator[tuple[int, int]]:
    folded = fold(text)
    for term in set(bigrams(fold(query))):
        pattern = re.escape(term)
        if term.isascii():
            pattern = rf"(?<![0-9a-z.]){pattern}(?![0-9a-z]|\.\d)"
        for found in re.finditer(pattern, folded):
            yield found.span()
