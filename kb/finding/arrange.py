"""Put what was ranked in the order and shape it is shown in.

Passages of the same text in several documents become one, passages that read on are joined, and
one document does not fill the list while others have something, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from index.simplify import simplified
from kb.records import PassageRecord

# Of ten hits, those one document may have before the next documents' come. The first hits of a
# document keep their places; docs/retrieval.md says what the cap costs.
SHARE_OF_ONE = 0.5
# A document that scores below this part of the best is no reason to push others back.
COMPARABLE = 0.6
# Characters that passages joined may have together.
LONGEST_JOINED = 1600
_ENDS = re.compile(r"[。！？!?；;：:.][”’」』）)]*\s*$")
_NOT_TEXT = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Found:
    """A ranked passage, the ones read on from or into it, and others of the same text."""

    score: float
    passage: PassageRecord
    parts: list[PassageRecord] = field(default_factory=list)
    also_in: list[PassageRecord] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start as the passage alone."""
        self.parts = self.parts or [self.passage]


def arranged(
    ranked: Sequence[tuple[float, PassageRecord]], k: int, *, one_document: bool = False
) -> list[Found]:
    """Return at most `k` hits; with `one_document`, nothing is said of its share."""
    found = joined(collapsed(ranked))
    return found[:k] if one_document else spread(found, k)


def collapsed(ranked: Sequence[tuple[float, PassageRecord]]) -> list[Found]:
    """Put passages of other documents under the best ranked one of the same text.

    The same but for white space, punctuation, width and script: two typesettings of one law. A
    changed word or number is another text.
    """
    by_text: dict[str, Found] = {}
    found = []
    for score, passage in ranked:
        text = _text_of(passage)
        first = by_text.get(text) if text else None
        if first is None:
            by_text[text] = Found(score, passage)
            found.append(by_text[text])
        elif passage.document_id not in {
            first.passage.document_id,
            *(one.document_id for one in first.also_in),
        }:
            first.also_in.append(passage)
        else:
            found.append(Found(score, passage))
    return found


def joined(found: Sequence[Found]) -> list[Found]:
    """Join passages that read on, at the place of the better one."""
    kept: list[Found] = []
    for one in found:
        into = next((other for other in kept if _reads_on(other, one)), None)
        if into is None:
            kept.append(one)
        else:
            into.parts = sorted([*into.parts, one.passage], key=lambda part: part.ordinal)
    return kept


def spread(found: Sequence[Found], k: int) -> list[Found]:
    """Return the first `k`, a document's hits above its share after comparable ones of others."""
    most = max(1, round(SHARE_OF_ONE * k))
    counts: dict[str, int] = defaultdict(int)
    first: list[Found] = []
    later: list[Found] = []
    least = COMPARABLE * found[0].score if found else 0.0
    for one in found:
        counts[one.passage.document_id] += 1
        within = counts[one.passage.document_id] <= most and one.score >= least
        (first if within else later).append(one)
    return (first + later)[:k]


def _reads_on(one: Found, other: Found) -> bool:
    """Tell whether two are neighbours, the first of which breaks off or is of the same clause."""
    if one.passage.document_id != other.passage.document_id or other.also_in or one.also_in:
        return False
    passage = other.passage
    first, last = one.parts[0], one.parts[-1]
    if passage.ordinal == last.ordinal + 1:
        before, after = last, passage
    elif passage.ordinal == first.ordinal - 1:
        before, after = passage, first
    else:
        return False
    length = max(last.end, passage.end) - min(first.start, passage.start)
    same_clause = before.clause_id is not None and before.clause_id == after.clause_id
    breaks_off = before.heading_path == after.heading_path and not _ENDS.search(before.text)
    return length <= LONGEST_JOINED and (same_clause or breaks_off)


def _text_of(passage: PassageRecord) -> str:
    text = simplified(unicodedata.normalize("NFKC", passage.text)).lower()
    return _NOT_TEXT.sub("", text)
