"""The reader in torch: the same computation as `kb.answering.reader`, with gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from kb.answering.features import FEATURES, Asked, Observed
from kb.answering.reader import CONVOLUTIONS
from kb.answering.words import DIMENSION

ALIGNED = 32
HIDDEN = 64


@dataclass(frozen=True, slots=True)
class Example:
    """A question over some sources, and where its answer stands: (first, last) words."""

    question: str
    answer: str
    asked: Asked
    seen: Observed
    texts: tuple[str, ...]
    answers: tuple[tuple[int, int], ...]


class Network(nn.Module):
    """Scores each word as first and last word of the answer."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.words = nn.Linear(DIMENSION, ALIGNED)
        self.align = nn.Linear(DIMENSION, ALIGNED, bias=False)
        self.question = nn.Linear(DIMENSION, ALIGNED)
        self.asking = nn.Conv1d(DIMENSION, ALIGNED, 5, padding=2)
        self.inputs = nn.Linear(4 * ALIGNED + FEATURES, HIDDEN)
        self.gate = nn.Linear(ALIGNED, HIDDEN)
        self.layers = nn.ModuleList(
            nn.Conv1d(HIDDEN, HIDDEN, width, padding=step * (width // 2), dilation=step)
            for width, step in CONVOLUTIONS
        )
        self.out = nn.Linear(HIDDEN, 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return log probabilities (batch, words) of first and last."""
        seen, asked = batch["seen"], batch["asked"]
        words = torch.relu(self.words(seen))
        alike = self.align(seen) @ self.align(asked).transpose(1, 2) / 4
        alike = alike.masked_fill(~batch["asked_mask"][:, None], -1e9).softmax(-1)
        aligned = alike @ torch.relu(self.question(asked))
        around = torch.relu(self.asking(asked.transpose(1, 2))).transpose(1, 2)
        around = around[torch.arange(len(around)), batch["asking"]]
        repeated = around[:, None].expand(-1, words.shape[1], -1)
        stacked = torch.cat((words, aligned, words * aligned, repeated, batch["features"]), -1)
        hidden = torch.relu(self.inputs(self.dropout(stacked)))
        hidden = hidden * (1 + torch.tanh(self.gate(around)))[:, None]
        mask = batch["seen_mask"][..., None]
        for layer in self.layers:
            near = layer((self.dropout(hidden) * mask).transpose(1, 2)).transpose(1, 2)
            hidden = hidden + torch.relu(near)
        scores = self.out(self.dropout(hidden)).masked_fill(~mask, -1e9).log_softmax(1)
        return scores[..., 0], scores[..., 1]


def batch_of(examples: list[Example]) -> dict[str, torch.Tensor]:
    """Pad examples to one size."""
    size, longest = len(examples), max(len(example.seen.words) for example in examples)
    asked = max(len(example.asked.words) for example in examples)
    arrays = {
        "seen": np.zeros((size, longest, DIMENSION), np.float32),
        "features": np.zeros((size, longest, FEATURES), np.float32),
        "seen_mask": np.zeros((size, longest), bool),
        "asked": np.zeros((size, asked, DIMENSION), np.float32),
        "asked_mask": np.zeros((size, asked), bool),
        "asking": np.zeros(size, np.int64),
    }
    for row, example in enumerate(examples):
        words, terms = len(example.seen.words), len(example.asked.words)
        arrays["seen"][row, :words] = example.seen.vectors
        arrays["features"][row, :words] = example.seen.features
        arrays["seen_mask"][row, :words] = True
        arrays["asked"][row, :terms] = example.asked.vectors
        arrays["asked_mask"][row, :terms] = True
        arrays["asking"][row] = example.asked.asking
    return {name: torch.from_numpy(array) for name, array in arrays.items()}
