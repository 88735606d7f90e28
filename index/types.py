"""The seams of the search index: what can be swapped, and the records that cross.

An index knows integer keys, text and vectors; what a key stands for is its caller's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
Keys: TypeAlias = npt.NDArray[np.int64]
Mode = Literal["hybrid", "lexical", "dense"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage to index: its key, its text, and the words that say where it stands."""

    key: int
    text: str
    title: str = ""
    headings: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """One ranked key: the fused score and its two parts (0 where a side did not find it)."""

    key: int
    score: float
    lexical: float = 0.0
    dense: float = 0.0


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """What has to agree between an index and the encoder that queries it."""

    model: str
    dimension: int
    fingerprint: str
    query_prompt: str = ""
    passage_prompt: str = ""


class Segmenter(Protocol):
    """Cuts text into the words that are indexed and searched."""

    @property
    def name(self) -> str:
        """Engine, version and dictionary fingerprint, as the manifest records them."""
        ...

    def words(self, text: str) -> list[str]:
        """Return search-mode words (a long word and its sub-words), lower-cased."""
        ...


class Encoder(Protocol):
    """Turns text into unit vectors."""

    @property
    def spec(self) -> EncoderSpec:
        """What the manifest records of this encoder."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension), rows of length 1 or 0."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return a float32 array of shape (len(texts), dimension), rows of length 1 or 0."""
        ...


class LexicalIndex(Protocol):
    """Ranks keys by the words they share with a query."""

    def __len__(self) -> int: ...

    def search(self, query: str, k: int, allowed: Keys | None = None) -> list[tuple[int, float]]:
        """Return at most `k` (key, score > 0), best first; only from `allowed` when given."""
        ...

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        ...


class VectorIndex(Protocol):
    """Ranks keys by the cosine of their vectors with a query's."""

    def __len__(self) -> int: ...

    def search(
        self, vector: Vectors, k: int, allowed: Keys | None = None
    ) -> list[tuple[int, float]]:
        """Return at most `k` (key, cosine), best first; only from `allowed` when given."""
        ...

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        ...


class EntrySource(Protocol):
    """Yields every entry that should be indexed; how a rebuild reads the store."""

    def __call__(self) -> Iterable[Entry]: ...
