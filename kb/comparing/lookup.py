"""Find the words of a draft in the knowledge base: the index names passages, their texts decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from kb.comparing.fuzzy import coverage, nearest, widened
from kb.comparing.plain import Plain, folded
from kb.comparing.sources import Source, stored
from kb.comparing.types import Match
from kb.comparing.words import word_changes
from kb.context import Context
from kb.records import PassageRecord
from kb.search import ranked_passages
from kb.types import NO_FILTERS

#: Passages looked at for one search.
_PASSAGES = 30
#: Characters of a quotation that one search asks for; a longer one is asked for in three parts.
_ASKED = 120
#: Stretches of text that a quotation without an exact place is aligned with.
_STRETCHES = 6
#: Places given for one quotation, each in another document.
_MOST_MATCHES = 3
#: Share of a quotation in common runs from which the nearest place is its source
#: (`benchmarks/check_quotes.py`).
ENOUGH = 0.5
#: Edits, as a share of the letters, that a short quotation may have; chance makes more of less.
SHORT, SHORT_EDITS = 14, 0.25


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a document's text, `start` characters in, and its folded form."""

    source: Source
    start: int
    plain: Plain

    def match(self, start: int, end: int, quoted: str | None = None) -> Match:
        """Return folded characters `[start, end)` as a match; `quoted` is what differs from it."""
        first, last = self.plain.span(start, end)
        return match_at(self.source, first + self.start, last + self.start, quoted)


@dataclass(slots=True)
class Lookup:
    """Looks up the words of one draft, which `besides` names where it is a document here too."""

    context: Context
    besides: str
    _sources: dict[str, Source] = field(default_factory=dict)

    def source(self, document_id: str) -> Source:
        """Return a document, read once."""
        if document_id not in self._sources:
            self._sources[document_id] = stored(self.context.store, document_id)
        return self._sources[document_id]

    def passages(self, query: str, k: int = _PASSAGES) -> list[PassageRecord]:
        """Return the passages that share most words with a query, the draft's own left out."""
        if not query.strip():
            return []
        found = ranked_passages(self.context, query, k, "lexical", NO_FILTERS)
        return [passage for _, passage in found if passage.document_id != self.besides]

    def quotation(self, quoted: str) -> tuple[bool, tuple[Match, ...]]:
        """Return whether a quotation stands word for word in the base, and where it or most of it.

        Without punctuation at its ends, which quoting may change.
        """
        words = folded(quoted)
        first, last = _inner(words.text)
        pattern = words.text[first:last]
        begin, end = words.span(first, last)
        stretches = list(self._stretches(quoted))
        exact = _by_document(_exact(pattern, stretches))
        if exact:
            return True, tuple(exact[:_MOST_MATCHES])
        best = _nearest(pattern, stretches)
        if best is None:
            return False, ()
        return False, (best(quoted[begin:end]),)

    def _stretches(self, quoted: str) -> Iterator[Stretch]:
        """Yield the text around each passage the index finds, each stretch of a document once."""
        margin = 2 * len(quoted) + 50
        seen: dict[str, list[tuple[int, int]]] = {}
        for passage in self._candidates(quoted):
            spans = seen.setdefault(passage.document_id, [])
            if any(start <= passage.start and passage.end <= end for start, end in spans):
                continue
            source = self.source(passage.document_id)
            start, end = max(passage.start - margin, 0), passage.end + margin
            spans.append((passage.start, passage.end))
            yield Stretch(source, start, folded(source.text[start:end]))

    def _candidates(self, quoted: str) -> Iterator[PassageRecord]:
        if len(quoted) <= _ASKED:
            parts = [quoted]
        else:
            middle = (len(quoted) - _ASKED) // 2
            parts = [quoted[:_ASKED], quoted[middle : middle + _ASKED], quoted[-_ASKED:]]
        known: set[int] = set()
        for part in parts:
            for passage in self.passages(part):
                if passage.key not in known:
                    known.add(passage.key)
                    yield passage


def match_at(source: Source, start: int, end: int, quoted: str | None = None) -> Match:
    """Return a document's characters `[start, end)` as a match for what a draft has instead."""
    text = source.text[start:end]
    return Match(
        document_id=source.about.document_id,
        title=source.about.title,
        page=source.page_at(start),
        clause=source.clause_at(start),
        text=text,
        boxes=source.boxes(start, end),
        differences=() if quoted is None else word_changes(text, quoted),
    )


def _inner(text: str) -> tuple[int, int]:
    """Return the range of a text without punctuation at its ends."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end


def _exact(pattern: str, stretches: Sequence[Stretch]) -> Iterator[Match]:
    for stretch in stretches:
        at = stretch.plain.text.find(pattern)
        if at >= 0:
            yield stretch.match(at, at + len(pattern))


def _by_document(matches: Iterator[Match]) -> list[Match]:
    found: dict[str, Match] = {}
    for match in matches:
        found.setdefault(match.document_id, match)
    return list(found.values())


def _nearest(pattern: str, stretches: Sequence[Stretch]) -> Callable[[str], Match] | None:
    """Return what makes the match of the place nearest to a pattern, if it is near enough."""
    pairs = {pattern[at : at + 2] for at in range(len(pattern) - 1)}
    likely = sorted(stretches, key=lambda s: -sum(pair in s.plain.text for pair in pairs))
    best: tuple[int, Stretch, int, int] | None = None
    for stretch in likely[:_STRETCHES]:
        place = widened(pattern, stretch.plain.text, nearest(pattern, stretch.plain.text))
        if best is None or place.distance < best[0]:
            best = (place.distance, stretch, place.start, place.end)
    if best is None:
        return None
    edits, stretch, start, end = best
    if not near(pattern, stretch.plain.text[start:end], edits):
        return None
    return lambda quoted: stretch.match(start, end, quoted)


def near(pattern: str, text: str, edits: int) -> bool:
    """Tell whether a text is what a pattern was quoted from, with changes."""
    if len(pattern) < SHORT:
        return edits <= SHORT_EDITS * len(pattern)
    return coverage(pattern, text) >= ENOUGH
