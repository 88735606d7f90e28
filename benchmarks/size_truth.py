"""What exact search would find, for `size.py` to compare with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index import Entry
from index.simplify import simplified
from index.types import Keys, Vectors
from index.windows import windows

CHUNK = 65_536


class Truth:
    """Every window's vector and key, kept beside the index: what exact search would find."""

    def __init__(self, folder: Path, dimension: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._dimension = dimension

    @contextmanager
    def recording(self, encoder: Any, source: Iterator[Entry]) -> Iterator[Iterator[Entry]]:
        """Give the entries, and write down what the encoder makes of them."""
        encode = encoder.encode_passages
        keys: list[int] = []

        def told() -> Iterator[Entry]:
            for entry in source:
                keys.extend([entry.key] * len(windows(simplified(entry.text))))
                yield entry

        with (self._folder / "vectors.f2").open("wb") as file:

            def recorded(texts: Sequence[str]) -> Vectors:
                vectors: Vectors = encode(texts)
                file.write(vectors.astype("<f2").tobytes())
                return vectors

            encoder.encode_passages = recorded
            yield told()
        del encoder.encode_passages
        np.save(self._folder / "keys.npy", np.array(keys, np.int64))

    def nearest(
        self, queries: Vectors, k: int, allowed: Keys | None = None
    ) -> list[dict[int, float]]:
        """Return the `k` nearest keys of each query with their cosines, by looking at all."""
        keys = np.load(self._folder / "keys.npy")
        shape = (len(keys), self._dimension)
        vectors = np.memmap(self._folder / "vectors.f2", "<f2", "r", shape=shape)
        rows = None if allowed is None else np.flatnonzero(np.isin(keys, allowed))
        found: list[dict[int, float]] = [{} for _ in queries]
        for start in range(0, len(keys) if rows is None else len(rows), CHUNK):
            part = slice(start, start + CHUNK)
            chosen = np.asarray(vectors[part if rows is None else rows[part]], np.float32)
            own = keys[part if rows is None else rows[part]]
            for at, cosines in enumerate(queries @ chosen.T):
                found[at] = _best(found[at], own, cosines, k)
        return found


def _best(
    before: dict[int, float], keys: Keys, cosines: npt.NDArray[np.float32], k: int
) -> dict[int, float]:
    top = np.argsort(-cosines)[: 4 * k] if len(cosines) <= 8 * k else _top(cosines, 8 * k)
    best = dict(before)
    for key, cosine in zip(keys[top].tolist(), cosines[top].tolist(), strict=True):
        best[key] = max(cosine, best.get(key, -1.0))
    return dict(sorted(best.items(), key=lambda hit: -hit[1])[:k])


def _top(values: npt.NDArray[np.float32], count: int) -> npt.NDArray[np.intp]:
    top = np.argpartition(-values, count)[:count]
    return top[np.argsort(-values[top])]


def recall(found: Sequence[list[tuple[int, float]]], exact: Sequence[dict[int, float]]) -> float:
    """Return the share of the exact that was found; what scores alike is as good."""
    hits = total = 0
    for ours, theirs in zip(found, exact, strict=True):
        positive = {key: cosine for key, cosine in theirs.items() if cosine > 0}
        least = min(positive.values(), default=0.0) - 1e-4
        total += len(positive)
        hits += min(sum(cosine >= least for _, cosine in ours), len(positive))
    return round(hits / max(total, 1), 4)
