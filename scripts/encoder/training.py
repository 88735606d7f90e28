"""Contrastive training of the unit vectors, in torch on the CPU."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from .bags import Bags

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Task:
    """What one stage learns from: query i is answered by passage `answer[i]`.

    `negatives` (shape queries x n, -1 for none) are passages to be told apart from the answer;
    passages with one `group` number are never each other's negatives.
    """

    queries: Bags
    passages: Bags
    answer: Rows
    group: Rows
    negatives: Rows | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """How one stage learns; the defaults of the stages are in `train_encoder.py`."""

    name: str
    epochs: int
    batch: int
    rate: float
    scale: float = 25.0
    dropout: float = 0.0
    hard: int = 1
    both_ways: bool = False


def embed(table: torch.nn.EmbeddingBag, bags: Bags) -> torch.Tensor:
    """Return unit rows, one per bag."""
    ids = torch.from_numpy(bags.ids.astype(np.int64))
    return functional.normalize(table(ids, torch.from_numpy(bags.starts[:-1].copy())))


def batches(task: Task, schedule: Schedule, rng: np.random.Generator) -> Iterator[Rows]:
    """Yield the query rows of every batch of every epoch."""
    for _ in range(schedule.epochs):
        order = rng.permutation(len(task.queries))
        for first in range(0, len(order) - schedule.batch + 1, schedule.batch):
            yield order[first : first + schedule.batch]


def candidates(task: Task, rows: Rows, hard: int, rng: np.random.Generator) -> Rows:
    """Return the batch's passages: each query's answer, then `hard` drawn negatives of each."""
    answers = task.answer[rows]
    if task.negatives is None or hard == 0:
        return answers
    columns = rng.integers(0, task.negatives.shape[1], size=(len(rows), hard))
    drawn = np.take_along_axis(task.negatives[rows], columns, axis=1).ravel()
    return np.concatenate([answers, drawn[drawn >= 0]])


def batch_loss(
    table: torch.nn.EmbeddingBag,
    task: Task,
    rows: Rows,
    schedule: Schedule,
    rng: np.random.Generator,
) -> torch.Tensor:
    """Return the InfoNCE loss of one batch, texts of the answer's group masked."""
    chosen = candidates(task, rows, schedule.hard, rng)
    queries = task.queries.take(rows).drop(schedule.dropout, rng)
    passages = task.passages.take(chosen).drop(schedule.dropout, rng)
    logits = schedule.scale * embed(table, queries) @ embed(table, passages).T
    same = task.group[task.answer[rows]][:, None] == task.group[chosen][None, :]
    same[np.arange(len(rows)), np.arange(len(rows))] = False
    logits = logits.masked_fill(torch.from_numpy(same), -torch.inf)
    target = torch.arange(len(rows))
    loss = functional.cross_entropy(logits, target)
    if schedule.both_ways:
        loss = (loss + functional.cross_entropy(logits[:, : len(rows)].T, target)) / 2
    return loss


def train(
    vectors: npt.NDArray[np.float32], task: Task, schedule: Schedule, seed: int
) -> npt.NDArray[np.float32]:
    """Return `vectors` after one stage of training; progress and ETA go to stdout."""
    rng = np.random.default_rng(seed)
    table = torch.nn.EmbeddingBag.from_pretrained(
        torch.from_numpy(vectors.copy()), freeze=False, mode="sum"
    )
    optimiser = torch.optim.Adam(table.parameters(), lr=schedule.rate)
    steps = schedule.epochs * (len(task.queries) // schedule.batch)
    decay = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1.0, (step + 1) / (0.05 * steps)) * (1 - step / steps)
    )
    started, losses = time.monotonic(), []
    for step, rows in enumerate(batches(task, schedule, rng), start=1):
        loss = batch_loss(table, task, rows, schedule, rng)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay.step()
        losses.append(loss.item())
        if step % 50 == 0 or step == steps:
            left = (time.monotonic() - started) / step * (steps - step)
            recent = float(np.mean(losses[-50:]))
            print(f"{schedule.name}: step {step}/{steps} loss {recent:.3f} ETA {left:.0f} s")
    trained: npt.NDArray[np.float32] = table.weight.detach().numpy()
    return trained
