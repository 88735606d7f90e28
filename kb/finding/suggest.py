"""Suggestions while a query is typed: titles, headings and words of the documents."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from index.synonyms import fold
from ingest.numbering import leading_number
from kb.errors import InvalidInput
from kb.types import Suggestion

if TYPE_CHECKING:
    from index import PassageIndex

# Longer than this, a heading is a sentence of its own and no query.
LONGEST_HEADING = 60
SHORTEST_WORD = 2
MOST = 100
_BREAK = "\n"


def checked_count(n: int) -> int:
    """Return `n`; InvalidInput where no list is that long."""
    if not 1 <= n <= MOST:
        raise InvalidInput(f"n is {n}: give a number from 1 to {MOST}", field="n")
    return n


class Suggester:
    """Finds what starts with a prefix, then what holds it, by one search in one long text."""

    def __init__(self, titles: Iterable[tuple[str, str]], headings: Iterable[str]) -> None:
        """Hold (document id, title) and headings, in the order in which they are suggested."""
        self._suggestions = [
            *(Suggestion(title, "title", document) for document, title in titles),
            *(Suggestion(text, "heading") for text in dict.fromkeys(_plain(headings))),
        ]
        self._suggestions = [one for one in self._suggestions if one.text.strip()]
        folded = [fold(one.text).replace(_BREAK, " ") for one in self._suggestions]
        self._text = _BREAK + _BREAK.join(folded) + _BREAK
        self._starts: list[int] = []
        at = 1
        for one in folded:
            self._starts.append(at)
            at += len(one) + 1

    def suggest(self, prefix: str, n: int, index: PassageIndex | None) -> tuple[Suggestion, ...]:
        """Return at most `n` suggestions, each text once; none for a blank prefix.

        Titles and headings that start so, words that do, then what holds the prefix further on.
        Letters that nothing starts with are read as pinyin.
        """
        sought = fold(prefix).strip()
        if not sought or n < 1:
            return ()
        starting = list(islice(self._holding(_BREAK + sought), n))
        words = list(_words(sought, n, index))
        inside = list(islice(self._holding(sought), 2 * n))
        turns = (*starting[: (n + 1) // 2], *words[: n // 4 + 1], *starting, *inside, *words)
        found: dict[str, Suggestion] = {}
        for one in turns:
            found.setdefault(one.text, one)
        return tuple(islice(found.values(), n))

    def _holding(self, sought: str) -> Iterator[Suggestion]:
        at = self._text.find(sought)
        while at >= 0:
            place = bisect_right(self._starts, at + len(sought) - 1) - 1
            yield self._suggestions[place]
            at = self._text.find(sought, self._text.index(_BREAK, at + 1))


def _words(sought: str, n: int, index: PassageIndex | None) -> Iterator[Suggestion]:
    if index is None:
        return
    words = [word for word in index.lexical.words(sought, n) if len(word) >= SHORTEST_WORD]
    if not words and sought.isascii() and sought.isalpha():
        from kb.finding.spelling import speller

        words = speller(index).starting_with(sought, n)
    for word in words:
        yield Suggestion(word, "term")


def _plain(headings: Iterable[str]) -> Iterator[str]:
    """Yield headings without their numbers."""
    for heading in headings:
        number = leading_number(heading)
        text = heading[number.end :] if number else heading
        text = " ".join(text.split()).strip("：:。 ")
        if SHORTEST_WORD <= len(text) <= LONGEST_HEADING:
            yield text
