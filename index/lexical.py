"""BM25 over words and character bigrams, on tantivy.

Terms are cut by us and handed over joined by spaces, so that what is indexed and what is searched
are cut by the same code. Queries are built from terms, never parsed: nothing a user types can be
syntax.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from index.citations import NAMELESS
from index.errors import IndexDamaged
from index.keys import ascending, contains
from index.lexical_writer import CITED_NAMES, KEY, OWN_NAME, WORD_IDS, open_folder
from index.manifest import REBUILD
from index.segment import bigrams
from index.synonyms import NONE, Synonyms
from index.terms import Term, Wanted
from index.types import Allowed, Keys, Scope, Segmenter
from index.wording import MOST_TERMS, Wording

if TYPE_CHECKING:
    import tantivy

PANIC = "PanicException"

_P = ParamSpec("_P")
_R = TypeVar("_R")

# Terms whose frequency is remembered. A query has 20 to 60, and each is asked for two or three
# times at half a microsecond and more, with the segments; 10 MB at most.
KEPT_TERMS = 50_000
# Keys that are asked for one by one, and what each costs in microseconds; of more, a term set costs
# less. Among 200,000 passages in 7 segments, beside the query: 76 keys 0.2 ms (a term set 0.8), 300
# 0.8 (2.2), 1,000 3.2 (4.7); among 20,000 in one, 76 keys 0.1 (0.5), 300 0.3 (0.8), 1,000 1.0
# (0.9), 4,000 13 (1.4).
FEW_KEYS = 500
FEW_COST = 3.0
# What it costs to apply a set of allowed keys, in microseconds: for each run of neighbouring keys,
# for each key of a term set, and for each hit that is fetched to be sieved. At 1 M passages in 7
# segments, beside 1.5 ms for the query: 34 runs 0.7 ms, 334 6.3; 300 scattered keys 2.4, 1,000 7;
# 1,000 hits 0.4, 20,000 7.
RUN_COST = 20.0
KEY_COST = 8.0
HIT_COST = 0.35
# How many times as many hits are fetched where too few were allowed.
MORE_HITS = 8
# Keys, their scores and where they stand, best first.
Ranked: TypeAlias = "tuple[Keys, npt.NDArray[np.float64], list[tantivy.DocAddress]]"


@dataclass(frozen=True, slots=True)
class Worded:
    """What passages have in common with a query, and where in the index they stand; by key."""

    shares: dict[int, float]
    addresses: dict[int, tantivy.DocAddress]


def _telling_damage(
    method: Callable[Concatenate[TantivyIndex, _P], _R],
) -> Callable[Concatenate[TantivyIndex, _P], _R]:
    """Raise IndexDamaged where files that opened turn out to be damaged when they are read."""

    @wraps(method)
    def reading(index: TantivyIndex, /, *args: _P.args, **named: _P.kwargs) -> _R:
        with _damage_in(index.folder):
            return method(index, *args, **named)

    return reading


class TantivyIndex(Wording):
    """Ranks keys by the words and bigrams they share with a query."""

    def __init__(self, folder: Path, segmenter: Segmenter, synonyms: Synonyms = NONE) -> None:
        super().__init__(segmenter, synonyms)
        self.folder = folder
        with _damage_in(folder), _lockable(folder) as place:
            self._index = open_folder(place)
            # A generation never changes, so no thread need watch it and map its files anew.
            self._index.config_reader("manual")
            self._searcher = self._index.searcher()
        self._schema = self._index.schema
        # A generation never changes: what was counted once holds.
        self._counted = lru_cache(KEPT_TERMS)(self._count)
        self._citing = lru_cache(KEPT_TERMS)(partial(self._searcher.doc_freq, CITED_NAMES))

    def __len__(self) -> int:
        return self._searcher.num_docs

    @_telling_damage
    def search(self, query: str, k: int, allowed: Keys | None = None) -> list[tuple[int, float]]:
        """Return at most `k` (key, share > 0), best first; only from `allowed` when given.

        A share is the BM25 score over the most that the query could score (`ceiling`), so that
        shares of different queries compare; 1 is out of reach.
        """
        return list(self.find(self.wanted(query), k, allowed).shares.items())

    @_telling_damage
    def find(self, wanted: Wanted, k: int, allowed: Keys | None = None) -> Worded:
        """Return what `search` does for terms already cut, in the same order."""
        ceiling = wanted.ceiling
        if not ceiling or k < 1 or len(self) == 0 or (allowed is not None and len(allowed) == 0):
            return Worded({}, {})
        query = self._query(wanted)
        if allowed is None:
            keys, scores, addresses = self._fetch(query, k)
        else:
            keys, scores, addresses = self._fetch_allowed(query, k, ascending(allowed))
        # Equal scores in the order of their keys, so that ranks survive a merge of segments.
        order = np.lexsort((keys, -scores))
        return _worded(keys[order], scores[order] / ceiling, [addresses[at] for at in order])

    @_telling_damage
    def words(self, prefix: str, n: int) -> list[str]:
        """Return at most `n` indexed words that start so, those in most passages first."""
        found = self._searcher.terms_with_prefix("words", prefix, limit=n)
        return [word for word, _ in found]

    @_telling_damage
    def holding(self, text: str, k: int, allowed: Allowed = None) -> Keys:
        """Return at most `k` keys of passages that have every bigram of a text, best first.

        Bigrams in any order and place: the caller looks at what it wants as one run.
        """
        if isinstance(allowed, Scope):
            raise TypeError("this index knows no facts of passages: give it keys")
        from tantivy import Occur, Query

        wanted = [(term, self.idf("bigrams", term)) for term in dict.fromkeys(bigrams(text))]
        if not wanted or not all(idf for _, idf in wanted) or k < 1:
            return np.empty(0, np.int64)
        parts = [
            (Occur.Must, Query.term_query(self._schema, "bigrams", term, "freq"))
            for term, _ in wanted[:MOST_TERMS]
        ]
        query = Query.boolean_query(parts)
        if allowed is None:
            return self._fetch(query, k)[0]
        return self._fetch_allowed(query, k, ascending(allowed))[0] if len(allowed) else allowed

    @_telling_damage
    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        import tantivy

        if len(self) == 0:
            return np.empty(0, np.int64)
        hits = self._searcher.search(tantivy.Query.all_query(), len(self), count=False).hits
        keys = self._searcher.fast_field_values(KEY, [address for _, address in hits])
        return np.sort(np.array(keys, np.int64))

    @_telling_damage
    def look_up(self, keys: Keys, wanted: Wanted) -> Worded:
        """Return what those of `keys` that are here have in common with a query: a share of 0 too.

        In no order.
        """
        from tantivy import Occur, Query

        if len(keys) == 0:
            return Worded({}, {})
        query = self._one_of(keys)
        if wanted.ceiling:
            parts = [(Occur.Must, _silent(query)), (Occur.Should, self._query(wanted))]
            query = Query.boolean_query(parts)
        held, scores, addresses = self._fetch(query, len(keys))
        shares = scores / wanted.ceiling if wanted.ceiling else np.zeros(len(held))
        return _worded(held, shares, addresses)

    @_telling_damage
    def word_ids(
        self, addresses: Mapping[int, tantivy.DocAddress]
    ) -> dict[int, npt.NDArray[np.uint32]]:
        """Return the stored word ids of those passages that have some, by key."""
        stored = {
            key: self._searcher.doc(address).get_first(WORD_IDS)
            for key, address in addresses.items()
        }
        return {key: np.frombuffer(ids, "<u4") for key, ids in stored.items() if ids}

    @_telling_damage
    def citing(self, addresses: Mapping[int, tantivy.DocAddress]) -> dict[int, int]:
        """Return how many passages cite each passage's document, of those with a name, by key."""
        names = self._searcher.fast_field_values(OWN_NAME, list(addresses.values()))
        return {
            key: self._citing(name)
            for key, name in zip(addresses, names, strict=True)
            if name != NAMELESS
        }

    def idf(self, field: str, text: str) -> float:
        """Return the inverse document frequency in tantivy's BM25; 0 for a term nowhere found."""
        return self._counted(field, text)

    def _count(self, field: str, text: str) -> float:
        holding = self._searcher.doc_freq(field, text)
        if holding == 0:
            return 0.0
        # Deleted passages count until their segment is merged, so `holding` may exceed the rest.
        others = max(len(self) - holding, 0)
        return math.log1p((others + 0.5) / (holding + 0.5))

    def _query(self, wanted: Wanted) -> tantivy.Query:
        from tantivy import Occur, Query

        if not wanted.things:
            return self._any_of(wanted.terms)
        parts = [(Occur.Should, self._any_of(wanted.terms))] if wanted.terms else []
        for thing in wanted.things:
            names = [Query.boost_query(self._any_of(terms), w) for terms, w in thing.names]
            parts.append((Occur.Should, Query.disjunction_max_query(names)))
        return Query.boolean_query(parts)

    def _any_of(self, terms: Iterable[Term]) -> tantivy.Query:
        from tantivy import Occur, Query

        return Query.boolean_query(
            [
                (Occur.Should, Query.term_query(self._schema, term.field, term.text, "freq"))
                for term in terms
            ]
        )

    def _fetch(self, query: tantivy.Query, k: int) -> Ranked:
        hits = self._searcher.search(query, min(k, len(self)), count=False).hits
        addresses = [address for _, address in hits]
        keys = self._searcher.fast_field_values(KEY, addresses)
        scores = np.array([score for score, _ in hits], np.float64)
        return np.array(keys, np.int64), scores, addresses

    def _fetch_allowed(self, query: tantivy.Query, k: int, allowed: Keys) -> Ranked:
        """Rank the allowed keys only, by whichever way is quickest for this set; all are exact."""
        firsts, lasts = _runs(allowed)
        by_keys = (FEW_COST if len(allowed) <= FEW_KEYS else KEY_COST) * len(allowed)
        by_runs = RUN_COST * len(firsts) < by_keys
        cost = min(RUN_COST * len(firsts), by_keys)
        enough = int(2 * k * len(self) / len(allowed)) + k
        while HIT_COST * enough < cost:
            keys, scores, addresses = self._fetch(query, enough)
            kept = np.flatnonzero(contains(allowed, keys))[:k]
            if len(kept) == k or len(keys) < enough:
                return keys[kept], scores[kept], [addresses[at] for at in kept]
            enough *= MORE_HITS
        condition = self._in_runs(firsts, lasts) if by_runs else self._one_of(allowed)
        return self._fetch(self._both(query, condition), k)

    def _one_of(self, allowed: Keys) -> tantivy.Query:
        from tantivy import Occur, Query

        if len(allowed) <= FEW_KEYS:
            return Query.boolean_query(
                [
                    (Occur.Should, Query.term_query(self._schema, KEY, key, "basic"))
                    for key in allowed.tolist()
                ]
            )
        return Query.term_set_query(self._schema, KEY, allowed.tolist())

    def _in_runs(self, firsts: Keys, lasts: Keys) -> tantivy.Query:
        from tantivy import FieldType, Occur, Query

        # By the index of keys: the other way reads the keys of all passages for each run.
        parts = [
            Query.range_query(
                self._schema, KEY, FieldType.Integer, first, last, use_inverted_index=True
            )
            for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
        ]
        if len(parts) == 1:
            return parts[0]
        return Query.boolean_query([(Occur.Should, part) for part in parts])

    @staticmethod
    def _both(query: tantivy.Query, condition: tantivy.Query) -> tantivy.Query:
        from tantivy import Occur, Query

        return Query.boolean_query([(Occur.Must, query), (Occur.Must, _silent(condition))])


