"""Cosine over passage vectors, on FAISS: exact in half precision, inverted lists when large.

A passage has a row for each of its windows, and scores what its best window scores. A folder
holds `vectors.faiss`, row -> fp16 vector, memory-mapped by readers; `keys.npy`, row -> key, or
`HOLE` where an inverted list has lost the row; and, of inverted lists, `places.npy`, row -> list
and place in it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from index.errors import IndexDamaged, SearchIndexError
from index.keys import ascending
from index.manifest import REBUILD
from index.types import Keys, Vectors

VECTORS = "vectors.faiss"
KEYS = "keys.npy"
PLACES = "places.npy"
HOLE = np.iinfo(np.int64).min
# Exact search of 256 dimensions takes 2.1 ms at 100 k passages and 23 ms at 1 M. Of 512 inverted
# lists over 296 k vectors of law articles, 32 hold .956 of a question's ten nearest, 64 hold .989
# (0.65 ms), 128 hold .997 (1.3 ms).
LARGEST_EXACT = 200_000
LISTS_READ = 64
# Vectors per list that k-means learns from; FAISS warns below 39 and samples above 256.
TRAINED_PER_LIST = 64
CHUNK = 65_536
# Up to here, the vectors of allowed keys are compared one by one instead of searched.
FEW_ROWS = 500
# Rows fetched for each key asked for, at first: a passage of a policy has one to three windows.
ROWS_PER_KEY = 2

Rows: TypeAlias = npt.NDArray[np.int64]


class FaissIndex:
    """Ranks keys by the cosine of their vectors with a query's; opened for reading only."""

    def __init__(self, folder: Path) -> None:
        with _damage_in(folder):
            self._row_keys: Keys = np.load(folder / KEYS, mmap_mode="r")
            self._index = _read_mapped(folder / VECTORS)
            self._inverted = _is_inverted(self._index)
            self._places = np.load(folder / PLACES, mmap_mode="r") if self._inverted else None
        filled = np.count_nonzero(self._row_keys != HOLE)
        if filled != self._index.ntotal:
            raise IndexDamaged(
                f"{folder} holds {self._index.ntotal} vectors and {filled} keys: {REBUILD}"
            )

    def __len__(self) -> int:
        return len(self.keys())

    @property
    def dimension(self) -> int:
        """Length of the vectors."""
        return int(self._index.d)

    def search(
        self, vector: Vectors, k: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (key, cosine > 0), best first; only from `allowed` when given.

        `vector` has shape (dimension,) and length 1. A zero vector, of a query or of a passage,
        has nothing in common with anything and never matches.
        """
        if k < 1 or self._index.ntotal == 0 or not vector.any():
            return []
        rows = None if allowed is None else self._rows_of(ascending(allowed))[0]
        if rows is not None and len(rows) <= FEW_ROWS:
            scored = self.scores(vector, np.unique(self._row_keys[rows])).items()
            ranked = sorted(scored, key=lambda hit: (-hit[1], hit[0]))
            return [(key, score) for key, score in ranked[:k] if score > 0]
        available = self._index.ntotal if rows is None else len(rows)
        fetched = min(ROWS_PER_KEY * k, available)
        while True:
            hits = self._nearest_rows(vector, fetched, rows)
            if len(hits) >= k or fetched == available:
                return hits[:k]
            fetched = min(4 * fetched, available)

    def scores(self, vector: Vectors, keys: Keys) -> dict[int, float]:
        """Return the cosine of each of `keys` that is in the index, 0 where it is below."""
        rows, owner = self._rows_of(keys)
        if len(rows) == 0:
            return {}
        cosines = self._vectors(rows) @ vector.astype(np.float32)
        best = np.zeros(len(keys), np.float32)
        np.maximum.at(best, owner, cosines)
        return {int(keys[at]): float(best[at]) for at in np.unique(owner)}

    def keys(self) -> Keys:
        """Return every key in the index once, ascending."""
        return np.unique(self._row_keys[self._row_keys != HOLE])

    def _nearest_rows(
        self, vector: Vectors, count: int, rows: Rows | None
    ) -> list[tuple[int, float]]:
        # A second thread halves the time of a lone query on an idle machine; on a busy one, the
        # two wait for each other: 1.5 ms became 7.6 (p50) and 20 (p98) at 100 k vectors.
        _faiss().omp_set_num_threads(1)
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        scores, found = self._index.search(query, count, params=self._params(rows))
        matched = (found[0] >= 0) & (scores[0] > 0)
        best: dict[int, float] = {}
        row_keys = self._row_keys[found[0][matched]].tolist()
        for key, score in zip(row_keys, scores[0][matched].tolist(), strict=True):
            best.setdefault(key, score)
        return list(best.items())

    def _vectors(self, rows: Rows) -> Vectors:
        if self._places is None:
            found: Vectors = self._index.reconstruct_batch(rows)
            return found
        vectors = np.empty((len(rows), self.dimension), np.float32)
        for at, place in enumerate(self._places[rows].tolist()):
            vectors[at] = _list_vectors(self._index, place >> 32)[place & 0xFFFFFFFF]
        return vectors

    def _params(self, rows: Rows | None) -> Any:
        faiss = _faiss()
        selector = None if rows is None else _selector(rows, len(self._row_keys))
        if not self._inverted:
            return faiss.SearchParameters(sel=selector)
        # As many candidates as an unfiltered search reads: every list, when few keys are allowed.
        share = 1.0 if rows is None else len(rows) / self._index.ntotal
        lists = min(math.ceil(LISTS_READ / share), self._index.nlist)
        return faiss.SearchParametersIVF(sel=selector, nprobe=lists)

    def _rows_of(self, keys: Keys) -> tuple[Rows, Rows]:
        """Return the rows of `keys`, and for each row the place of its key in `keys`."""
        ordered, rows = self._by_key
        first = np.searchsorted(ordered, keys, "left")
        counts = np.searchsorted(ordered, keys, "right") - first
        owner = np.repeat(np.arange(len(keys)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        at = np.repeat(first, counts) + np.arange(len(owner)) - before
        return rows[at], owner

    @cached_property
    def _by_key(self) -> tuple[Keys, Rows]:
        keys = np.asarray(self._row_keys)
        if np.all(keys[1:] >= keys[:-1]):
            return keys, np.arange(len(keys))
        rows = np.argsort(keys, kind="stable")
        return keys[rows], rows


class DenseWriter:
    """Adds and removes vectors, in memory, and saves them as a folder.

    Starts from the folder `source` when given, which is left as it is.
    """

    def __init__(self, dimension: int, source: Path | None = None) -> None:
        if source is None:
            self._index = _exact(dimension)
            self._parts = [np.empty(0, np.int64)]
        else:
            with _damage_in(source):
                self._index = _read(source / VECTORS)
                self._parts = [np.load(source / KEYS)]
        self._rows = len(self._parts[0])

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add vectors of shape (len(keys), dimension); a key may come several times."""
        _add(self._index, np.arange(self._rows, self._rows + len(keys)), vectors)
        self._parts.append(keys)
        self._rows += len(keys)

    def remove(self, keys: Collection[int]) -> None:
        """Remove the vectors of keys; those that are absent are passed over."""
        row_keys = self._row_keys()
        gone = np.isin(row_keys, np.fromiter(keys, np.int64, len(keys)))
        if not gone.any():
            return
        self._index.remove_ids(_selector(np.flatnonzero(gone), self._rows))
        if _is_inverted(self._index):
            row_keys[gone] = HOLE
        else:
            self._set_row_keys(row_keys[~gone])

    def keys(self) -> Keys:
        """Return every key added and not removed once, ascending."""
        row_keys = self._row_keys()
        return np.unique(row_keys[row_keys != HOLE])

    def save(self, folder: Path) -> None:
        """Write a new folder, changing the kind of index where the number of vectors asks it."""
        self._fit_to_size()
        folder.mkdir()
        with _failure_in(folder):
            _faiss().write_index(self._index, str(folder / VECTORS))
            np.save(folder / KEYS, self._row_keys())
            if _is_inverted(self._index):
                np.save(folder / PLACES, _places(self._index, self._rows))

    def _row_keys(self) -> Keys:
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
        return self._parts[0]

    def _set_row_keys(self, row_keys: Keys) -> None:
        self._parts = [row_keys]
        self._rows = len(row_keys)

    def _fit_to_size(self) -> None:
        count = self._index.ntotal
        if count <= LARGEST_EXACT:
            return
        lists = list_count(count)
        # Lists twice as long as the rule asks cost more time than training them anew once.
        if _is_inverted(self._index) and lists < 2 * self._index.nlist:
            return
        rows, vectors = _contents(self._index)
        self._set_row_keys(self._row_keys()[rows])
        self._index = _inverted(vectors, lists)


def list_count(vectors: int) -> int:
    """Return how many inverted lists to make: the power of two nearest the square root."""
    return int(2 ** round(math.log2(vectors) / 2))


def _faiss() -> Any:
    """Import FAISS, untyped: its stubs lack what its Python side adds to the C++ signatures."""
    import faiss

    return faiss


def _exact(dimension: int) -> Any:
    faiss = _faiss()
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexScalarQuantizer(dimension, half, faiss.METRIC_INNER_PRODUCT)


def _inverted(vectors: npt.NDArray[np.float16], lists: int) -> Any:
    faiss = _faiss()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    count, dimension = vectors.shape
    coarse = faiss.IndexFlatIP(dimension)
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, half, faiss.METRIC_INNER_PRODUCT, False
    )
    sample = np.random.default_rng(0).permutation(count)[: lists * TRAINED_PER_LIST]
    index.train(vectors[np.sort(sample)].astype(np.float32))
    for start in range(0, count, CHUNK):
        chunk = vectors[start : start + CHUNK].astype(np.float32)
        _add(index, np.arange(start, start + len(chunk)), chunk)
    return index


