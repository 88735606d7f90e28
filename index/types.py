"""The seams of the search index: what can be swapped, and the records that cross.

An index knows integer keys, text and vectors; what a key stands for is its caller's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from index.synonyms import Synonyms

if TYPE_CHECKING:
    from index.manifest import Manifest
    from index.rerank import Reranker

Vectors: TypeAlias = npt.NDArray[np.float32]
Keys: TypeAlias = npt.NDArray[np.int64]
Mode = Literal["hybrid", "lexical", "dense"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What filters ask of a passage, for an index that applies them itself."""

    document: str = ""
    type: str | None = None
    issued: date | None = None
    issuers: tuple[str, ...] = ()
    ministries: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Entry:
    """One passage to index: its key, its text, and the words that say where it stands."""

    key: int
    text: str
    title: str = ""
    headings: str = ""
    facts: Facts = NO_FACTS


@dataclass(frozen=True, slots=True)
class Scope:
    """Facts that passages must have; what is None or empty asks for nothing.

    Of `issuers`, `ministries` and `collections`, a passage has at least one. Days are inclusive;
    a passage that does not say when it was issued is outside `since` and `until`.
    """

    document: str | None = None
    type: str | None = None
    since: date | None = None
    until: date | None = None
    issuers: tuple[str, ...] = ()
    ministries: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()


# What a search may return: these keys only, or what has some facts, or everything.
Allowed: TypeAlias = "Keys | Scope | None"


@dataclass(frozen=True, slots=True)
class Scored:
    """One ranked key: the fused score and its two parts (0 where a side did not find it).

    `citing` is how many passages cite the document of this one, as far as is known.
    """

    key: int
    score: float
    lexical: float = 0.0
    dense: float = 0.0
    citing: int = 0


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


@runtime_checkable
class BatchEncoder(Encoder, Protocol):
    """An encoder that works at several batches at a time, on other machines."""

    @property
    def at_once(self) -> int:
        """How many passages it wants at a time, so that none of them waits."""
        ...

    def encode_batches(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors]]:
        """Yield the vectors of texts that stand together, with the first one's number.

        Of every passage once, in any order; shapes and lengths as of `encode_passages`.
        """
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


class PassageWords(Protocol):
    """What an index can say of the words it holds."""

    synonyms: Synonyms

    def idf(self, field: str, text: str) -> float:
        """Return the inverse document frequency of a term of "words" or "bigrams"; 0 unknown."""
        ...

    def words(self, prefix: str, n: int) -> list[str]:
        """Return at most `n` indexed words that start so, those in most passages first."""
        ...

    def holding(self, text: str, k: int, allowed: Allowed = None) -> Keys:
        """Return at most `k` keys of passages that may have every bigram of a text, best first.

        The caller looks at what it wants as one run.
        """
        ...


class PassageIndex(Protocol):
    """An index that is open: what it was at one moment, while newer states are published.

    One on this machine (`index.SearchIndex`) or an engine elsewhere (`index.milvus`).
    """

    manifest: Manifest
    reranker: Reranker | None
    #: Whether `search` takes a Scope; else filters are given as keys.
    takes_scopes: bool

    @property
    def lexical(self) -> PassageWords:
        """The words it holds."""
        ...

    def __len__(self) -> int: ...

    def __hash__(self) -> int: ...

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        ...

    def use_synonyms(self, synonyms: Synonyms) -> None:
        """Look for other names of things by these instead of the shipped ones."""
        ...

    def is_stale(self) -> bool:
        """Tell whether a newer state has been published since this one was opened."""
        ...

    def search(
        self, query: str, k: int, mode: Mode = "hybrid", allowed: Allowed = None
    ) -> list[Scored]:
        """Return at most `k` keys, best first; only what is `allowed`.

        A query without words, of any length or content, finds nothing.
        """
        ...


class EntrySource(Protocol):
    """Yields every entry that should be indexed; how a rebuild reads the store."""

    def __call__(self) -> Iterable[Entry]: ...
