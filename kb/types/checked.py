"""What is found by looking at a knowledge base itself."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing `verify` found wrong."""

    code: str
    message: str
    repairable: bool


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What `verify` counted and what it found wrong."""

    ok: bool
    checked: dict[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Measures by name, and one row per question or query."""

    metrics: dict[str, float]
    rows: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The encoder in use, and whether the index was made with it."""

    name: str
    dimension: int
    fingerprint: str
    index_matches: bool
    index_passages: int
