"""Tables of contents: their lines look like headings and must never make any.

A reader of pages may have marked them already (block kind "toc"); text, Word and HTML come
unmarked, and are told by the word 目录 above them or the page numbers behind them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.body import Paragraph

_TITLE = re.compile(r"目[录次錄]|CONTENTS|Contents|目录CONTENTS")
_LEADERS = re.compile(
    r"(?:\.{3,}|…{1,}|·{3,}|(?:\. ){3,}|\t|[\s\u3000]{3,})[\s（(]*\d{1,4}[）)\s]*$"
)
_SENTENCE_END = re.compile(r"[。；;！？：:]$")
_LONGEST_ENTRY = 60


def contents_lines(paragraphs: Sequence[Paragraph]) -> frozenset[int]:
    """Return the indexes of the paragraphs that belong to a table of contents."""
    marked = {index for index, paragraph in enumerate(paragraphs) if paragraph.kind == "toc"}
    for index, paragraph in enumerate(paragraphs):
        if index not in marked and _TITLE.fullmatch("".join(paragraph.text.split())):
            marked.update(range(index, _region_end(paragraphs, index + 1)))
    marked.update(_runs_with_page_numbers(paragraphs))
    return frozenset(marked)


def entry_key(text: str) -> str:
    """Reduce a heading or contents entry to what both share: no spaces, leaders, page number."""
    return "".join(_LEADERS.sub("", text.strip()).split())


def _region_end(paragraphs: Sequence[Paragraph], start: int) -> int:
    """Find where the entries after 目录 end: where the first of them comes again, as a heading.

    Where it never does, they end at the first line too long to be one, or that ends a sentence.
    """
    end = start
    while end < len(paragraphs) and _may_be_entry(paragraphs[end]):
        end += 1
    keys = [entry_key(paragraph.text) for paragraph in paragraphs[start:end]]
    firsts = [key for key in keys[:3] if key]
    for first in firsts:
        again = [i for i, key in enumerate(keys) if key == first]
        if len(again) > 1:
            return start + again[1]
    return end if end - start > 1 and _are_entries(paragraphs[start:end]) else start


def _may_be_entry(paragraph: Paragraph) -> bool:
    text = paragraph.text.strip()
    return len(text) <= _LONGEST_ENTRY and not _SENTENCE_END.search(text)


def _are_entries(region: Sequence[Paragraph]) -> bool:
    with_page = sum(1 for paragraph in region if _LEADERS.search(paragraph.text.strip()))
    return with_page * 2 >= len(region)


def _runs_with_page_numbers(paragraphs: Sequence[Paragraph]) -> set[int]:
    """Mark lines with leaders and a page number where at least three stand together."""
    hits = [
        index
        for index, paragraph in enumerate(paragraphs)
        if paragraph.table is None
        and len(paragraph.text) <= 2 * _LONGEST_ENTRY
        and _LEADERS.search(paragraph.text.strip())
    ]
    marked: set[int] = set()
    for left, middle, right in zip(hits, hits[1:], hits[2:], strict=False):
        if right - left <= 4:
            marked.update((left, middle, right))
    return marked
