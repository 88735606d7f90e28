"""Vectors kept while an index is being made, so that a slow model need not start over."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.types import BatchEncoder, Encoder, EncoderSpec, Vectors

# Texts encoded between two commits: what a stop can cost.
BATCH = 128
# Values in one SQL list.
CHUNK = 500


class KeptVectors:
    """Encodes passages, those encoded before a stop from a file."""

    def __init__(self, encoder: Encoder, root: Path) -> None:
        """Open the file of this encoder below `root`, made if it is not there."""
        self._encoder = encoder
        self._path = root / f".encoded-{_name(encoder.spec)}.sqlite3"
        root.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as base, base:
            base.execute("create table if not exists kept (text blob primary key, vector blob)")

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return what the encoder does, asking it only for texts it has not encoded yet."""
        codes = [hashlib.sha256(text.encode()).digest() for text in texts]
        vectors = np.zeros((len(texts), self._encoder.spec.dimension), np.float32)
        with closing(self._connect()) as base:
            kept = self._read(base, codes)
            missing = [row for row, code in enumerate(codes) if code not in kept]
            for row, code in enumerate(codes):
                if code in kept:
                    vectors[row] = np.frombuffer(kept[code], "<f2")
            for first, new in self._batches([texts[row] for row in missing]):
                rows = missing[first : first + len(new)]
                # Half precision, as the index keeps them.
                vectors[rows] = new
                found = [(codes[row], vectors[row].astype("<f2").tobytes()) for row in rows]
                with base:
                    base.executemany("insert or replace into kept values (?, ?)", found)
        return vectors

    def forget(self) -> None:
        """Remove the file: the index has the vectors."""
        self._path.unlink(missing_ok=True)

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[int, Vectors]]:
        if isinstance(self._encoder, BatchEncoder):
            yield from self._encoder.encode_batches(texts)
            return
        for first in range(0, len(texts), BATCH):
            yield first, self._encoder.encode_passages(texts[first : first + BATCH])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path)

    def _read(self, base: sqlite3.Connection, codes: Sequence[bytes]) -> dict[bytes, bytes]:
        size = 2 * self._encoder.spec.dimension
        found: dict[bytes, bytes] = {}
        for first in range(0, len(codes), CHUNK):
            part = codes[first : first + CHUNK]
            marks = ",".join("?" * len(part))
            query = f"select text, vector from kept where text in ({marks})"  # noqa: S608
            found.update(base.execute(query, part).fetchall())
        return {code: vector for code, vector in found.items() if len(vector) == size}


def _name(spec: EncoderSpec) -> str:
    made_by = repr((spec.model, spec.dimension, spec.fingerprint, spec.passage_prompt))
    return hashlib.sha256(made_by.encode()).hexdigest()[:16]
