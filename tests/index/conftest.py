"""A toy encoder whose vectors follow from the text, so that rankings can be asserted."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from index.segment import bigrams, load_segmenter
from index.types import EncoderSpec, Segmenter, Vectors


class HashEncoder:
    """Counts of hashed character bigrams, signed, scaled to length 1 (0 for no text)."""

    def __init__(self, dimension: int = 64, model: str = "hash") -> None:
        self.spec = EncoderSpec(model=model, dimension=dimension, fingerprint="bigrams")

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.spec.dimension), np.float32)
        for row, text in enumerate(texts):
            for term in bigrams(text):
                code = zlib.crc32(term.encode())
                vectors[row, (code >> 1) % self.spec.dimension] += 1 if code & 1 else -1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self.encode_queries(texts)


@pytest.fixture
def encoder() -> HashEncoder:
    return HashEncoder()


@pytest.fixture
def segmenter() -> Segmenter:
    return load_segmenter()
