"""Find the span that answers a question: a small network over words, run in numpy.

Each word is seen with its vector, the question words it aligns with (attention), the words around
the asking word, and `features`; three convolutions (widths 3, 5, 5 with steps 1, 1, 2) give it its
neighbours; two outputs score it as the first and the last word of the answer. After Chen et al.
2017 (the DrQA reader), with convolutions for its recurrent layers. The weights are made by
`scripts/train_reader.py`, which has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kb.answering.features import Asked, Observed, Source, look_at_question, observe
from kb.answering.words import MODEL, Array, WordTable, table

# (width, step between neighbours) of each convolution.
CONVOLUTIONS = ((3, 1), (5, 1), (5, 2))
# An answer's most words; 99 of 100 training answers are shorter.
LONGEST = 14


@dataclass(frozen=True, slots=True)
class Found:
    """The best span of one sentence: characters `[start, end)` of its source, and log odds.

    `score` is the log probability of the span among all spans read.
    """

    source: int
    sentence: tuple[int, int]
    start: int
    end: int
    score: float


class Reader:
    """Scores every word as an answer's first and last."""

    def __init__(self, weights: dict[str, Array], words: WordTable) -> None:
        self._weights = weights
        self._words = words

    @classmethod
    def load(cls, folder: Path = MODEL) -> Reader:
        """Read the weights that come with the package."""
        from safetensors.numpy import load_file

        tensors = load_file(folder / "reader.safetensors")
        return cls({name: array.astype(np.float32) for name, array in tensors.items()}, table())

    def read(self, question: str, sources: Sequence[Source]) -> list[Found]:
        """Return the best span of each sentence of the sources, best first."""
        asked = look_at_question(question, self._words)
        seen = observe(asked, sources, self._words)
        if not seen.words:
            return []
        return spans(seen, *self.score(asked, seen))

    def score(self, asked: Asked, seen: Observed) -> tuple[Array, Array]:
        """Return each word's log probability (n,) of being the answer's first, and its last."""
        hidden = self._inputs(asked, seen)
        for number, (width, step) in enumerate(CONVOLUTIONS):
            hidden = hidden + _positive(self._convolve(hidden, f"layers.{number}", width, step))
        scores = self._linear(hidden, "out")
        return _log_softmax(scores[:, 0]), _log_softmax(scores[:, 1])

    def _inputs(self, asked: Asked, seen: Observed) -> Array:
        words = _positive(self._linear(seen.vectors, "words"))
        alike: Array = (seen.vectors @ self._weights["align.weight"].T) @ (
            asked.vectors @ self._weights["align.weight"].T
        ).T
        aligned = _softmax(alike * np.float32(0.25)) @ _positive(
            self._linear(asked.vectors, "question")
        )
        around = _positive(self._convolve(asked.vectors, "asking", 5, 1))[asked.asking]
        repeated = np.broadcast_to(around, (len(words), len(around)))
        stacked = np.concatenate((words, aligned, words * aligned, repeated, seen.features), axis=1)
        gate = 1 + np.tanh(self._linear(around[None], "gate"))
        gated: Array = _positive(self._linear(stacked, "inputs")) * gate
        return gated

    def _linear(self, inputs: Array, name: str) -> Array:
        outputs: Array = inputs @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return outputs

    def _convolve(self, inputs: Array, name: str, width: int, step: int) -> Array:
        """Apply a convolution with zeros beyond the ends; weights are (out, in, width)."""
        reach = step * (width // 2)
        padded = np.pad(inputs, ((reach, reach), (0, 0)))
        weights = self._weights[f"{name}.weight"]
        outputs = np.tile(self._weights[f"{name}.bias"], (len(inputs), 1))
        for tap in range(width):
            outputs += padded[tap * step : tap * step + len(inputs)] @ weights[:, :, tap].T
        return outputs


@cache
def default_reader() -> Reader:
    """Return the reader that comes with the package, loaded once."""
    return Reader.load()


def spans(seen: Observed, first: Array, last: Array) -> list[Found]:
    """Return the best span of each sentence by the sum of its ends' scores, best first."""
    count = len(first)
    best = np.full(count, -np.inf, np.float32)
    until = np.arange(count)
    for more in range(min(LONGEST, count)):
        score = first[: count - more] + last[more:]
        score = np.where(seen.sentence[more:] == seen.sentence[: count - more], score, -np.inf)
        better = score > best[: count - more]
        best[: count - more][better] = score[better]
        until[: count - more][better] = np.flatnonzero(better) + more
    _, starts = np.unique(seen.sentence, return_index=True)
    found = [
        _found(seen, begin + int(np.argmax(best[begin:end])), best, until)
        for begin, end in zip(starts, [*starts[1:], count], strict=True)
    ]
    return sorted(found, key=lambda span: -span.score)


def _found(seen: Observed, at: int, best: Array, until: npt.NDArray[np.intp]) -> Found:
    return Found(
        source=int(seen.source[at]),
        sentence=seen.spans[int(seen.sentence[at])],
        start=seen.words[at].start,
        end=seen.words[int(until[at])].end,
        score=float(best[at]),
    )


def _positive(values: Array) -> Array:
    return np.maximum(values, 0.0)


def _softmax(values: Array) -> Array:
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    normal: Array = shifted / shifted.sum(axis=-1, keepdims=True)
    return normal


def _log_softmax(values: Array) -> Array:
    shifted = values - values.max()
    logs: Array = shifted - np.log(np.exp(shifted).sum())
    return logs
