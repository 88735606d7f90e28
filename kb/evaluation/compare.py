"""Whether one run is better than another, or only luckier: paired tests over queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from kb.errors import InvalidInput
from kb.evaluation.files import FIELD, open_text
from kb.types import Evaluation

SAMPLES = 10_000
_CHUNK = 500
_SEED = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of two runs over the same queries.

    `difference` is this run's mean less the other's, with its 95 % bootstrap interval; `p` is that
    of a randomisation test: how often signs drawn at random put the means as far apart (Smucker,
    Allan and Carterette 2007). `better` and `worse` count the queries.
    """

    measure: str
    queries: int
    mean: float
    other: float
    difference: float
    low: float
    high: float
    p: float
    better: int
    worse: int


def read_run(path: Path) -> tuple[dict[str, Any], ...]:
    """Return the rows of a run as `--json` printed it; InvalidInput where it is none."""
    with open_text(path) as file:
        try:
            rows = json.load(file)["rows"]
            return tuple(dict(row) for row in rows)
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInput(
                f"{path} is no run ({error!r}): `policykb eval retrieval DIR --json` prints one",
                field=FIELD,
            ) from error


def compare(run: Evaluation, other: Iterable[Mapping[str, Any]]) -> tuple[Compared, ...]:
    """Compare every measure that both runs have of the same queries.

    Raises InvalidInput where they share no query or no measure.
    """
    theirs = {str(row.get("id")): row for row in other}
    pairs = [(row, theirs[str(row.get("id"))]) for row in run.rows if str(row.get("id")) in theirs]
    measures = [name for name in (run.rows[0] if run.rows else ()) if "@" in name]
    found = []
    for name in measures:
        both = [(_number(one, name), _number(two, name)) for one, two in pairs]
        values = [pair for pair in both if None not in pair]
        if values:
            found.append(compared(name, np.array(values, np.float64)))
    if not found:
        raise InvalidInput(
            "the two runs have no query in common: compare runs of the same folder", field=FIELD
        )
    return tuple(found)


def compared(name: str, values: npt.NDArray[np.float64]) -> Compared:
    """Compare one measure; `values` has a row for each query: this run's value and the other's."""
    gains = values[:, 0] - values[:, 1]
    rng, count = np.random.default_rng(_SEED), len(gains)
    means, flipped = [], 0
    for start in range(0, SAMPLES, _CHUNK):
        size = min(_CHUNK, SAMPLES - start)
        means.append(gains[rng.integers(0, count, (size, count))].mean(axis=1))
        signs = rng.integers(0, 2, (size, count)) * 2 - 1
        # A sign is lost by rounding where gains are equal: what is as far counts as far.
        flipped += int((np.abs((signs * gains).mean(axis=1)) >= abs(gains.mean()) - 1e-12).sum())
    low, high = np.quantile(np.concatenate(means), (0.025, 0.975))
    return Compared(
        measure=name,
        queries=count,
        mean=float(values[:, 0].mean()),
        other=float(values[:, 1].mean()),
        difference=float(gains.mean()),
        low=float(low),
        high=float(high),
        p=(flipped + 1) / (SAMPLES + 1),
        better=int((gains > 0).sum()),
        worse=int((gains < 0).sum()),
    )


def _number(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) else None