def _add(index: Any, rows: Rows, vectors: Vectors) -> None:
    vectors = np.ascontiguousarray(vectors, np.float32)
    if _is_inverted(index):
        index.add_with_ids(vectors, rows)
    else:
        index.add(vectors)


def _contents(index: Any) -> tuple[Rows, npt.NDArray[np.float16]]:
    """Return the rows an index holds and their vectors, by row."""
    faiss = _faiss()
    if not _is_inverted(index):
        codes = faiss.vector_to_array(index.codes)
        return np.arange(index.ntotal), codes.view(np.float16).reshape(-1, index.d)
    lists = range(index.nlist)
    rows = np.concatenate([_list_rows(index, number) for number in lists])
    vectors = np.concatenate([_list_vectors(index, number) for number in lists])
    order = np.argsort(rows)
    return rows[order], vectors[order]


def _list_rows(index: Any, number: int) -> Rows:
    """Return the rows of one inverted list; a view, as is that of their vectors."""
    size = index.invlists.list_size(number)
    if size == 0:
        return np.empty(0, np.int64)
    rows: Rows = _faiss().rev_swig_ptr(index.invlists.get_ids(number), size)
    return rows


def _list_vectors(index: Any, number: int) -> npt.NDArray[np.float16]:
    size = index.invlists.list_size(number)
    if size == 0:
        return np.empty((0, index.d), np.float16)
    codes = _faiss().rev_swig_ptr(index.invlists.get_codes(number), size * index.code_size)
    vectors: npt.NDArray[np.float16] = codes.view(np.float16).reshape(size, index.d)
    return vectors


