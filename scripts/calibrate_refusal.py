"""Fit the network of refusal on the packed questions, and print how often it is right.

python scripts/train_encoder.py --data DIR --out ENCODER --held-out
python scripts/calibrate_refusal.py --data DIR --encoder ENCODER [--out FILE]

Knowledge bases of 200 to 6,000 passages and of a few whole documents are made of the packed ones
and asked questions of every tenth row, which the encoder must not have been trained on. Each is
asked with its passage there and with it taken out, when it should be refused; where it names a year
or a province, also with another; and with one of its nouns put in another's place. Questions on
medicine and of an encyclopaedia stand for other subjects.

Printed are the curve of the weights that ship, and that of a new fit by five folds of the rows,
each judged by what was fitted on the other four; --out writes a fit on all. --part 0.1 asks of a
tenth of the knowledge bases, to see that all goes well.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from calibrate_answers import ENCODER_FOLDS, SEED, Base, record
from reader.word_table import rows

from index import Encoder
from index.embed import load_encoder
from kb.answering.confidence import Confidence, default_confidence
from kb.answering.evidence import READ, Evidence
from kb.answering.named import places
from kb.answering.refuse import about_what_is_named, measures, of_the_sort_asked, together
from kb.answering.words import table, tagged

# Knowledge bases of whole documents, how many documents each has, and the passages of each.
DOCUMENT_BASES = 22
DOCUMENTS = (8, 15, 25)
LEAST_PASSAGES, MOST_PASSAGES = 4, 60
# Passages of the others, and how many rows each is asked about.
SIZES = ((2_000, 250), (200, 100), (6_000, 150))
REGISTERS = ("lay", "pro", "short", "fact")
ASKED_OF_A_ROW = 2
FOREIGN = 15
FOLDS = 5
# Where the setting `refuse_below` is unless it is set, and how many answerable questions that is to
# refuse; the network's constant is chosen so.
THRESHOLD, REFUSED = 0.12, 0.055
THRESHOLDS = (0.03, 0.05, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
#: Answerable, passage taken out, another year or province, another noun, another subject.
KINDS = ("inside", "outside", "changed", "altered", "foreign")
# Changed questions are few, and count for more in the fit; of altered ones some still are answered.
COUNTS = {"inside": 1.6, "outside": 1.0, "changed": 2.0, "altered": 0.6, "foreign": 0.6}
#: Measures that may only speak for an answer, and those that may speak either way.
FOR = ("literal", "dense", "above_4", "above_10", "nothing_far", "nothing_absent")
FREE = ("around", "words", "weight")
UNITS = 6
STEPS = 400
_YEAR = re.compile(r"20\d\d年")
_OTHER_YEARS = (2012, 2014, 2016, 2027, 2028)
_WRITTEN = "河北 山西 辽宁 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 四川 贵州 云南 陕西"
_PROVINCES = tuple(_WRITTEN.split())
# A noun is put in another's place that is about as near to it as this (cosine of `words`): what is
# nearer may mean the same, what is farther makes no sense.
_NEAR, _FAR = 0.62, 0.3
_LEAST_WEIGHT = 0.25


@dataclass(frozen=True, slots=True)
class Asked:
    """A question asked: its kind, its row (its own fold), and what its evidence measures.

    `measured` is None where nothing found may answer, and it is refused whatever the weights.
    """

    kind: str
    row: int
    measured: Mapping[str, float] | None


def main() -> None:
    """Ask, fit and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    parser.add_argument("--encoder", required=True, help="trained with --held-out")
    parser.add_argument("--out", type=Path, help="where to write the weights fitted on all")
    parser.add_argument("--part", type=float, default=1.0, help="the part of the bases to make")
    arguments = parser.parse_args()
    random.seed(SEED)
    packed = list(rows(arguments.data, "questions"))
    encoder = load_encoder(arguments.encoder)
    asked = list(ask_all(packed, strangers(arguments.data), encoder, arguments.part))
    kinds = np.array([one.kind for one in asked])
    print({kind: int((kinds == kind).sum()) for kind in KINDS})
    print_curve("shipped", kinds, np.array([_chance(default_confidence(), one) for one in asked]))
    fold_of = np.array([one.row // ENCODER_FOLDS % FOLDS for one in asked])
    found = np.zeros(len(asked))
    for fold in range(FOLDS):
        kept = [one for one, mine in zip(asked, fold_of, strict=True) if mine != fold]
        fitted = settled(fit(kept), kept)
        for at in np.flatnonzero(fold_of == fold):
            found[at] = _chance(fitted, asked[at])
    print_curve("fitted, out of fold", kinds, found)
    if arguments.out is not None:
        arguments.out.write_text(
            json.dumps(asdict(settled(fit(asked), asked)), indent=1) + "\n", "utf-8"
        )


def _chance(network: Confidence, asked: Asked) -> float:
    """Return the chance by a network together with the logistic model that ships."""
    if asked.measured is None:
        return 0.0
    return 1 / (1 + math.exp(-together(asked.measured, network)))


def settled(network: Confidence, asked: Sequence[Asked]) -> Confidence:
    """Return the network with a constant by which the threshold that ships keeps its meaning.

    Below it as large a part of the answerable questions is refused as `REFUSED` says.
    """
    inside = sorted(_chance(network, one) for one in asked if one.kind == "inside")
    found = max(inside[int(REFUSED * len(inside))], 1e-9)
    shift = math.log(THRESHOLD / (1 - THRESHOLD)) - math.log(found / (1 - found))
    # The network is two thirds of the mean.
    return replace(network, constant=round(network.constant + 1.5 * shift, 4))


def ask_all(
    packed: Sequence[dict[str, str]], foreign: Sequence[str], encoder: Encoder, part: float = 1.0
) -> Iterator[Asked]:
    """Make the knowledge bases one after another, or a part of them, and ask them."""
    passages = [record(at, row) for at, row in enumerate(packed)]
    new = list(range(0, len(packed), ENCODER_FOLDS))
    nouns = Nouns(one[name] for one in packed for name in REGISTERS if one.get(name))
    bases = [*_of_documents(packed), *_of_passages(len(packed), new)]
    for keys, about in random.sample(bases, math.ceil(part * len(bases))):
        with tempfile.TemporaryDirectory() as place:
            base = Base(Path(place), [passages[key] for key in keys], passages, encoder)
            for row in about:
                yield from _ask(base, packed[row], row, nouns)
            for number, question in enumerate(random.sample(foreign, FOREIGN)):
                yield _judged("foreign", number, base.weigh(question))


def _of_documents(packed: Sequence[dict[str, str]]) -> Iterator[tuple[list[int], list[int]]]:
    """Yield the passages of a few whole documents, and those of them to ask about."""
    of_title: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(packed):
        of_title[row["title"]].append(at)
    whole = [one for one in of_title.values() if LEAST_PASSAGES <= len(one) <= MOST_PASSAGES]
    for _ in range(DOCUMENT_BASES):
        keys = [key for one in random.sample(whole, random.choice(DOCUMENTS)) for key in one]
        yield keys, [key for key in keys if key % ENCODER_FOLDS == 0]


def _of_passages(count: int, new: Sequence[int]) -> Iterator[tuple[list[int], list[int]]]:
    for size, about in SIZES:
        mine = random.sample(new, min(about, size // 2))
        others = random.sample(range(count), size - len(mine))
        yield sorted({*mine, *others}), mine


def _ask(base: Base, row: dict[str, str], at: int, nouns: Nouns) -> Iterator[Asked]:
    registers = [one for one in REGISTERS if row.get(one)]
    for register in random.sample(registers, min(ASKED_OF_A_ROW, len(registers))):
        question = row[register]
        evidence = base.weigh(question)
        if at in {passage.key for passage in evidence.passages[:READ]}:
            yield _judged("inside", at, evidence)
        yield _judged("outside", at, base.weigh(question, at))
        changed = _changed(question)
        if changed is not None:
            yield _judged("changed", at, base.weigh(changed))
        altered = nouns.altered(question, row["title"] + row["passage"])
        if altered is not None:
            yield _judged("altered", at, base.weigh(altered))


class Nouns:
    """Nouns of questions, to put one in another's place."""

    def __init__(self, questions: Iterable[str]) -> None:
        counted = Counter(word for one in questions for word, _ in _nouns(one))
        self._texts = [word for word, count in counted.items() if count > 1]
        self._vectors = table().vectors(self._texts)

    def altered(self, question: str, passage: str) -> str | None:
        """Ask the same of something else, which the passage does not name."""
        found = _nouns(question)
        if not found:
            return None
        word, at = random.choice(found)
        near = self._vectors @ table().vectors([word])[0]
        others = [
            self._texts[other]
            for other in np.flatnonzero((near > _FAR) & (near < _NEAR)).tolist()
            if self._texts[other] not in passage and not set(self._texts[other]) & set(word)
        ]
        if not others:
            return None
        return question[:at] + random.choice(others) + question[at + len(word) :]


def _nouns(question: str) -> list[tuple[str, int]]:
    """Return a question's nouns that say something, and where they stand."""
    found, at = [], 0
    for word, kind in tagged(question):
        if kind.startswith("n") and len(word) > 1 and table().weight(word) >= _LEAST_WEIGHT:
            found.append((word, at))
        at += len(word)
    return found


def _changed(question: str) -> str | None:
    """Ask the same of another year or province."""
    if _YEAR.search(question):
        return _YEAR.sub(f"{random.choice(_OTHER_YEARS)}年", question, count=1)
    named = [one for one in places(question) if one in _PROVINCES]
    if not named:
        return None
    return question.replace(
        named[0], random.choice([one for one in _PROVINCES if one not in named])
    )


def _judged(kind: str, row: int, evidence: Evidence) -> Asked:
    named = about_what_is_named(evidence, lambda _: None)
    allowed = of_the_sort_asked(evidence.question, named)
    return Asked(kind, row, measures(evidence, allowed) if allowed else None)


def strangers(data: Path) -> list[str]:
    """Return questions on other subjects: medicine, and whatever people ask an encyclopaedia."""
    medical = [row["q"] for row in rows(data, "huatuo_med_gen")]
    general = [row["q"] for row in rows(data, "reading_comprehension")]
    return random.sample(medical, 400) + random.sample(general, 400)


def fit(asked: Sequence[Asked]) -> Confidence:
    """Fit the network to what was asked; what speaks for an answer never counts against it."""
    torch.manual_seed(SEED)
    names = [*FOR, *FREE]
    judged = [(one.kind, one.measured) for one in asked if one.measured is not None]
    table = np.array([[measured[name] for name in names] for _, measured in judged])
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-9
    inputs = torch.tensor((table - mean) / scale, dtype=torch.float32)
    right = torch.tensor([float(kind == "inside") for kind, _ in judged])
    counts = torch.tensor([COUNTS[kind] for kind, _ in judged])
    network = _Monotone()
    optimizer = torch.optim.Adam(network.parameters(), 0.02, weight_decay=1e-3)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            network(inputs), right, weight=counts
        )
        loss.backward()
        optimizer.step()
    weights = {name: np.round(one.detach().numpy(), 4) for name, one in network.weights().items()}
    return Confidence(
        names=names,
        mean=mean.round(4).tolist(),
        scale=scale.round(4).tolist(),
        hidden=weights["hidden"].T.tolist(),
        bias=weights["bias"].tolist(),
        out=weights["out"].tolist(),
        direct=weights["direct"].tolist(),
        constant=float(weights["constant"][0]),
    )


class _Monotone(torch.nn.Module):
    """Hidden units and a direct path, with positive weights for the measures `FOR`."""

    def __init__(self) -> None:
        super().__init__()
        inputs = len(FOR) + len(FREE)
        self.positive = torch.tensor([True] * len(FOR) + [False] * len(FREE))
        self.hidden = torch.nn.Parameter(torch.randn(inputs, UNITS) * 0.3)
        self.bias = torch.nn.Parameter(torch.randn(UNITS) * 0.5)
        self.out = torch.nn.Parameter(torch.ones(UNITS) * 0.3)
        self.constant = torch.nn.Parameter(torch.zeros(1))
        self.direct = torch.nn.Parameter(torch.zeros(inputs))

    def weights(self) -> dict[str, torch.Tensor]:
        """Return the weights with their signs as they count."""
        return {
            "hidden": torch.where(self.positive[:, None], self.hidden.abs(), self.hidden),
            "bias": self.bias,
            "out": self.out.abs(),
            "direct": torch.where(self.positive, self.direct.abs(), self.direct),
            "constant": self.constant,
        }

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        one = self.weights()
        units = torch.tanh(inputs @ one["hidden"] + one["bias"])
        return units @ one["out"] + inputs @ one["direct"] + one["constant"]


def print_curve(label: str, kinds: np.ndarray, found: np.ndarray) -> None:
    """Print how much of each kind is refused below each threshold, and precision and recall."""
    there = [kind for kind in KINDS if kind in kinds]
    print(f"{label}: below | " + " | ".join(there) + " | precision | recall")
    for threshold in THRESHOLDS:
        refused = found < threshold
        parts = [float(refused[kinds == kind].mean()) for kind in there]
        wrong = kinds == "inside"
        parts.append(float((refused & ~wrong).sum() / max(refused.sum(), 1)))
        parts.append(float(refused[~wrong].mean()))
        print(f"{threshold:.2f} | " + " | ".join(f"{part:.3f}" for part in parts))


if __name__ == "__main__":
    main()
