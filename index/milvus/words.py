"""Words and bigrams of an index in Milvus: its candidates, scored as on this machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np

from index.citations import NAMELESS
from index.milvus.asking import Asker
from index.milvus.engine import Engine
from index.milvus.rows import Held
from index.milvus.statistics import Statistics
from index.milvus.terms import Scorer, asked
from index.milvus.writer import fetched
from index.segment import bigrams
from index.synonyms import Synonyms
from index.terms import Term, Wanted
from index.types import Allowed, Keys, Segmenter
from index.wording import MOST_TERMS, Wording

# How many times as many candidates are taken as are wanted: Milvus counts words and bigrams as one
# field, knows no names that count once, and has counts of its own for each shard or segment.
# `benchmarks/cluster_ranking.py` prints what is gained by more.
SPARE = 2


class MilvusWords(Wording):
    """Ranks keys by the words and bigrams they share with a query."""

    def __init__(
        self,
        asker: Asker,
        place: tuple[Engine, str],
        statistics: Statistics,
        segmenter: Segmenter,
        synonyms: Synonyms,
    ) -> None:
        """Ask `asker` for candidates and read them at `place`: an engine's collection."""
        super().__init__(segmenter, synonyms)
        self._asker = asker
        self._place = place
        self.statistics = statistics

    def idf(self, field: str, text: str) -> float:
        """Return the inverse document frequency; 0 for a term nowhere found."""
        return self.statistics.idf(field, text)

    def search(self, query: str, k: int, allowed: Allowed = None) -> list[tuple[int, float]]:
        """Return at most `k` (key, share > 0), best first; only what is `allowed`."""
        wanted = self.wanted(query)
        found = self.read(self.proposed(wanted, k, allowed))
        shares = self.shares(wanted, found)
        return sorted(shares.items(), key=lambda hit: (-hit[1], hit[0]))[:k]

    def proposed(self, wanted: Wanted, k: int, allowed: Allowed) -> list[int]:
        """Return candidates for the best `k`, in no order that means anything."""
        if not wanted.ceiling or k < 1:
            return []
        return list(self._asker.by_words(asked(wanted), SPARE * k, allowed))

    def read(self, keys: Iterable[int]) -> dict[int, Held]:
        """Return what is kept of passages."""
        return fetched(*self._place, list(keys))

    def shares(self, wanted: Wanted, passages: dict[int, Held]) -> dict[int, float]:
        """Return the score of each passage over the most that the query could score, if any."""
        if not wanted.ceiling:
            return {}
        scorer = Scorer(wanted, self.statistics.mean_words, self.statistics.mean_bigrams)
        found = ((key, scorer.share(one.counted())) for key, one in passages.items())
        return {key: share for key, share in found if share > 0}

    def citing(self, passages: Mapping[int, Held]) -> dict[int, int]:
        """Return how many passages cite the document of each passage that has a name."""
        return {
            key: self.statistics.citing(one.own_name)
            for key, one in passages.items()
            if one.own_name != NAMELESS
        }

    def words(self, prefix: str, n: int) -> list[str]:
        """Return at most `n` indexed words that start so, those in most passages first."""
        if not prefix:
            return self._by_frequency[:n]
        return [word for word in self._by_frequency if word.startswith(prefix)][:n]

    def holding(self, text: str, k: int, allowed: Allowed = None) -> Keys:
        """Return at most `k` keys of passages that have bigrams of a text, best first.

        Those with all of them first, near enough; the caller looks at what it wants as one run.
        """
        found = (Term("bigrams", one, self.idf("bigrams", one)) for one in bigrams(text))
        terms = tuple(dict.fromkeys(found))
        if not terms or not all(term.idf for term in terms) or k < 1:
            return np.empty(0, np.int64)
        best = self._asker.by_words(asked(Wanted(terms[:MOST_TERMS])), k, allowed)
        return np.fromiter(best, np.int64, len(best))

    @cached_property
    def _by_frequency(self) -> list[str]:
        return self.statistics.frequent("")
