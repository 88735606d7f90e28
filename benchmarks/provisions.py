"""Precision and recall of what provisions ask: how strongly, by when, how much.

usage: python benchmarks/provisions.py [--cases FILE]

The cases, `data/provisions.jsonl`, are sentences of our own in the forms of opinions, notices and
laws, labelled before the readers were run on them. `obligations` are letters: M(ust), N (must
not), E(ncourage), (e)X(plore); `deadlines` are days apart by spaces; `targets` the quantities in
the text's own words. A third of the cases ask nothing of the kind and hold words that look so.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ingest.deadlines import read_deadlines
from ingest.obligations import read_obligations
from ingest.targets import read_targets

CASES = Path(__file__).parent / "data" / "provisions.jsonl"
LETTERS = {"must": "M", "must-not": "N", "encourage": "E", "explore": "X"}


def expected(case: Mapping[str, object]) -> Counter[str]:
    """Write a case's labels, each with what it is a label of."""
    return Counter(
        [f"obligation {letter}" for letter in str(case["obligations"])]
        + [f"deadline {day}" for day in str(case["deadlines"]).split()]
        + [f"target {words}" for words in case["targets"]]  # type: ignore[attr-defined]
    )


def found(text: str, issued_on: date) -> Counter[str]:
    """Read a provision, and write what is found as labels."""
    deadlines = read_deadlines(text, issued_on)
    return Counter(
        [f"obligation {LETTERS[kind]}" for kind in read_obligations(text)]
        + [f"deadline {each.due}" for each in deadlines]
        + [f"target {each.as_written}" for each in read_targets(text, deadlines)]
    )


def main() -> None:
    """Run every case and print a table, and the cases that differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES)
    lines = parser.parse_args().cases.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    pairs = [(expected(c), found(c["text"], date.fromisoformat(c["issued_on"]))) for c in cases]
    print(f"{'':<12}{'labels':>8}{'found':>8}{'right':>8}{'precision':>11}{'recall':>9}")
    for kind in ("obligation", "deadline", "target"):
        wanted, got, right = (
            sum(n for side in sides for label, n in side.items() if label.startswith(kind))
            for sides in (
                [want for want, _ in pairs],
                [have for _, have in pairs],
                [want & have for want, have in pairs],
            )
        )
        figures = f"{right / got:>11.3f}{right / wanted:>9.3f}" if got and wanted else ""
        print(f"{kind:<12}{wanted:>8}{got:>8}{right:>8}{figures}")
    for case, (want, have) in zip(cases, pairs, strict=True):
        if want != have:
            missed, wrong = " ".join(want - have), " ".join(have - want)
            print(f"  {case['text']!r}\n    missed: {missed or '-'}   wrong: {wrong or '-'}")


if __name__ == "__main__":
    main()
