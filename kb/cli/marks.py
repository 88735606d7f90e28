"""Find what of a passage a query asked for, to be marked when it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.segment import bigrams
from kb.answering.text import fold


def matched(query: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of `text` that a term of the query matches; they may overlap.

    Terms are those of the index that knows no dictionary: neighbouring characters, and words and
    numbers whole.
    """
    folded = fold(text)
    for term in set(bigrams(fold(query))):
        pattern = re.escape(term)
        if term.isascii():
            pattern = rf"(?<![0-9a-z.]){pattern}(?![0-9a-z]|\.\d)"
        for found in re.finditer(pattern, folded):
            yield found.span()
