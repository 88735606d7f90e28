"""How likely passages are to hold an answer: a small network over a few measures of the evidence.

It has one layer of hidden units, and what speaks for an answer never speaks against it, whatever
else is the case: weights of such measures are positive in both layers (as in Sill, 1998, Monotonic
Networks). The weights are made by `scripts/calibrate_refusal.py`, which has the figures.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.answering.words import MODEL

FILE = MODEL / "confidence.json"


@dataclass(frozen=True, slots=True)
class Confidence:
    """The network: measures are centred and scaled; `hidden` has a row of weights for each unit."""

    names: Sequence[str]
    mean: Sequence[float]
    scale: Sequence[float]
    hidden: Sequence[Sequence[float]]
    bias: Sequence[float]
    out: Sequence[float]
    direct: Sequence[float]
    constant: float

    def __call__(self, measures: Mapping[str, float]) -> float:
        """Return the log odds that what was measured holds the answer."""
        values = [
            (measures[name] - mean) / scale
            for name, mean, scale in zip(self.names, self.mean, self.scale, strict=True)
        ]
        units = [
            math.tanh(bias + _product(row, values))
            for row, bias in zip(self.hidden, self.bias, strict=True)
        ]
        return self.constant + _product(self.direct, values) + _product(self.out, units)


def _product(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))


@cache
def default_confidence(path: Path = FILE) -> Confidence:
    """Return the network that comes with the package, read once."""
    return Confidence(**json.loads(path.read_text("utf-8")))