def _places(index: Any, rows: int) -> Rows:
    """Return for every row its list in the high 32 bits and its place there in the low."""
    places = np.full(rows, -1, np.int64)
    for number in range(index.nlist):
        held = _list_rows(index, number)
        places[held] = (number << 32) + np.arange(len(held))
    return places


def _selector(rows: Rows, count: int) -> Any:
    faiss = _faiss()
    chosen = np.zeros(count, np.bool_)
    chosen[rows] = True
    return faiss.IDSelectorBitmap(np.packbits(chosen, bitorder="little"))


def _is_inverted(index: Any) -> bool:
    return hasattr(index, "nlist")


def _read(path: Path) -> Any:
    return _faiss().read_index(str(path))


def _read_mapped(path: Path) -> Any:
    """Open an index without reading it into memory.

    Never add to or remove from what this returns: FAISS ends the process over a mapped index.
    """
    faiss = _faiss()
    # Flat codes and inverted lists are mapped by two different flags, and each is an error for
    # the other kind; the file starts with the kind.
    with path.open("rb") as file:
        inverted = file.read(2) == b"Iw"
    mapped = faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
    return faiss.read_index(str(path), mapped if inverted else faiss.IO_FLAG_MMAP_IFC)


@contextmanager
def _damage_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError, EOFError) as error:
        raise IndexDamaged(
            f"the vector index in {folder} cannot be read ({error}): {REBUILD}"
        ) from error


@contextmanager
def _failure_in(folder: Path) -> Iterator[None]:
    try:
        yield
    except (RuntimeError, OSError) as error:
        raise SearchIndexError(
            f"the vector index in {folder} cannot be written ({error}): "
            "make room on the disk, or set the home to a folder that can be written"
        ) from error
