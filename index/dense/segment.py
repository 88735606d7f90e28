"""One segment of the vector index: rows in the order of their keys, never written to again.

vectors.faiss   row -> vector in half precision, exact or in inverted lists; memory-mapped
keys.npy        row -> key, ascending; a key has a row for each of its windows
places.npy      of inverted lists: row -> offset of its vector in vectors.faiss
dead.npy        of rows that were removed: one bit a row; the only file that a later
                generation has otherwise
"""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from index.dense import faiss_files
from index.dense.faiss_files import Codes, Rows
from index.errors import IndexDamaged
from index.keys import contains
from index.manifest import REBUILD
from index.types import Keys, Vectors

VECTORS = "vectors.faiss"
KEYS = "keys.npy"
PLACES = "places.npy"
DEAD = "dead.npy"
# Inverted lists that are read. `benchmarks/size.py` prints the recall this gives.
LISTS_READ = 256
# Rows fetched for each key asked for, at first: a passage of a policy has one to three windows.
ROWS_PER_KEY = 2
# How a set of allowed keys is applied. Vectors of 20,000 rows are gathered and compared in 1.4 ms,
# of 5,000 in 0.2. Among 1.2 M rows, to make a bitmap takes 0.6 ms, and FAISS needs 0.15 ms for
# 100,000 rows of which it sees one in a thousand, 1.4 for one in ten, 12 for every second; without
# a bitmap 1.8 ms, for the nearest 400 as well as for 10, and 2.5 for the nearest 2,000.
FEW_ROWS = 1_000
FEW_SHARE = 1 / 64
SIEVED_SHARE = 0.15
# Keys farther apart than this many to a row are looked up one by one instead of in a table.
WIDEST = 64
# `np.load` reads a file's head as Python; CPython 3.11 fails where two threads parse at a time.
_PARSING = Lock()

Mask = npt.NDArray[np.bool_]


