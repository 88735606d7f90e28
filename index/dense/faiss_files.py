"""Make, write and map FAISS indexes of half-precision vectors; rows are their ids."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from index.errors import IndexDamaged, SearchIndexError
from index.manifest import REBUILD

# Vectors per list that k-means learns from (FAISS warns below 39), and how often it goes over them.
# Of 1 M vectors, 4,096 lists hold .994 of the ten nearest in the 256 that are read, with these as
# with 64 vectors and 10 rounds, which take 80 s of the processor's time instead of 34.
TRAINED_PER_LIST = 40
ROUNDS = 5
CHUNK = 65_536

Rows: TypeAlias = npt.NDArray[np.int64]
# Half-precision vectors as FAISS holds them: shape (rows, dimension).
Codes: TypeAlias = npt.NDArray[np.float16]


def faiss_module() -> Any:
    """Import FAISS, untyped: its stubs lack what its Python side adds to the C++ signatures."""
    import faiss

    return faiss


def list_count(vectors: int) -> int:
    """Return how many inverted lists to make: the power of two nearest four square roots.

    Among 206 k passages' vectors, an eighth of the lists holds this part of a question's ten
    nearest: .976 of 512 lists, .984 of 1,024, .991 of 2,048; a sixteenth .960, .973, .985.
    """
    return int(2 ** round(math.log2(vectors) / 2 + 2))


def is_inverted(index: Any) -> bool:
    """Tell inverted lists from an exact index."""
    return hasattr(index, "nlist")


def exact(codes: Codes) -> Any:
    """Return an index that looks at every vector."""
    faiss = faiss_module()
    half = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(codes.shape[1], half, faiss.METRIC_INNER_PRODUCT)
    if len(codes):
        index.add_sa_codes(np.ascontiguousarray(codes).view(np.uint8))
    return index


def train(codes: Codes) -> Any:
    """Return an empty index of inverted lists with centres learnt from a sample of vectors."""
    faiss = faiss_module()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    count, dimension = codes.shape
    lists = list_count(count)
    index = _empty_lists(faiss.IndexFlatIP(dimension), dimension, lists)
    sample = np.random.default_rng(0).permutation(count)[: lists * TRAINED_PER_LIST]
    index.cp.niter = ROUNDS
    index.train(codes[np.sort(sample)].astype(np.float32))
    return index


def like(index: Any) -> Any:
    """Return an empty index of inverted lists with the centres of another."""
    faiss = faiss_module()
    centres = faiss.clone_index(index.quantizer)
    empty = _empty_lists(centres, index.d, index.nlist)
    empty.is_trained = True
    return empty


def _empty_lists(coarse: Any, dimension: int, lists: int) -> Any:
    faiss = faiss_module()
    half = faiss.ScalarQuantizer.QT_fp16
    return faiss.IndexIVFScalarQuantizer(
        coarse, dimension, lists, half, faiss.METRIC_INNER_PRODUCT, False
    )


def nearest_lists(index: Any, codes: Codes) -> Rows:
    """Return the list each vector belongs to."""
    faiss_module().omp_set_num_threads(os.cpu_count() or 1)
    found = np.empty(len(codes), np.int64)
    for start in range(0, len(codes), CHUNK):
        chunk = codes[start : start + CHUNK].astype(np.float32)
        found[start : start + CHUNK] = index.quantizer.search(chunk, 1)[1][:, 0]
    return found


def fill(index: Any, codes: Codes, lists: Rows) -> None:
    """Put vectors into the lists of an empty index; a vector's row becomes its id."""
    faiss = faiss_module()
    order = np.argsort(lists, kind="stable")
    bounds = np.searchsorted(lists[order], np.arange(index.nlist + 1))
    for number in range(index.nlist):
        rows = np.ascontiguousarray(order[bounds[number] : bounds[number + 1]])
        if len(rows):
            held = np.ascontiguousarray(codes[rows]).view(np.uint8)
            index.invlists.add_entries(
                number, len(rows), faiss.swig_ptr(rows), faiss.swig_ptr(held)
            )
    index.ntotal = len(codes)


def lists_of_rows(index: Any) -> Rows:
    """Return for every row of inverted lists the list it is in."""
    lists = np.empty(index.ntotal, np.int64)
    for number in range(index.nlist):
        lists[_list_rows(index, number)] = number
    return lists


def _list_rows(index: Any, number: int) -> Rows:
    """Return the rows of one inverted list; a view."""
    size = index.invlists.list_size(number)
    if size == 0:
        return np.empty(0, np.int64)
    rows: Rows = faiss_module().rev_swig_ptr(index.invlists.get_ids(number), size)
    return rows


def places_of(index: Any) -> Rows:
    """Return for every row of mapped inverted lists where in the file its vector begins."""
    lists = faiss_module().downcast_InvertedLists(index.invlists).lists
    places = np.empty(index.ntotal, np.int64)
    for number in range(index.nlist):
        held = _list_rows(index, number)
        places[held] = lists.at(number).offset + index.code_size * np.arange(len(held))
    return places


def write(index: Any, path: Path) -> None:
    """Write an index to a file."""
    faiss_module().write_index(index, str(path))


def read_mapped(path: Path) -> Any:
    """Open an index without reading it into memory.

    Never add to or remove from what this returns: FAISS ends the process over a mapped index.
    """
    faiss = faiss_module()
    # Flat codes and inverted lists are mapped by two different flags, and each is an error for
    # the other kind; the file starts with the kind.
    with path.open("rb") as file:
        inverted = file.read(2) == b"Iw"
    if not inverted:
        return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY)
    # Else every search starts 32 threads that read ahead: 1.6 ms instead of 0.5.
    faiss.downcast_InvertedLists(index.invlists).prefetch_nthread = 0
    return index


def selector(chosen: npt.NDArray[np.bool_]) -> Any:
    """Return what lets FAISS see the chosen rows only."""
    return faiss_module().IDSelectorBitmap(np.packbits(chosen, bitorder="little"))


@contextmanager
def damage_in(folder: Path) -> Iterator[None]:
    """Raise IndexDamaged for what cannot be read."""
    try:
        yield
    except (RuntimeError, ValueError, OSError, EOFError) as error:
        raise IndexDamaged(
            f"the vector index in {folder} cannot be read ({error}): {REBUILD}"
        ) from error


@contextmanager
def failure_in(folder: Path) -> Iterator[None]:
    """Raise SearchIndexError for what cannot be written."""
    try:
        yield
    except (RuntimeError, OSError) as error:
        raise SearchIndexError(
            f"the vector index in {folder} cannot be written ({error}): "
            "make room on the disk, or set the home to a folder that can be written"
        ) from error
