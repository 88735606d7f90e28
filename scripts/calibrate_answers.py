"""Fit the weights of evidence and refusal on the packed questions, and print the refusal curve.

python scripts/train_encoder.py --data DIR --out ENCODER --held-out
python scripts/calibrate_answers.py --data DIR --encoder ENCODER

Knowledge bases of 2,000 and of 200 passages are made of the packed ones, and asked questions that
are new to the models whose scores are weighed: the encoder must be one trained without every tenth
row, and the span reader is trained without every sixth row that has a span. Each question is asked
twice: with its passage there, and with it taken out, when it should be refused. Questions on
medicine and of an encyclopaedia stand for other subjects.
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

from index import Encoder, Entry, SearchIndex, load_segmenter
from index.embed import load_encoder
from kb.answering.evidence import READ, Evidence, Signals, weigh
from kb.answering.question import analyse
from kb.answering.refuse import measures
from kb.answering.text import fold
from kb.records import PassageRecord

SEED = 1
PASSAGES = 2_000
# Passages in each knowledge base that is asked: in a small one chance matches stand out.
SIZES = (PASSAGES, 200)
ENCODER_FOLDS = 10
READER_FOLDS = 6
FETCHED = 20
#: Questions of each register, and of each other subject.
ASKED = 400
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7)
# What may only speak against an answer; all else may only speak for one.
AGAINST = frozenset({"wants_span", "heading", "elsewhere", "front"})
FREE = frozenset({"constant", "length"})


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the place of its passage, its span if it asks for one, and whom it is new to."""

    question: str
    place: int
    answer: str | None
    new_to_encoder: bool


def main() -> None:
    """Ask, fit and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    parser.add_argument("--encoder", required=True, help="trained with --held-out")
    arguments = parser.parse_args()
    random.seed(SEED)
    packed, cases = draw(list(rows(arguments.data, "questions")))
    passages = [record(at, row) for at, row in enumerate(packed)]
    foreign = strangers(arguments.data)
    encoder = load_encoder(arguments.encoder)
    asked: list[Asked] = []
    for size in SIZES:
        kept = random.sample(passages, size)
        with tempfile.TemporaryDirectory() as place:
            asked.append(ask_all(Base(Path(place), kept, passages, encoder), cases, foreign))
    print_sentence_weights(cases, asked[0].every)
    print_passage_weights(cases, [one.every for one in asked])
    inside, outside, strange = (
        [evidence for one in asked for evidence in getattr(one, kind)]
        for kind in ("inside", "outside", "strange")
    )
    print_refusal_weights(inside, outside, strange, ())
    print_refusal_weights(inside, outside, strange, ("dense", "gap_dense"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was found for the questions that are answerable, for those that are not, and for all."""

    every: list[Evidence]
    inside: list[Evidence]
    outside: list[Evidence]
    strange: list[Evidence]


class Base:
    """A knowledge base of some of the passages, searched and weighed without a store."""

    def __init__(
        self,
        place: Path,
        kept: Sequence[PassageRecord],
        passages: Sequence[PassageRecord],
        encoder: Encoder,
    ) -> None:
        entries = (Entry(one.key, one.text, one.title) for one in kept)
        self.keys = {one.key for one in kept}
        self._index = SearchIndex.rebuild(place, encoder, load_segmenter(), entries, 0)
        self._passages = passages
        self._encoder = encoder

    def weigh(self, question: str, without: int | None = None) -> Evidence:
        """Weigh the evidence for a question, one passage taken out."""
        found = [
            (hit.score, self._passages[hit.key])
            for hit in self._index.search(question, FETCHED)
            if hit.key != without
        ]
        return weigh(analyse(question), found, self._encoder)


def ask_all(base: Base, cases: Sequence[Case], foreign: Sequence[str]) -> Asked:
    """Ask every question, with its passage there and without."""
    every = [base.weigh(case.question) for case in cases]
    new = [(case, one) for case, one in zip(cases, every, strict=True) if case.new_to_encoder]
    held = [(case, one) for case, one in new if case.place in base.keys]
    inside = [one for case, one in held if case.place in {p.key for p in one.passages}]
    print(
        f"{len(base.keys)} passages: right one among the {READ} read {len(inside) / len(held):.3f}"
    )
    outside = [base.weigh(case.question, case.place) for case, _ in new]
    return Asked(every, inside, outside, [base.weigh(text) for text in foreign])


def draw(packed: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[Case]]:
    """Return the rows of the knowledge base and the questions to ask."""
    with_span = [at for at, row in enumerate(packed) if row.get("answer")]
    for_reader = with_span[::READER_FOLDS]
    for_encoder = list(range(0, len(packed), ENCODER_FOLDS))
    base = list(dict.fromkeys((*for_reader, *for_encoder)))
    others = sorted(set(range(len(packed))) - set(base))
    base += random.sample(others, PASSAGES - len(base))
    place = {at: number for number, at in enumerate(base)}
    cases = [
        Case(packed[at]["fact"], place[at], packed[at]["answer"], at % ENCODER_FOLDS == 0)
        for at in for_reader
    ]
    for register in ("lay", "pro", "short"):
        has = [at for at in for_encoder if packed[at].get(register)]
        for at in random.sample(has, min(ASKED, len(has))):
            cases.append(Case(packed[at][register], place[at], None, True))
    return [packed[at] for at in base], cases


def strangers(data: Path) -> list[str]:
    """Return questions on other subjects: medicine, and whatever people ask an encyclopaedia."""
    medical = [row["q"] for row in rows(data, "huatuo_med_gen")]
    general = [row["q"] for row in rows(data, "reading_comprehension")]
    return random.sample(medical, ASKED) + random.sample(general, ASKED)


