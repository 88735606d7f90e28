"""Fit the weights of evidence on the packed questions.

`calibrate_refusal.py` fits those of refusal.

python scripts/train_encoder.py --data DIR --out ENCODER --held-out
python scripts/calibrate_answers.py --data DIR --encoder ENCODER

Knowledge bases of 2,000 and of 200 passages are made of the packed ones, and asked questions that
are new to the models whose scores are weighed: the encoder must be one trained without every tenth
row, and the span reader is trained without every sixth row that has a span.
"""

from __future__ import annotations

import argparse
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
from kb.answering.evidence import Evidence, Signals, weigh
from kb.answering.question import analyse
from kb.answering.text import fold
from kb.records import PassageRecord

SEED = 1
PASSAGES = 2_000
# Passages in each knowledge base that is asked: in a small one chance matches stand out.
SIZES = (PASSAGES, 200)
ENCODER_FOLDS = 10
READER_FOLDS = 6
FETCHED = 20
#: Questions of each register.
ASKED = 400
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
    encoder = load_encoder(arguments.encoder)
    asked: list[list[Evidence]] = []
    for size in SIZES:
        kept = random.sample(passages, size)
        with tempfile.TemporaryDirectory() as place:
            base = Base(Path(place), kept, passages, encoder)
            asked.append([base.weigh(case.question) for case in cases])
    print_sentence_weights(cases, asked[0])
    print_passage_weights(cases, asked)


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
        """Weigh the evidence for a question, one passage taken out.

        As many are found without it: what stands out among fewer is not measured, which alone would
        tell that it is missing.
        """
        found_at_all = self._index.search(question, FETCHED + 1)
        hits = [one for one in found_at_all if one.key != without][:FETCHED]
        found = [(hit.score, self._passages[hit.key]) for hit in hits]
        cosines = [hit.dense for hit in hits]
        return weigh(analyse(question), found, self._encoder, cosines)


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


if __name__ == "__main__":
    main()
