"""Listwise fitting of the linear model, in torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

Floats = npt.NDArray[np.float32]
EPOCHS = 12
BATCH = 128
RATE = 5e-3


@dataclass(frozen=True, slots=True)
class Lists:
    """Candidates of questions: features (questions, candidates, features), padded.

    `answer` is the place of the right candidate, -1 where it is not among them; `real` tells
    candidates from padding; `group` keeps questions on one passage together.
    """

    features: Floats
    real: npt.NDArray[np.bool_]
    answer: npt.NDArray[np.int64]
    group: npt.NDArray[np.int64]

    def take(self, chosen: npt.NDArray[np.bool_]) -> Lists:
        """Return the chosen questions."""
        return Lists(
            self.features[chosen], self.real[chosen], self.answer[chosen], self.group[chosen]
        )


def joined(parts: list[Lists]) -> Lists:
    """Return the questions of all parts."""
    return Lists(
        np.concatenate([part.features for part in parts]),
        np.concatenate([part.real for part in parts]),
        np.concatenate([part.answer for part in parts]),
        np.concatenate([part.group for part in parts]),
    )


def fit(lists: Lists, seed: int) -> Floats:
    """Return a weight >= 0 for each feature, by softmax cross-entropy over the candidates."""
    torch.manual_seed(seed)
    known = lists.take(lists.answer >= 0)
    spread = known.features[known.real].std(axis=0)
    # What never varies, as a title where there are none, teaches nothing.
    varies = spread > 1e-3
    spread = np.where(varies, spread, 1.0)
    features = torch.from_numpy(known.features / spread)
    real, answer = torch.from_numpy(known.real), torch.from_numpy(known.answer)
    weights = torch.full((features.shape[2],), 0.1, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=RATE)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(features)).split(BATCH):
            scores = (features[rows] @ weights).masked_fill(~real[rows], -1e9)
            loss = torch.nn.functional.cross_entropy(scores, answer[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            with torch.no_grad():
                weights.clamp_(min=0)
    fitted: Floats = np.where(varies, weights.detach().numpy() / spread, 0.0)
    return fitted


def gains(lists: Lists, weights: Floats) -> npt.NDArray[np.float64]:
    """Return nDCG@10 of every question when its candidates are ranked by `weights`."""
    merit = np.where(lists.real, lists.features @ weights, -np.inf)
    own = np.take_along_axis(merit, np.maximum(lists.answer, 0)[:, None], axis=1)
    rank = (merit > own).sum(axis=1)
    found = (lists.answer >= 0) & (rank < 10)
    return np.where(found, 1 / np.log2(rank + 2.0), 0.0)
