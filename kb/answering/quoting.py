"""What is quoted of a passage: sentences, and the items of an enumeration that belong to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from kb.answering.evidence import NOTE
from kb.answering.places import front, is_heading
from kb.answering.text import Range, sentences
from kb.records import PassageRecord

# Items of an enumeration that are quoted with the sentence that announces them.
MOST_ITEMS = 12
# Items of a list inside a section; clauses （一）（二） are sections themselves.
ITEM = re.compile(r"\s*(?:\d+\s*[、.．)）]|[（(]\d+[）)]|[①-⑳●•◆■➢➤√※·-])")
_ANY_ITEM = re.compile(
    ITEM.pattern + r"|\s*(?:[（(][一二三四五六七八九十]+[）)]|[一二三四五六七八九十]+[是、．.])"
)
ANNOUNCES = re.compile(
    r"(?:[：:]|如下[。：:]?|(?:下列|以下)[^。]*"
    r"|[两二三四五六七八九十几\d]+(?:个|大|条|点|项|类|种|方面)[^，。；]{0,6}。)$"
)
_BODIES = re.compile(r"[（(][^（）()]*(?:负责|牵头|配合|参与|参加)[^（）()]{0,12}[）)]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is quoted: characters `[start, end)` of a passage's text."""

    passage: PassageRecord
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.passage.text[self.start : self.end]

    @property
    def is_item(self) -> bool:
        """Tell whether it is an item of an enumeration."""
        return _ANY_ITEM.match(self.text) is not None


class _Place(Protocol):
    """Characters `[start, end)`."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def says_something(passage: PassageRecord, place: _Place) -> bool:
    """Tell whether a sentence is neither a heading, a caption nor about the document itself."""
    said = passage.text[place.start : place.end]
    if said in passage.heading_path or is_heading(said):
        return False
    if NOTE.match(said) is not None or _BODIES.fullmatch(said) is not None:
        return False
    return front(passage.text, Range(place.start, place.end)) < 1


def with_items(passage: PassageRecord, place: Range) -> list[Chosen]:
    """Return a sentence with the items that it announces, in the same passage."""
    chosen = [Chosen(passage, *place)]
    if ANNOUNCES.search(chosen[0].text) is None:
        return chosen
    for following in sentences(passage.text):
        if following.start < place.end:
            continue
        part = Chosen(passage, *following)
        own_line = "\n" in passage.text[chosen[-1].end : part.start]
        goes_on = not own_line and chosen[-1].is_item
        if not (part.is_item or goes_on) or len(chosen) > MOST_ITEMS:
            break
        if goes_on:
            part = Chosen(passage, chosen.pop().start, part.end)
        chosen.append(part)
    return chosen


def joined(chosen: Sequence[Chosen]) -> list[Chosen]:
    """Join what touches on one line; what stands on lines of its own stays apart."""
    kept: list[Chosen] = []
    for one in chosen:
        last = kept[-1] if kept else None
        gap = one.passage.text[last.end : one.start] if last is not None else "\n"
        same = last is not None and last.passage.key == one.passage.key
        if last is not None and same and not gap.strip() and "\n" not in gap:
            kept[-1] = Chosen(one.passage, last.start, one.end)
        else:
            kept.append(one)
    return kept
