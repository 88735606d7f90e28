"""How many passages hold each term: what Milvus knows and does not tell.

Kept beside the passages as a log: a base, and what each publication adds and takes away. Readers
read what they have not read yet.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from index.milvus.terms import MARK, Counted, read_word, written

# Before the number of a name that is cited: like a bigram it is no word, and no bigram has a sign.
CITED = f"{MARK}《"
# Characters of a note; Milvus's text fields have 65,535 bytes.
PART = 60_000


@dataclass(slots=True)
class Statistics:
    """Passages, their terms in each field, and passages by term; of an index or of a change."""

    passages: int = 0
    words: int = 0
    bigrams: int = 0
    holding: Counter[str] = field(default_factory=Counter)

    def count(self, passage: Counted, times: int = 1) -> None:
        """Add a passage, or with -1 take it away."""
        self.passages += times
        self.words += times * passage.words
        self.bigrams += times * passage.bigrams
        for term in passage.terms:
            self.holding[term] += times
        for name in passage.cites:
            self.holding[CITED + name] += times

    def add(self, change: Statistics) -> None:
        """Take in a change."""
        self.passages += change.passages
        self.words += change.words
        self.bigrams += change.bigrams
        for term, times in change.holding.items():
            left = self.holding[term] + times
            if left > 0:
                self.holding[term] = left
            else:
                del self.holding[term]

    def with_change(self, change: Statistics) -> Statistics:
        """Return both together; this one stays as it is."""
        both = Statistics(self.passages, self.words, self.bigrams, self.holding.copy())
        both.add(change)
        return both

    def idf(self, field_name: str, text: str) -> float:
        """Return the inverse document frequency, as `index.lexical` has it; 0 for no passage."""
        holding = self.holding.get(written(field_name, text), 0)
        if holding <= 0:
            return 0.0
        others = max(self.passages - holding, 0)
        return math.log1p((others + 0.5) / (holding + 0.5))

    def citing(self, name: int) -> int:
        """Return how many passages cite a document by its name's number."""
        return self.holding.get(f"{CITED}{name}", 0)

    @property
    def mean_words(self) -> float:
        """Words of a passage."""
        return self.words / max(self.passages, 1)

    @property
    def mean_bigrams(self) -> float:
        """Bigrams of a passage."""
        return self.bigrams / max(self.passages, 1)

    def frequent(self, prefix: str) -> list[str]:
        """Return the words that start so, those in most passages first."""
        start = written("words", prefix)
        found = (
            (-times, word)
            for term, times in self.holding.items()
            if term.startswith(start) and (word := read_word(term)) is not None
        )
        return [word for _, word in sorted(found)]

    def texts(self) -> Iterator[str]:
        """Yield it as texts that fit a field; `read` puts them together."""
        kept = {term: times for term, times in sorted(self.holding.items()) if times}
        content = {
            "passages": self.passages,
            "words": self.words,
            "bigrams": self.bigrams,
            "terms": " ".join(kept),
            "times": list(kept.values()),
        }
        packed = zlib.compress(json.dumps(content, ensure_ascii=False).encode())
        text = base64.b64encode(packed).decode("ascii")
        for at in range(0, len(text), PART):
            yield text[at : at + PART]


def read(texts: Iterable[str]) -> Statistics:
    """Put together what `Statistics.texts` gave; ValueError where it is not that."""
    try:
        packed = base64.b64decode("".join(texts), validate=True)
        content = json.loads(zlib.decompress(packed))
        terms = content["terms"].split()
        return Statistics(
            int(content["passages"]),
            int(content["words"]),
            int(content["bigrams"]),
            Counter(dict(zip(terms, content["times"], strict=True))),
        )
    except (zlib.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no statistics ({error})") from error
