"""Cross-encoders: question and passage read together by a transformer, far better and slower."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from index.embed.transformer import remedy
from index.errors import ModelUnavailable

# Candidates read: a base-size model takes two to five seconds for so many on two cores.
READ = 30
BATCH = 16
# Characters of a passage; models read 512 tokens of question and passage.
LONGEST = 800

Scores = npt.NDArray[np.float32]


class PairReader(Protocol):
    """Says how well a passage answers a question."""

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """Return a score for each text, the higher the better."""
        ...


class CrossEncoderReader:
    """A sentence-transformers cross-encoder."""

    def __init__(self, model: Any, name: str) -> None:
        """Hold a loaded `CrossEncoder`."""
        self._model, self.name = model, name

    @classmethod
    def load(cls, name: str, *, download: bool = False) -> CrossEncoderReader:
        """Load a model by folder or hub name; nothing is fetched unless `download`.

        Code that comes with a model is never run. Raises ModelUnavailable.
        """
        from safetensors import SafetensorError

        folder = Path(name).expanduser()
        try:
            from sentence_transformers import CrossEncoder

            model = CrossEncoder(
                str(folder) if folder.is_dir() else name, local_files_only=not download
            )
        except (
            OSError,
            ValueError,
            RuntimeError,
            ImportError,
            LookupError,
            AttributeError,
            TypeError,
            SafetensorError,
        ) as error:
            raise ModelUnavailable(remedy(name, error, download)) from error
        if model.num_labels != 1:
            raise ModelUnavailable(
                f"{name} gives {model.num_labels} scores for a pair: set `reranker` to a model "
                "that gives one"
            )
        return cls(model, name)

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """Return a score for each text, the higher the better."""
        pairs = [(query, text[:LONGEST]) for text in texts]
        found: Scores = np.asarray(
            self._model.predict(pairs, batch_size=BATCH, show_progress_bar=False), np.float32
        )
        return found


def order_of(reader: PairReader, query: str, texts: Sequence[str]) -> list[int]:
    """Return the places of the texts, best first; what is not read keeps its place behind."""
    read = min(READ, len(texts))
    if read < 2:
        return list(range(len(texts)))
    scores = reader.scores(query, texts[:read])
    best = np.argsort(-scores, kind="stable").tolist()
    return [*best, *range(read, len(texts))]
