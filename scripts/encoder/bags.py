"""Texts as bags of unit ids, and the linear map from words to the units they are made of.

A static model's vector of a text is a sum over its words, so a word may stand for several trained
units (itself, the words inside it, its characters): their sum is one row per word once trained,
and the shipped model needs no more than its tokenizer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Bags:
    """Ragged rows of ids: row i is `ids[starts[i]:starts[i + 1]]`."""

    ids: Ids
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: npt.NDArray[np.int64]) -> Bags:
        """Return the named rows, in that order."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)])
        shift = np.repeat(self.starts[rows] - starts[:-1], lengths)
        return Bags(self.ids[np.arange(starts[-1]) + shift], starts)

    def drop(self, rate: float, rng: np.random.Generator) -> Bags:
        """Return the rows with each id left out at `rate`; a row may become empty."""
        kept = rng.random(len(self.ids)) >= rate
        before = np.concatenate([[0], np.cumsum(kept)])
        return Bags(self.ids[kept], before[self.starts])

    def matrix(self, width: int) -> sparse.csr_matrix:
        """Return the counts of ids by row, shape (rows, width)."""
        data = np.ones(len(self.ids), dtype=np.float32)
        # A copy, since summing duplicates sorts the arrays in place.
        shape = (len(self), width)
        table = sparse.csr_matrix((data, self.ids, self.starts), shape=shape, copy=True)
        table.sum_duplicates()
        return table


def bags_of(rows: Sequence[Ids], longest: int | None = None) -> Bags:
    """Return `rows` as bags, each cut after `longest` ids."""
    cut = [row[:longest] for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in cut])]).astype(np.int64)
    return Bags(np.concatenate(cut) if cut else np.empty(0, dtype=np.int32), starts)


def expand(bags: Bags, parts: Bags) -> Bags:
    """Return `bags` with each word id replaced by its units, `parts[id]`."""
    words = bags.ids.astype(np.int64)
    units = parts.take(words)
    return Bags(units.ids, units.starts[bags.starts])


def unit_parts(inside: Sequence[Sequence[int]]) -> Bags:
    """Return each word's units: the word itself and the words inside it."""
    rows = [np.array([word, *others], dtype=np.int32) for word, others in enumerate(inside)]
    # The unknown piece has no units: it adds nothing to a text.
    rows[0] = np.empty(0, dtype=np.int32)
    return bags_of(rows)