def record(key: int, row: dict[str, str]) -> PassageRecord:
    """Return a packed passage as the store would give it."""
    text = row["passage"]
    return PassageRecord(
        key, f"p{key}", f"d{key}", 0, 0, len(text), text, (), None, None, (1,), (), row["title"]
    )


def print_sentence_weights(cases: Sequence[Case], found: Sequence[Evidence]) -> None:
    """Fit a softmax over each question's sentences: without the reader's score, then with it.

    Few questions with spans are new to the encoder, so the weight of its cosine is fitted without
    the reader on all tenth rows' spans, and halved where the reader's score stands beside it.
    """
    names = list(Signals.__slots__)
    dense = names.index("dense")
    groups = {new: list(_groups(cases, found, new)) for new in (True, False)}
    plain_free = [name not in ("span_score", "fits_kind") for name in names]
    plain = _softmax_fit(groups[True], np.array(plain_free), np.zeros(len(names)))
    _print_weights("plain", names, plain, groups[True])
    both = [*groups[True], *groups[False]]
    fixed = np.zeros(len(names))
    fixed[dense] = plain[dense] / 2
    span = _softmax_fit(both, np.array([name != "dense" for name in names]), fixed)
    _print_weights("span", names, span, both)


def _groups(
    cases: Sequence[Case], found: Sequence[Evidence], new: bool
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each question's sentences as (signals, whether it holds the answer)."""
    for case, evidence in zip(cases, found, strict=True):
        if case.answer is None or case.new_to_encoder is not new or not evidence.sentences:
            continue
        signals = np.array([one.signals.values() for one in evidence.sentences])
        right = np.array(
            [
                evidence.passages[one.passage].key == case.place
                and fold(case.answer) in fold(one.text)
                for one in evidence.sentences
            ]
        )
        if right.any():
            yield signals, right


def print_passage_weights(cases: Sequence[Case], found: Sequence[Sequence[Evidence]]) -> None:
    """Fit a softmax over the passages found for each question that no span answers.

    The packed passages have no headings, and what they say of provinces does not decide.
    """
    names = list(Signals.__slots__)
    groups = [
        (np.array([one.values() for one in evidence.whole]), right)
        for every in found
        for case, evidence in zip(cases, every, strict=True)
        if case.new_to_encoder and evidence.whole
        for right in [np.array([one.key == case.place for one in evidence.passages])]
        if right.any()
    ]
    set_by_hand = ("span_score", "heading", "elsewhere", "under", "front")
    free = np.array([name not in set_by_hand for name in names])
    weights = _softmax_fit(groups, free, np.zeros(len(names)))
    _print_weights("passage", names, weights, groups)


def _print_weights(
    label: str,
    names: Sequence[str],
    weights: np.ndarray,
    groups: Sequence[tuple[np.ndarray, np.ndarray]],
) -> None:
    first = np.mean([right[np.argmax(signals @ weights)] for signals, right in groups])
    rounded = dict(zip(names, np.round(weights, 2).tolist(), strict=True))
    print(f"{label} {rounded} right one first {first:.3f} of {len(groups)}")


def _softmax_fit(
    groups: Sequence[tuple[np.ndarray, np.ndarray]], free: np.ndarray, fixed: np.ndarray
) -> np.ndarray:
    def loss(weights: np.ndarray) -> float:
        total = 0.0
        for signals, right in groups:
            scores = signals @ np.where(free, weights, fixed)
            top = scores.max()
            total -= np.log(np.exp(scores[right] - top).sum() / np.exp(scores - top).sum())
        return total / len(groups) + 0.002 * float(weights @ weights)

    bounds = [_bounds(name) for name in Signals.__slots__]
    found = minimize(loss, np.zeros(len(free)), method="L-BFGS-B", bounds=bounds)
    return np.where(free, found.x, fixed)


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in FREE:
        return None, None
    return (None, 0.0) if name in AGAINST else (0.0, None)


def print_refusal_weights(
    inside: Sequence[Evidence],
    outside: Sequence[Evidence],
    strange: Sequence[Evidence],
    without: Sequence[str],
) -> None:
    """Fit the logistic model of answerable against not, and print its curve out of fold."""
    found = [*inside, *outside, *strange]
    kinds = np.array([0] * len(inside) + [1] * len(outside) + [2] * len(strange))
    names = [name for name in measures(found[0]) if name not in without]
    table = np.array([[measures(one)[name] for name in names] for one in found])
    labels = (kinds == 0).astype(float)
    fold_of = np.random.default_rng(SEED).integers(0, 5, len(found))
    chances = np.zeros(len(found))
    for fold_number in range(5):
        kept = fold_of != fold_number
        weights = _logistic_fit(names, table[kept], labels[kept])
        chances[~kept] = 1 / (1 + np.exp(-table[~kept] @ weights))
    final = np.round(_logistic_fit(names, table, labels), 2)
    print(json.dumps(dict(zip(names, final.tolist(), strict=True))))
    print("enough  wrongly refused  refused: passage taken out  another subject")
    for threshold in THRESHOLDS:
        parts = [float(np.mean(chances[kinds == kind] < threshold)) for kind in range(3)]
        print(f"{threshold:.2f} {parts[0]:.3f} {parts[1]:.3f} {parts[2]:.3f}")


def _logistic_fit(names: Sequence[str], table: np.ndarray, labels: np.ndarray) -> np.ndarray:
    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = table @ weights
        chances = 1 / (1 + np.exp(-scores))
        value = float(np.mean(np.logaddexp(0, scores) - labels * scores)) + 1e-4 * float(
            weights @ weights
        )
        slope = table.T @ (chances - labels) / len(labels) + 2e-4 * weights
        return value, slope

    start = np.zeros(len(names))
    bounds = [_bounds(name) for name in names]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


if __name__ == "__main__":
    main()
