"""Fit the weights of evidence and refusal on the packed questions, and print the refusal curve.

python scripts/calibrate_answers.py --data DIR

A knowledge base of 2,000 passages is made of the packed ones. Each question is asked twice: with
its passage there, and with it taken out, when it should be refused. The span reader was trained on
five sixths of the questions that ask for a span, so only the others are used; the search encoder
has seen all of them, so its cosine takes no part in the fit.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from reader.word_table import rows
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from index import Entry, SearchIndex, load_segmenter
from index.embed import load_encoder
from kb.answering import evidence as evidence_module
from kb.answering.evidence import Evidence, weigh
from kb.answering.question import analyse
from kb.answering.refuse import measures
from kb.answering.text import fold
from kb.records import PassageRecord

SEED = 1
PASSAGES = 2_000
FOLDS = 6
FETCHED = 20
#: Questions without a span in each register.
PLAIN = 400
DENSE = "dense"


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the row its answer is in, and the answer where it is one span."""

    question: str
    row: int
    answer: str | None


def main() -> None:
    """Ask, fit and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    data = parser.parse_args().data
    random.seed(SEED)
    packed, cases = draw(list(rows(data, "questions")))
    passages = [record(at, row) for at, row in enumerate(packed)]
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as place:
        entries = (Entry(one.key, one.text, one.title) for one in passages)
        index = SearchIndex.rebuild(Path(place), encoder, load_segmenter(), entries, 0)
        asked = [(case, list(_ranked(index, passages, case.question))) for case in cases]
        ranks = [next((at for at, (_, p) in enumerate(r) if p.key == c.row), 99) for c, r in asked]
        print("right passage first", np.mean(np.array(ranks) == 0), "read",
              np.mean(np.array(ranks) < evidence_module.READ))
        inside = [weigh(analyse(c.question), r, encoder) for c, r in asked]
        outside = [
            weigh(analyse(c.question), [(s, p) for s, p in r if p.key != c.row], encoder)
            for c, r in asked
        ]
    print_sentence_weights(cases, inside, passages)
    there = [rank < evidence_module.READ for rank in ranks]
    print_refusal_weights([e for e, held in zip(inside, there, strict=True) if held], outside)


def draw(packed: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[Case]]:
    """Return the rows of the knowledge base and the questions to ask."""
    spans = [row for row in packed if row.get("answer")][::FOLDS]
    chosen = {row["id"] for row in spans}
    others = [row for row in packed if row["id"] not in chosen]
    base = spans + random.sample(others, PASSAGES - len(spans))
    cases = [Case(row["fact"], at, row["answer"]) for at, row in enumerate(spans)]
    for register in ("lay", "pro"):
        some = random.sample(range(len(spans), len(base)), PLAIN)
        cases += [Case(base[at][register], at, None) for at in some if base[at].get(register)]
    return base, cases


def record(key: int, row: dict[str, str]) -> PassageRecord:
    """Return a packed passage as the store would give it."""
    text = row["passage"]
    return PassageRecord(
        key, f"p{key}", f"d{key}", 0, 0, len(text), text, (), None, None, (1,), (), row["title"]
    )


def _ranked(
    index: SearchIndex, passages: Sequence[PassageRecord], question: str
) -> Iterator[tuple[float, PassageRecord]]:
    for hit in index.search(question, FETCHED):
        yield hit.score, passages[hit.key]


def print_sentence_weights(
    cases: Sequence[Case], found: Sequence[Evidence], passages: Sequence[PassageRecord]
) -> None:
    """Fit a softmax over each question's sentences, with and without the reader's score."""
    names = [name for name in evidence_module.Signals.__slots__]
    groups = []
    for case, evidence in zip(cases, found, strict=True):
        if case.answer is None or not evidence.sentences:
            continue
        signals = np.array([one.signals.values() for one in evidence.sentences])
        right = np.array(
            [
                evidence.passages[one.passage].key == case.row
                and fold(case.answer) in fold(one.text)
                for one in evidence.sentences
            ]
        )
        if right.any():
            groups.append((signals, right))
    for label, fixed in (("span", [DENSE]), ("plain", [DENSE, "span_score", "fits_kind"])):
        free = np.array([name not in fixed for name in names])
        weights = _softmax_fit(groups, free)
        hits = [right[np.argmax(signals @ weights)] for signals, right in groups]
        print(label, {n: round(float(w), 2) for n, w in zip(names, weights, strict=True)},
              "right sentence first", round(float(np.mean(hits)), 3), len(groups))


def _softmax_fit(groups: Sequence[tuple[np.ndarray, np.ndarray]], free: np.ndarray) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        total = 0.0
        for signals, right in groups:
            scores = signals @ (weights * free)
            top = scores.max()
            total -= np.log(np.exp(scores[right] - top).sum() / np.exp(scores - top).sum())
        return total / len(groups) + 0.002 * float(weights @ weights)

    found = minimize(loss, np.ones(len(free)), method="L-BFGS-B")
    return np.asarray(found.x) * free


def print_refusal_weights(inside: Sequence[Evidence], outside: Sequence[Evidence]) -> None:
    """Fit the logistic model of answerable against not, and print its curve by kind of question."""
    found = [*inside, *outside]
    labels = np.array([1] * len(inside) + [0] * len(outside))
    names = [name for name in measures(found[0]) if name not in ("constant", DENSE)]
    table = np.array([[measures(one)[name] for name in names] for one in found])
    model = LogisticRegression(C=10.0)
    chances = cross_val_predict(model, table, labels, cv=5, method="predict_proba")[:, 1]
    model.fit(table, labels)
    weights = dict(zip(names, model.coef_[0].round(2).tolist(), strict=True))
    print(json.dumps({"constant": round(float(model.intercept_[0]), 2), **weights}))
    span = np.array([one.question.wants_span for one in found])
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        row = [f"{threshold:.1f}"]
        for kind in (span, ~span):
            row.append(f"wrongly refused {np.mean(chances[kind & (labels == 1)] < threshold):.3f}")
            row.append(f"refused {np.mean(chances[kind & (labels == 0)] < threshold):.3f}")
        print("  ".join(row))


if __name__ == "__main__":
    main()
