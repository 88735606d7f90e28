"""Ask a collection for candidates, within what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from index.keys import ascending, contains
from index.milvus.engine import Engine
from index.milvus.expressions import EVERYTHING, of_keys, of_scope, parts_of
from index.milvus.schema import search_params
from index.types import Allowed, Keys, Scope, Vectors

# The most that Milvus returns of a search.
MOST_HITS = 16_384
# Rows fetched for each passage asked for, at first: a passage of a policy has one to three windows.
ROWS_PER_KEY = 2
# How many times as wide a search by vectors looks under a filter, and where it found too little.
WIDER = 4
WIDEST = 64
# Expressions that are asked one by one before it is tried to sieve what an unfiltered search finds.
FEW_PARTS = 2
# Passages whose vectors are asked for together.
CHUNK = 1_000

# Keys with scores, best first; a key once.
Candidates = dict[int, float]


class Asker:
    """One collection, searched by words or by meaning."""

    def __init__(self, engine: Engine, collection: str, count: int, *, half: bool) -> None:
        """Ask a collection of about `count` passages; `half` where its vectors are."""
        self._engine = engine
        self._collection = collection
        self._count = max(count, 1)
        self._kind = np.float16 if half else np.float32

    def by_words(self, text: str, k: int, allowed: Allowed) -> Candidates:
        """Return at most `k` passages by Milvus's own BM25."""
        return self._within("bm25", text, k, allowed)

    def by_vector(self, vector: Vectors, k: int, allowed: Allowed) -> Candidates:
        """Return at most `k` passages by the cosine of their best window, none of 0 or less."""
        if not vector.any():
            return {}
        found = self._within("vector", vector.astype(self._kind), k, allowed)
        ordered = sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))
        return {key: cosine for key, cosine in ordered if cosine > 0}

    def cosines(self, vector: Vectors, keys: Iterable[int]) -> Candidates:
        """Return the cosine of every one of some passages that is there, 0 where it is below.

        Of their vectors: a graph that is searched for some passages only may miss one.
        """
        wanted = list(keys)
        found: Candidates = {}
        for at in range(0, len(wanted), CHUNK):
            rows = self._engine.read(
                "query",
                collection_name=self._collection,
                filter=of_keys(wanted[at : at + CHUNK]),
                output_fields=["key", "vector"],
            )
            for row in rows:
                cosine = float(np.asarray(row["vector"], np.float32) @ vector)
                found[row["key"]] = max(cosine, found.get(row["key"], 0.0))
        return found

    def _within(self, field: str, data: Any, k: int, allowed: Allowed) -> Candidates:
        each = ROWS_PER_KEY if field == "vector" else 1
        if allowed is None:
            return self._until(field, data, k, EVERYTHING, each)
        if isinstance(allowed, Scope):
            return self._until(field, data, k, of_scope(allowed), each)
        if len(allowed) == 0:
            return {}
        parts = parts_of(allowed)
        if len(parts) > FEW_PARTS:
            sieved = self._sieved(field, data, k, ascending(allowed), each)
            if sieved is not None:
                return sieved
        found: Candidates = {}
        for part in parts:
            found |= self._until(field, data, k, part, each)
        return dict(sorted(found.items(), key=lambda hit: (-hit[1], hit[0]))[:k])

    def _sieved(self, field: str, data: Any, k: int, allowed: Keys, each: int) -> Candidates | None:
        """Search everything and drop what is not allowed; None where that may miss something."""
        wanted = 2 * each * k * self._count // len(allowed) + k
        if wanted > MOST_HITS:
            return None
        hits, more = self._hits(field, data, wanted, EVERYTHING)
        inside = contains(allowed, np.fromiter(hits, np.int64, len(hits)))
        kept = [hit for hit, kept in zip(hits.items(), inside, strict=True) if kept]
        return dict(kept[:k]) if len(kept) >= k or not more else None

    def _until(self, field: str, data: Any, k: int, where: str, each: int) -> Candidates:
        """Fetch rows until `k` passages are found or there are no more."""
        fetched = min(each * k, MOST_HITS)
        wider = WIDER if where else 1
        while True:
            hits, more = self._hits(field, data, fetched, where, wider)
            if len(hits) >= k or fetched == MOST_HITS:
                break
            if more:
                fetched = min(4 * fetched, MOST_HITS)
            elif where and field == "vector" and wider < WIDEST:
                # What is allowed may be where a graph that is searched for the query does not lead.
                wider = WIDEST
            else:
                break
        return dict(list(hits.items())[:k])

    def _hits(
        self, field: str, data: Any, limit: int, where: str, wider: int = 1
    ) -> tuple[Candidates, bool]:
        """Return passages in the order of their best rows, and whether there may be more."""
        kind = self._engine.address.dense
        params = search_params(kind, limit, wider) if field == "vector" else {}
        rows = self._engine.read(
            "search",
            collection_name=self._collection,
            data=[data],
            anns_field=field,
            limit=limit,
            filter=where,
            search_params={"params": params},
            output_fields=["key"],
        )[0]
        best: Candidates = {}
        for row in rows:
            # By words, Milvus's score is positive and that of milvus-lite negative.
            score = abs(row["distance"]) if field == "bm25" else row["distance"]
            best.setdefault(int(row["entity"]["key"]), float(score))
        return best, len(rows) == limit


@cache
def threads() -> ThreadPoolExecutor:
    """Return the threads that ask for one thing while another is asked for."""
    return ThreadPoolExecutor(8, thread_name_prefix="milvus")
