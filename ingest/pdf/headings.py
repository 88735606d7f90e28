"""Tell titles, headings, captions, lists and contents lists from paragraphs.

A heading is short, does not end as a sentence, and stands out: by type size, by a heavy face that
running text does not use, or by its numbering. Its level comes from the numbering where it has
one, else from its size.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.pdf.blocks import Draft
from ingest.pdf.geometry import Piece
from ingest.pdf.lines import (
    ARTICLE,
    BULLET,
    CAPTION,
    CHAPTER,
    CIRCLED,
    SOURCE,
    TOC_LINE,
    heading_level,
)

MAX_HEADING = 64
#: Type below this share of the text's sets notes.
SMALL = 0.93
_HAN = re.compile("[\u4e00-\u9fffA-Za-z]")
_STOPPED = re.compile(r"[。；;，,、]$")
_UNNUMBERED = re.compile(
    r"^(?:目\s?录|目\s?次|前\s?言|引\s?言|摘\s?要|附\s?录|附\s?则|总\s?则|结\s?语|结\s?论|序\s?言|参\s?考\s?文\s?献|致\s?谢)$"
)
#: The red head of an official document names who issues it, not what it is about.
_LETTERHEAD = re.compile(r"文\s*件$|^第\s*\d+\s*[号期]")
#: How a footnote begins.
NOTE = re.compile(r"^(?:[①-⑳⓪❶-❿]|\[\d{1,3}\]|［\d{1,3}］|\*+|※|注\s?[\d：:]|\d{1,2}\s(?!\d))")


@dataclass(frozen=True, slots=True)
class Style:
    """What running text looks like in a document."""

    size: float
    font: str
    heavy: bool
    edges: tuple[int, ...] = ()

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Style:
        """Measure the commonest type of all text, weighted by characters, and its right edges."""
        sizes: Counter[float] = Counter()
        fonts: Counter[str] = Counter()
        ends: Counter[int] = Counter()
        heavy = 0
        for piece in pieces:
            weight = len(piece.text)
            sizes[round(piece.size * 4) / 4] += weight
            fonts[piece.font] += weight
            heavy += weight if piece.heavy else -weight
            if piece.x1 - piece.x0 >= 16 * piece.size:
                ends[round(piece.x1)] += 1
        if not sizes:
            return cls(10.5, "", heavy=False)
        enough = max(3, 0.02 * ends.total())
        edges = tuple(sorted(x for x, count in ends.items() if count >= enough))
        return cls(
            sizes.most_common(1)[0][0], fonts.most_common(1)[0][0], heavy=heavy > 0, edges=edges
        )


def classify(drafts: Sequence[Draft], style: Style, page_height: float) -> None:
    """Set the kind and level of each paragraph of a page."""
    for draft in drafts:
        if draft.kind == "paragraph":
            _classify(draft, style, page_height)
    for note, draft in pairwise(drafts):
        if note.kind == "footnote" and draft.kind in ("paragraph", "list"):
            _carry_note(note, draft, style)
    _contents(drafts)


def _classify(draft: Draft, style: Style, page_height: float) -> None:
    text = draft.plain
    if TOC_LINE.match(draft.last.text):
        draft.kind = "toc"
    elif (CAPTION.match(text) or SOURCE.match(text)) and len(text) < 120 and len(draft.lines) <= 3:
        stated = text.endswith("。") and not SOURCE.match(text)
        draft.kind = "paragraph" if stated else "caption"
    elif is_heading(draft, style):
        draft.kind = "heading"
        draft.level = heading_level(text) or _level_by_size(draft.size, style)
    elif is_footnote(draft, style, page_height):
        draft.kind = "footnote"
    elif BULLET.match(text) or CIRCLED.match(text):
        draft.kind = "list"


def is_heading(draft: Draft, style: Style) -> bool:
    """Tell whether a paragraph is a heading."""
    text = draft.plain
    if len(text) > MAX_HEADING or len(draft.lines) > 4 or not _HAN.search(text):
        return False
    if ARTICLE.match(text) or (_STOPPED.search(text) and not CHAPTER.match(text)):
        return False
    bigger = draft.size > style.size * 1.08
    stands_out = bigger or (draft.heavy and not style.heavy)
    numbered = heading_level(text)
    if numbered is not None:
        larger = draft.size > style.size * 1.03
        return _numbered_heading(draft, text, stands_out=stands_out or larger)
    if _UNNUMBERED.match(text):
        return True
    if text[-1] in "：:" or BULLET.match(text):
        return bigger and draft.size > style.size * 1.25
    return stands_out and draft.size > style.size * 0.96 and len(draft.lines) <= 3


def _numbered_heading(draft: Draft, text: str, *, stands_out: bool) -> bool:
    if CHAPTER.match(text):
        return len(text) < 45
    if re.search(r"[。；;！]", text[:-1]) or len(text) > 50:
        return False
    if stands_out:
        return True
    if text[-1] in "：:":
        return False
    return len(draft.lines) == 1 and len(text) <= 34 and heading_level(text) in (1, 2, 3)


def _level_by_size(size: float, style: Style) -> int:
    ratio = size / style.size
    return 1 if ratio > 1.5 else 2 if ratio > 1.15 else 3


def is_footnote(draft: Draft, style: Style, page_height: float) -> bool:
    """Tell whether a paragraph is a note at the foot of its page or column."""
    small = draft.size < SMALL * style.size
    return small and draft.first.y0 > 0.5 * page_height and bool(NOTE.match(draft.plain))


def _carry_note(note: Draft, draft: Draft, style: Style) -> None:
    """Make a note's second paragraph a note too."""
    alike = abs(note.size - draft.size) < 0.5 and draft.size < SMALL * style.size
    if alike and draft.first.y0 > note.last.y0:
        draft.kind = "footnote"


