"""Measure `policykb check` on 100 quotations made from the sample documents.

30 are word for word (half of them in other type: full width, spaces, line ends), 50 altered in five
ways, 20 taken from a document that is left out. Prints precision and recall of each verdict, and
what was judged wrong.

    python benchmarks/check_quotes.py [--documents DIR] [--left-out NAME] [--seed N]
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb import KnowledgeBase, Upload

ROOT = Path(__file__).parents[1]
#: Words that a drafter may take for one another.
SWAPS = (
    ("应当", "可以"), ("支持", "鼓励"), ("鼓励", "要求"), ("增长", "下降"), ("下降", "增长"),
    ("企业", "机构"), ("提高", "降低"), ("加强", "减少"), ("出口", "进口"), ("进口", "出口"),
    ("推动", "禁止"), ("完善", "取消"), ("主要", "次要"), ("开展", "停止"), ("国际", "国内"),
    ("发展", "建设"), ("技术", "资金"), ("产品", "货物"), ("贸易", "投资"), ("市场", "行业"),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A quotation, how it was made and what should be said of it."""

    text: str
    kind: str
    expected: str


def sentences(text: str) -> list[str]:
    """Return sentences of 16 to 150 characters that no quotation mark stands in."""
    found = re.split(r"(?<=[。；！？])|\n", text)
    kept = (sentence.strip().rstrip("。；！？") for sentence in found)
    return [each for each in kept if 16 <= len(each) <= 150 and not re.search("[“”《》\t]", each)]


def swapped(sentence: str, draw: random.Random) -> str | None:
    """Exchange one word for another."""
    able = [pair for pair in SWAPS if pair[0] in sentence]
    return sentence.replace(*draw.choice(able), 1) if able else None


def renumbered(sentence: str, draw: random.Random) -> str | None:
    """Change one digit."""
    digits = [at for at, char in enumerate(sentence) if char in "0123456789"]
    if not digits:
        return None
    at = draw.choice(digits)
    return sentence[:at] + str((int(sentence[at]) + draw.randint(1, 9)) % 10) + sentence[at + 1 :]


def shortened(sentence: str, _: random.Random) -> str | None:
    """Drop a clause from the middle."""
    parts = sentence.split("，")
    return "，".join(parts[:1] + parts[2:]) if len(parts) > 2 else None


def padded(sentence: str, draw: random.Random) -> str | None:
    """Put in words of one's own."""
    at = sentence.find("，")
    words = draw.choice(("在条件成熟时", "按照有关规定", "原则上", "积极稳妥地"))
    return sentence[: at + 1] + words + sentence[at + 1 :] if at > 0 else None


def reordered(sentence: str, _: random.Random) -> str | None:
    """Exchange the first two clauses."""
    parts = sentence.split("，")
    return "，".join([parts[1], parts[0], *parts[2:]]) if len(parts) > 2 else None


def retyped(sentence: str, draw: random.Random) -> str:
    """Set the same words in other type."""
    wide = {ord(char): ord(char) + 0xFEE0 for char in "0123456789%"}
    at = draw.randrange(1, len(sentence))
    return sentence[:at].translate(wide) + " " + sentence[at:].replace("，", ",")


WAYS: dict[str, Callable[[str, random.Random], str | None]] = {
    "word swapped": swapped,
    "digit changed": renumbered,
    "clause dropped": shortened,
    "words added": padded,
    "clauses exchanged": reordered,
}


def cases(held: list[str], foreign: list[str], draw: random.Random) -> Iterator[Case]:
    """Yield 30 exact, 5 x 10 altered and 20 foreign quotations."""
    pool = draw.sample(held, len(held))
    for number in range(30):
        sentence = pool.pop()
        exact = number < 15
        yield Case(
            sentence if exact else retyped(sentence, draw),
            "word for word" if exact else "other type",
            "exact",
        )
    for kind, change in WAYS.items():
        made = 0
        for sentence in draw.sample(held, len(held)):
            altered = change(sentence, draw)
            if altered is not None and altered != sentence:
                yield Case(altered, kind, "altered")
                made += 1
            if made == 10:
                break
    for sentence in draw.sample(foreign, 20):
        yield Case(sentence, "foreign", "not-found")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=Path, default=ROOT / "corpus")
    parser.add_argument("--left-out", default="tbt_brief.pdf")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        KnowledgeBase.open(Path(folder) / "all") as whole,
        KnowledgeBase.open(Path(folder) / "part") as base,
    ):
        files = [path for path in sorted(asked.documents.iterdir()) if path.suffix in SUFFIXES]
        base.ingest([path for path in files if path.name != asked.left_out], ocr="never")
        whole.ingest([asked.documents / asked.left_out], ocr="never")
        held, foreign = sorted(set(drawn(base))), sorted(set(drawn(whole)))
        made = list(cases(held, foreign, draw))
        text = "\n".join(f"有关材料写道：“{case.text}”。" for case in made)
        report(made, base, text)


SUFFIXES = {".pdf", ".docx", ".html", ".txt"}


def drawn(base: KnowledgeBase) -> Iterator[str]:
    """Yield the sentences of a base's documents."""
    for info in base.documents():
        for page in range(1, info.pages + 1):
            yield from sentences(base.page_text(info.document_id, page).text)


def report(made: list[Case], base: KnowledgeBase, text: str) -> None:
    """Print what `check` says of the quotations against what it should."""
    found = base.check(Upload("draft.txt", text.encode())).findings
    said = [finding.status for finding in found if finding.kind == "quotation"]
    if len(said) != len(made):
        raise SystemExit(f"{len(made)} quotations were made and {len(said)} found")
    tally = Counter((case.kind, status) for case, status in zip(made, said, strict=True))
    print("| made | n | exact | altered | not-found |\n|---|---|---|---|---|")
    for kind in dict.fromkeys(case.kind for case in made):
        row = [tally[kind, status] for status in ("exact", "altered", "not-found")]
        print(f"| {kind} | {sum(row)} | " + " | ".join(map(str, row)) + " |")
    print("\n| verdict | precision | recall |\n|---|---|---|")
    for status in ("exact", "altered", "not-found"):
        right = sum(case.expected == status == each for case, each in zip(made, said, strict=True))
        given, due = said.count(status), sum(case.expected == status for case in made)
        print(f"| {status} | {right / max(given, 1):.2f} | {right / max(due, 1):.2f} |")
    for case, each in zip(made, said, strict=True):
        if each != case.expected:
            print(f"\n{case.kind}, judged {each}: {case.text}")


if __name__ == "__main__":
    main()
