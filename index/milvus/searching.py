"""An index in Milvus, opened: what it was when it was opened, as far as words are counted."""

from __future__ import annotations

import time
from functools import cache, partial

import numpy as np

from index.fuse import POOL, fuse
from index.milvus.asking import Asker, threads
from index.milvus.engine import Engine
from index.milvus.notes import Notes, State
from index.milvus.statistics import Statistics
from index.milvus.words import MilvusWords
from index.rerank import READ, Reranker, load_reranker
from index.segment import bigrams
from index.simplify import simplified
from index.synonyms import Synonyms, load_synonyms
from index.types import Allowed, Encoder, Keys, Mode, Scored, Segmenter, Vectors

# Seconds for which an answer to "is there anything newer" holds: searching asks it each time.
LOOKED = 1.0
# Rows in a page when all keys are read.
PAGE = 10_000


class MilvusIndex:
    """Searches one generation; passages that come and go meanwhile are found or not.

    Nothing is found that is not in the collection any more; what the store has dropped is for the
    caller to leave out.
    """

    takes_scopes = True

    def __init__(
        self,
        place: tuple[Engine, str],
        notes: Notes,
        state: State,
        statistics: Statistics,
        encoder: Encoder,
        segmenter: Segmenter,
    ) -> None:
        """Search the collection at `place`, of which `state` and `statistics` were read."""
        engine, collection = place
        self.manifest = state.manifest
        self.state = state
        self._place = place
        self._notes = notes
        self._encoder = encoder
        half = engine.address.vectors == "float16" and not engine.lite
        self._asker = Asker(engine, collection, state.manifest.count, half=half)
        self.lexical = MilvusWords(self._asker, place, statistics, segmenter, _shipped_synonyms())
        self.reranker: Reranker | None = load_reranker(encoder)
        self._looked = time.monotonic()
        self._stale = False

    def __len__(self) -> int:
        return self.manifest.count

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        engine, collection = self._place
        pages = engine.pages(collection, ["key"], PAGE)
        return np.unique(np.fromiter((row["key"] for page in pages for row in page), np.int64))

    def use_synonyms(self, synonyms: Synonyms) -> None:
        """Look for other names of things by these instead of the shipped ones."""
        self.lexical.synonyms = synonyms

    def is_stale(self) -> bool:
        """Tell whether anything has been published since this one was opened, a second ago."""
        if not self._stale and time.monotonic() > self._looked + LOOKED:
            self._stale = self._changed()
            self._looked = time.monotonic()
        return self._stale

    def _changed(self) -> bool:
        engine, collection = self._place
        found = engine.read("describe_alias", alias=engine.address.name)
        if found["collection_name"] != collection:
            return True
        state = self._notes.state(self.manifest.generation)
        return state is None or state.mark != self.state.mark

    def search(
        self, query: str, k: int, mode: Mode = "hybrid", allowed: Allowed = None
    ) -> list[Scored]:
        """Return at most `k` keys, best first; only what is `allowed`.

        Raises IndexUnreachable where the engine does not answer.
        """
        if k < 1:
            return []
        query = simplified(query)
        if mode == "lexical":
            return [
                Scored(key, share, lexical=share)
                for key, share in self.lexical.search(query, k, allowed)
            ]
        query = self.lexical.known_wording(query)
        vector = self._vector(query)
        if mode == "dense":
            found = self._asker.by_vector(vector, k, allowed)
            return [Scored(key, cosine, dense=cosine) for key, cosine in found.items()]
        return self._hybrid(query, vector, k, allowed)

    def _vector(self, query: str) -> Vectors:
        if not bigrams(query):
            return np.zeros(self._encoder.spec.dimension, np.float32)
        vector: Vectors = self._encoder.encode_queries([query])[0]
        return vector

    def _hybrid(self, query: str, vector: Vectors, k: int, allowed: Allowed) -> list[Scored]:
        """Fuse the best of both sides, each candidate scored by both, and read the first again."""
        pool = max(POOL, k)
        wanted = self.lexical.wanted(query)
        near = threads().submit(self._asker.by_vector, vector, pool, allowed)
        proposed = self.lexical.proposed(wanted, pool, allowed)
        vectors = near.result()
        passages = self.lexical.read(dict.fromkeys((*proposed, *vectors)))
        shares = self.lexical.shares(wanted, passages)
        first = sorted(shares.items(), key=lambda hit: (-hit[1], hit[0]))[:pool]
        words = dict(first) | {key: shares[key] for key in vectors if key in shares}
        vectors |= self._asker.cosines(vector, [key for key in words if key not in vectors])
        # A passage that was removed between two questions is no candidate.
        vectors = {key: cosine for key, cosine in vectors.items() if key in passages}
        citing = self.lexical.citing(passages)
        if self.reranker is None:
            return fuse(words, vectors, k, citing)
        hits = fuse(words, vectors, max(k, READ), citing)
        read = {hit.key: passages[hit.key].word_ids() for hit in hits[:READ]}
        read = {key: ids for key, ids in read.items() if len(ids)}
        return self.reranker.rerank(query, hits, read, partial(self.lexical.idf, "words"))[:k]


@cache
def _shipped_synonyms() -> Synonyms:
    return load_synonyms()