def _contents(drafts: Sequence[Draft]) -> None:
    """Make the lines among contents entries (wrapped ones, headings) contents too."""
    entries = [i for i, draft in enumerate(drafts) if draft.kind == "toc"]
    if len(entries) < 3:
        return
    start = entries[0]
    while start and _wrapped_entry(drafts[start - 1], drafts[start]):
        start -= 1
    for i in range(start, entries[-1]):
        if drafts[i].kind in ("paragraph", "heading", "list"):
            drafts[i].kind, drafts[i].level = "toc", None


def _wrapped_entry(draft: Draft, following: Draft) -> bool:
    """Tell whether a block is the first line of the contents entry that follows it."""
    return (
        heading_level(draft.plain) is not None
        and heading_level(following.plain) is None
        and following.first.y0 - draft.last.y0 < 3 * draft.size
    )


def find_title(pages: Sequence[Sequence[Draft]], style: Style) -> None:
    """Mark the title: the largest heading in the first pages, with lines of its own size."""
    for drafts in pages[:3]:
        found = [
            d for d in drafts
            if d.kind in ("heading", "paragraph") and d.size > 1.15 * style.size
            and len(d.plain) <= 80 and len(_HAN.findall(d.plain)) >= 4
        ]  # fmt: skip
        if not found:
            continue
        named = [d for d in found if not _LETTERHEAD.search(d.plain)]
        found = named or found
        best = max(found, key=lambda d: (round(d.size), -drafts.index(d)))
        for draft in found:
            if (
                abs(draft.size - best.size) < 0.5
                and abs(drafts.index(draft) - drafts.index(best)) < 3
            ):
                draft.kind, draft.level = "title", None
        return
    if pages:
        _plain_title(pages[0])


def _plain_title(drafts: Sequence[Draft]) -> None:
    """Mark a title set in the type of the text: the first line, centred and alone."""
    for draft in drafts[:2]:
        line = draft.first
        left, right = line.x0 - draft.left, draft.right - line.x1
        centred = left > 2 * line.size and abs(left - right) < 2 * line.size
        named = 4 <= len(draft.plain) <= 60 and not _STOPPED.search(draft.plain)
        if centred and named and draft.kind in ("paragraph", "heading"):
            draft.kind, draft.level = "title", None
            return
