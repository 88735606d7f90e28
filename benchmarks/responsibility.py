"""Precision and recall of responsible bodies over provisions labelled by hand.

usage: python benchmarks/responsibility.py [--cases FILE]

The cases, `data/responsibility.jsonl` and a second set, `data/responsibility_second.jsonl`, were
written and labelled before the reader was run on them. On the first run the first set gave
precision 0.948 and recall 0.830, the second, after what the first had shown was mended, 0.967 and
0.831; both have been mended by since and no longer tell how unseen wording fares.

Forms: tails in brackets, labels, sentences, lists, tables of tasks (cells apart by "|"), and texts
that put nobody in charge. A label is a role, L(ead), P(articipant) or J(oint), a body as written,
and * where it is meant but not named; " / " parts the items of a list and the rows of a table. A
sole body is its lead; one that stands for several (各省级人民政府) is joint. Prints a table by
role, one by form, and every case that differs.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.body import assemble
from ingest.clauses import read_clauses
from ingest.model import Block, Metadata, Page, Responsibility, Table
from ingest.responsibility import read_responsibility

CASES = Path(__file__).parent / "data" / "responsibility.jsonl"
LETTERS = {"lead": "L", "participant": "P", "joint": "J"}
ROLES = {"L": "lead", "P": "participant", "J": "joint"}
NOTICE = Metadata("关于分工的通知", document_type="通知")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one case should give, and what it gave, as labels."""

    form: str
    text: str
    expected: Counter[str]
    found: Counter[str]


def labels(found: Iterable[Responsibility]) -> list[str]:
    """Write responsible bodies as labels."""
    return [LETTERS[r.role] + r.as_written + ("*" if r.implicit else "") for r in found]


def read(form: str, text: str) -> list[list[str]]:
    """Read a case: one group of labels, or one for each item of a list or row of a table."""
    if form not in {"list", "table"}:
        return [labels(read_responsibility(text))]
    lines = text.split("\n")
    if form == "table":
        rows = tuple(tuple(line.split("|")) for line in lines)
        joined = "\n".join("\t".join(row) for row in rows)
        blocks = [Block("table", joined, None, table=Table(rows))]
    else:
        blocks = [Block("paragraph", line, None) for line in lines]
    pages = [Page(1, 0, 0, tuple(blocks))]
    return [labels(c.responsibility) for c in read_clauses(assemble(pages), pages, NOTICE)]


def outcome(case: Mapping[str, str]) -> Outcome:
    """Compare a case's labels with what is read; in lists and tables, item by item."""
    expected = [group.split() for group in case["bodies"].split("/")]
    found = read(case["form"], case["text"])
    return Outcome(case["form"], case["text"], _numbered(expected), _numbered(found))


def _numbered(groups: list[list[str]]) -> Counter[str]:
    several = len(groups) > 1
    return Counter(
        f"{label}@{item}" if several else label
        for item, group in enumerate(groups, 1)
        for label in group
    )


def table(title: str, rows: Mapping[str, tuple[int, int, int]]) -> None:
    """Print precision and recall for each row of (right, found, expected)."""
    print(f"{title:<14}{'labels':>8}{'found':>8}{'right':>8}{'precision':>11}{'recall':>9}")
    for name, (right, found, expected) in rows.items():
        precision = f"{right / found:.3f}" if found else "-"
        recall = f"{right / expected:.3f}" if expected else "-"
        print(f"{name:<14}{expected:>8}{found:>8}{right:>8}{precision:>11}{recall:>9}")
    print()


def counts(outcomes: Iterable[Outcome], role: str = "") -> tuple[int, int, int]:
    """Sum right, found and expected labels, of one role where it is given."""
    right = found = expected = 0
    for each in outcomes:
        right += sum(n for label, n in (each.found & each.expected).items() if role in label[0])
        found += sum(n for label, n in each.found.items() if role in label[0])
        expected += sum(n for label, n in each.expected.items() if role in label[0])
    return right, found, expected


def main() -> None:
    """Run every case and print the tables and the failures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, default=CASES)
    lines = parser.parse_args().cases.read_text(encoding="utf-8").splitlines()
    outcomes = [outcome(json.loads(line)) for line in lines]
    by_role = {name: counts(outcomes, letter) for letter, name in ROLES.items()}
    table("role", by_role | {"all": counts(outcomes)})
    forms = dict.fromkeys(each.form for each in outcomes)
    table("form", {f: counts([o for o in outcomes if o.form == f]) for f in forms})
    failures = [each for each in outcomes if each.found != each.expected]
    print(f"{len(outcomes) - len(failures)} of {len(outcomes)} cases exact")
    for each in failures:
        missed = " ".join((each.expected - each.found).elements())
        wrong = " ".join((each.found - each.expected).elements())
        print(f"  {each.text!r}\n    missed: {missed or '-'}   wrong: {wrong or '-'}")


if __name__ == "__main__":
    main()
