"""Where sentences end in Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Closing quotes and brackets belong to the sentence before them, and so does what stands in
# brackets right after its stop: "……能力。（商务部牵头负责）".
_END = re.compile(
    r"(?:[。！？!?；]|；|;(?=\s|[\u3400-\u9fff])|……|\.(?=\s+[A-Z])|\n)+[”’」』）)】》〉]*"
    r"(?:\s*(?=[（(])[（(][^（）()。\n]{1,200}[）)][。；]?)?"
)


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Yield the offset just after each sentence of `text[start:end]`, the last one always `end`."""
    last = start
    for match in _END.finditer(text, start, end):
        if text[last : match.end()].strip() and match.end() < end:
            last = match.end()
            yield last
    yield end