def _worded(
    keys: Keys, shares: npt.NDArray[np.float64], addresses: list[tantivy.DocAddress]
) -> Worded:
    held = keys.tolist()
    return Worded(
        dict(zip(held, shares.tolist(), strict=True)), dict(zip(held, addresses, strict=True))
    )


def _silent(condition: tantivy.Query) -> tantivy.Query:
    """Return a query of the same passages that adds nothing to their scores."""
    from tantivy import Query

    return Query.const_score_query(condition, 0.0)


def _runs(allowed: Keys) -> tuple[Keys, Keys]:
    """Return first and last of every run of neighbouring keys."""
    breaks = np.flatnonzero(allowed[1:] - allowed[:-1] > 1)
    firsts = allowed[np.concatenate(([0], breaks + 1))]
    lasts = allowed[np.concatenate((breaks, [len(allowed) - 1]))]
    return firsts, lasts


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """Give a folder, or links to its files where it cannot be written to: opening takes a lock.

    Once the files are open, the links may go.
    """
    if os.access(folder, os.W_OK) or not folder.is_dir():
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="policykb-") as links:
        for path in folder.iterdir():
            if path.suffix != ".lock":
                (Path(links) / path.name).symlink_to(path.absolute())
        yield Path(links)


@contextmanager
def _damage_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        # Rust's panics, which damage can lead to, are of no kind that could be imported.
        if not isinstance(error, ValueError | OSError) and type(error).__name__ != PANIC:
            raise
        raise IndexDamaged(
            f"the word index in {folder} cannot be read ({error}): {REBUILD}"
        ) from error