class DenseSegment:
    """A segment opened for reading; what is removed from it later is told by `dead`."""

    def __init__(self, folder: Path) -> None:
        """Map a segment's files; raises IndexDamaged when they cannot be read or disagree."""
        self.folder = folder
        with faiss_files.damage_in(folder):
            self.keys = _mapped(folder / KEYS)
            self.raw = faiss_files.read_mapped(folder / VECTORS)
            # Now: the next publication but one removes the file, and leaves what is mapped.
            self._file = np.memmap(folder / VECTORS, np.uint8, "r")
            self.inverted = faiss_files.is_inverted(self.raw)
            self._places = _mapped(folder / PLACES) if self.inverted else None
            self.dead = _dead(folder, len(self.keys))
        if len(self.keys) != self.raw.ntotal:
            raise IndexDamaged(
                f"{folder} holds {self.raw.ntotal} vectors and {len(self.keys)} keys: {REBUILD}"
            )

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def live(self) -> int:
        """How many rows have not been removed."""
        return len(self) - (0 if self.dead is None else int(np.count_nonzero(self.dead)))

    def live_keys(self) -> Keys:
        """Return the keys that have not been removed once each, ascending."""
        keys = self.keys if self.dead is None else self.keys[~self.dead]
        return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys

    def rows_of(self, keys: Keys) -> tuple[Rows, Rows]:
        """Return the live rows of `keys`, and for each row the place of its key in `keys`."""
        first = np.searchsorted(self.keys, keys, "left")
        counts = np.searchsorted(self.keys, keys, "right") - first
        owner = np.repeat(np.arange(len(keys)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        rows = np.repeat(first, counts) + np.arange(len(owner)) - before
        if self.dead is None:
            return rows, owner
        kept = ~self.dead[rows]
        return rows[kept], owner[kept]

    def codes(self, rows: Rows) -> Codes:
        """Return the vectors of rows."""
        found: Codes = self._records[self._offsets(rows)].view(np.float16)
        return found.reshape(len(rows), self.raw.d)

    def scores(self, vector: Vectors, keys: Keys) -> dict[int, float]:
        """Return the cosine of each of `keys` that is here, 0 where it is below."""
        rows, owner = self.rows_of(keys)
        if len(rows) == 0:
            return {}
        # Not `@`, which takes a second thread that waits for the first on a busy machine.
        cosines = np.einsum("ij,j->i", self.codes(rows).astype(np.float32), vector)
        starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
        best = np.maximum(np.maximum.reduceat(cosines, starts), 0)
        return dict(zip(keys[owner[starts]].tolist(), best.tolist(), strict=True))

    def search(
        self, vector: Vectors, k: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (key, cosine > 0), best first; only from ascending `allowed`."""
        if allowed is None:
            hits = self._sieved(vector, k, LISTS_READ, None)
            return hits if len(hits) >= k else self._sieved(vector, k, self.lists, None)
        inside = allowed[slice(*np.searchsorted(allowed, (self.keys[0], self.keys[-1] + 1)))]
        if len(inside) == 0:
            return []
        if len(inside) <= max(FEW_ROWS, FEW_SHARE * len(self)):
            return self._gathered(vector, k, self.rows_of(inside)[0])
        share = len(inside) / len(self)
        way = self._sieved if share >= SIEVED_SHARE else self._masked
        # As many candidates are read as without a filter: every list, when few rows are allowed.
        hits = way(vector, k, math.ceil(LISTS_READ / share), inside)
        # What is allowed may be of other subjects than the query, and in other lists.
        return hits if len(hits) >= k else self._masked(vector, k, self.lists, inside)

    @property
    def lists(self) -> int:
        """How many inverted lists there are, 1 for an exact segment."""
        return int(self.raw.nlist) if self.inverted else 1

    def params(self, lists: int = LISTS_READ, selector: Any = None) -> Any:
        """Return how FAISS is to search: in how many lists, and which rows."""
        faiss = faiss_files.faiss_module()
        if not self.inverted:
            return faiss.SearchParameters(sel=selector)
        return faiss.SearchParametersIVF(sel=selector, nprobe=min(lists, self.lists))

    def _gathered(self, vector: Vectors, k: int, rows: Rows) -> list[tuple[int, float]]:
        """Compare the vectors of few rows."""
        if len(rows) == 0:
            return []
        index = faiss_files.exact(self.codes(rows))
        faiss = faiss_files.faiss_module()
        return _until(vector, k, index, faiss.SearchParameters(), self.keys[rows], None)

    def _masked(
        self, vector: Vectors, k: int, lists: int, allowed: Keys
    ) -> list[tuple[int, float]]:
        """Let FAISS see the allowed rows only."""
        chosen = self._mask(allowed)
        if self.dead is not None:
            chosen &= ~self.dead
        params = self.params(lists, faiss_files.selector(chosen))
        return _until(vector, k, self.raw, params, self.keys, None)

    def _sieved(
        self, vector: Vectors, k: int, lists: int, allowed: Keys | None
    ) -> list[tuple[int, float]]:
        """Fetch more than are wanted, and drop what is not allowed or was removed."""

        def kept(rows: Rows) -> Mask:
            found = np.ones(len(rows), np.bool_) if self.dead is None else ~self.dead[rows]
            return found if allowed is None else found & contains(allowed, self.keys[rows])

        plain = allowed is None and self.dead is None
        sieve = None if plain else kept
        share = 1.0 if allowed is None else min(1.0, len(allowed) / len(self))
        return _until(vector, k, self.raw, self.params(lists), self.keys, sieve, share)

    def _mask(self, allowed: Keys) -> Mask:
        """Tell of every row whether its key is allowed."""
        first, last = int(self.keys[0]), int(self.keys[-1])
        if last - first > WIDEST * len(self):
            return contains(allowed, self.keys)
        table = np.zeros(last - first + 1, np.bool_)
        table[allowed - first] = True
        found: Mask = table[self.keys - first]
        return found

    def _offsets(self, rows: Rows) -> Rows:
        # An exact index ends with its vectors.
        places = len(self._file) - int(self.raw.code_size) * (len(self) - rows)
        return places if self._places is None else self._places[rows]

    @cached_property
    def _records(self) -> npt.NDArray[np.void]:
        """The file as a vector from every byte on, so that any of them are taken at once."""
        size = int(self.raw.code_size)
        return np.ndarray(
            (len(self._file) - size + 1,),
            np.dtype((np.void, size)),
            buffer=self._file,
            strides=(1,),
        )


def _until(
    vector: Vectors,
    k: int,
    index: Any,
    params: Any,
    keys: Keys,
    sieve: Any,
    share: float = 1.0,
) -> list[tuple[int, float]]:
    """Fetch rows until `k` keys are found or there are no more."""
    fetched = min(math.ceil(ROWS_PER_KEY * k / share), index.ntotal)
    while True:
        hits, more = _nearest(vector, fetched, index, params, keys, sieve)
        if len(hits) >= k or not more:
            return hits[:k]
        fetched = min(4 * fetched, index.ntotal)


def _nearest(
    vector: Vectors, fetched: int, index: Any, params: Any, keys: Keys, sieve: Any
) -> tuple[list[tuple[int, float]], bool]:
    """Return the keys of the nearest rows with their cosines, and whether there may be more."""
    # A second thread halves the time of a lone query on an idle machine; on a busy one, the
    # two wait for each other: 1.5 ms became 7.6 (p50) and 20 (p98) at 100 k vectors.
    faiss_files.faiss_module().omp_set_num_threads(1)
    query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
    scores, found = index.search(query, fetched, params=params)
    matched = (found[0] >= 0) & (scores[0] > 0)
    more = bool(matched.all()) and fetched < index.ntotal
    rows, cosines = found[0][matched], scores[0][matched]
    if sieve is not None:
        kept = sieve(rows)
        rows, cosines = rows[kept], cosines[kept]
    near = keys[rows]
    # A key's first row is its nearest.
    firsts = np.sort(np.unique(near, return_index=True)[1])
    return list(zip(near[firsts].tolist(), cosines[firsts].tolist(), strict=True)), more


def _mapped(path: Path) -> Rows:
    # A plain array over the map: indexing one that knows its file takes several times longer.
    return np.asarray(_loaded(path, "r"))


def _loaded(path: Path, mmap_mode: Literal["r"] | None = None) -> npt.NDArray[Any]:
    with _PARSING:
        array: npt.NDArray[Any] = np.load(path, mmap_mode=mmap_mode)
    return array


def _dead(folder: Path, rows: int) -> Mask | None:
    path = folder / DEAD
    if not path.exists():
        return None
    return np.unpackbits(_loaded(path), count=rows).astype(np.bool_)
