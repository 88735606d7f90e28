"""Terms as Milvus holds them: words, then bigrams, joined by spaces.

A term is written so that a tokenizer that cuts at white space and one that cuts at all but letters,
digits and _ both take it whole: 3.5 is 3_5, and a bigram begins with _. None of our terms holds _,
so none is written like another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.terms import K1, Term, Wanted

MARK = "_"
B = 0.75
# Lengths up to here are exact in tantivy and coarser above, as in Lucene's SmallFloat: one byte.
_EXACT = 24


def written(field: str, term: str) -> str:
    """Return a term of "words" or "bigrams" as Milvus holds it."""
    plain = term.replace(".", MARK)
    return plain if field == "words" else MARK + plain


def read_word(term: str) -> str | None:
    """Return the word that is written so, None for a bigram."""
    return None if term.startswith(MARK) else term.replace(MARK, ".")


def joined(words: Sequence[str], bigrams: Sequence[str], most_bytes: int) -> list[str]:
    """Return all terms in texts of at most so many bytes, none of them cut; at least one text."""
    parts: list[list[str]] = [[]]
    room = most_bytes
    for term in _written(words, bigrams):
        size = len(term.encode()) + 1
        if size > room:
            parts.append([])
            room = most_bytes
        parts[-1].append(term)
        room -= size
    return [" ".join(part) for part in parts]


def _written(words: Sequence[str], bigrams: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield written("words", word)
    for pair in bigrams:
        yield written("bigrams", pair)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each term stands in a passage, how many there are in each field, what it cites."""

    terms: Mapping[str, int]
    words: int
    bigrams: int
    cites: tuple[str, ...] = ()


def counted(text: str, cites: str = "") -> Counted:
    """Count the terms of a passage, and the numbers of the names that it cites."""
    terms = Counter(text.split())
    bigrams = text.count(f" {MARK}") + text.startswith(MARK)
    return Counted(terms, terms.total() - bigrams, bigrams, tuple(cites.split()))


def asked(wanted: Wanted) -> str:
    """Return a query as Milvus is asked it: every term, whatever it counts."""
    terms = list(wanted.terms)
    for thing in wanted.things:
        for names, _ in thing.names:
            terms += names
    return " ".join(dict.fromkeys(written(term.field, term.text) for term in terms))


class Scorer:
    """BM25 as `index.lexical` has it of tantivy: over the sum of fields, by our own counts."""

    def __init__(self, wanted: Wanted, mean_words: float, mean_bigrams: float) -> None:
        """Score for a query, in an index whose passages have so many terms on average."""
        self._wanted = wanted
        self._means = {"words": max(mean_words, 1.0), "bigrams": max(mean_bigrams, 1.0)}

    def share(self, passage: Counted) -> float:
        """Return the passage's score over the most that the query could score."""
        fixed = {
            "words": self._saturation("words", passage.words),
            "bigrams": self._saturation("bigrams", passage.bigrams),
        }
        score = _sum(self._wanted.terms, passage, fixed)
        for thing in self._wanted.things:
            score += max(weight * _sum(terms, passage, fixed) for terms, weight in thing.names)
        return score / self._wanted.ceiling

    def _saturation(self, field: str, length: int) -> float:
        return K1 * (1 - B + B * coarse(length) / self._means[field])


def _sum(terms: Sequence[Term], passage: Counted, fixed: Mapping[str, float]) -> float:
    score = 0.0
    for term in terms:
        count = passage.terms.get(written(term.field, term.text), 0)
        if count:
            score += term.ceiling * count / (count + fixed[term.field])
    return score


def coarse(length: int) -> int:
    """Return a length as tantivy keeps it: rounded down to what fits one byte."""
    above = length - _EXACT
    if above < 16:
        return length
    shift = above.bit_length() - 4
    return _EXACT + ((above >> shift) << shift)
