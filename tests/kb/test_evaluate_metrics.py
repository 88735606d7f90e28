"""Measures against figures worked out by hand."""

from __future__ import annotations

import math

import pytest

from kb.evaluation.metrics import mean, ndcg, percentile, recall


def test_ndcg_discounts_by_the_logarithm_of_the_rank() -> None:
    grades = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], grades, 10) == pytest.approx(1.0)
    worse = (1 / math.log2(2) + 2 / math.log2(3)) / (2 / math.log2(2) + 1 / math.log2(3))
    assert ndcg(["b", "a"], grades, 10) == pytest.approx(worse)
    assert ndcg(["x", "a"], grades, 1) == 0


def test_ndcg_of_nothing_relevant_is_nothing() -> None:
    assert ndcg(["a"], {"a": 0}, 10) == 0


def test_recall_counts_only_what_is_relevant_and_near_enough() -> None:
    grades = {"a": 1, "b": 1, "c": 0}
    assert recall(["c", "a", "x", "b"], grades, 3) == 0.5
    assert recall(["a", "b"], grades, 5) == 1
    assert recall(["c"], {"c": 0}, 5) == 0


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([], 0.5) == 0
    assert mean([]) == 0
