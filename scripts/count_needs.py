"""Count how often a word of a question has its like in the passage that answers.

python scripts/train_encoder.py --data DIR --out ENCODER --held-out
python scripts/count_needs.py --data DIR --encoder ENCODER [--out FILE]

What asks (啥时候, 意思) and what classes (类型, 程序, 情况) stands in questions and seldom in what
answers them; names do in both. Counted are the rows that the encoder was trained on, so that
`calibrate_refusal.py` is fitted on others. Printed are the words that are needed least.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from calibrate_answers import ENCODER_FOLDS
from calibrate_refusal import REGISTERS
from reader.word_table import rows

from index.embed import load_encoder
from index.rerank import WordEncoder
from kb.answering.missing import LIKE, asked_words, nearest

# A word counts as seen in so many questions more, in which it was there as often as rare words are.
PRIOR = 4
RARE = 3
# A word that is there more often than most counts for little more.
MOST = 1.2
# A factor this near to 1 is left out.
LEAST_DIFFERENCE = 0.05


def main() -> None:
    """Count, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    parser.add_argument("--encoder", required=True, help="trained with --held-out")
    parser.add_argument("--out", type=Path, help="where to write the factors")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.encoder)
    if not isinstance(encoder, WordEncoder):
        parser.error(f"{arguments.encoder} has no vectors of words")
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    packed = enumerate(rows(arguments.data, "questions"))
    for word, there in _words((row for at, row in packed if at % ENCODER_FOLDS), encoder):
        asked[word] += 1
        found[word] += there
    factors = needs(asked, found)
    print(f"{len(asked)} words, {len(factors)} factors")
    print([word for word in sorted(factors, key=factors.__getitem__) if asked[word] > 50][:60])
    if arguments.out is not None:
        text = json.dumps(dict(sorted(factors.items())), ensure_ascii=False, indent=0)
        arguments.out.write_text(text + "\n", "utf-8")


def _words(packed: Iterable[dict[str, str]], encoder: WordEncoder) -> Iterator[tuple[str, bool]]:
    """Yield the words of each question, and whether its passage has a like one."""
    for row in packed:
        for question in (row[name] for name in REGISTERS if row.get(name)):
            words = asked_words(question, encoder)
            if words:
                vectors = encoder.word_vectors(np.array(list(words), np.uint32))
                [near] = nearest(vectors, [f"{row['passage']}\n{row['title']}"], encoder)
                yield from zip(words.values(), (near >= LIKE).tolist(), strict=True)


def needs(asked: Mapping[str, int], found: Mapping[str, int]) -> dict[str, float]:
    """Return the square of how much oftener or less than a rare word each word is there."""
    rare = [word for word, count in asked.items() if count <= RARE]
    usual = sum(found[word] for word in rare) / sum(asked[word] for word in rare)
    factors = {}
    for word, count in asked.items():
        part = (found[word] + PRIOR * usual) / (count + PRIOR) / usual
        factor = round(min(part, MOST) ** 2, 2)
        if abs(factor - 1) >= LEAST_DIFFERENCE:
            factors[word] = factor
    return factors


if __name__ == "__main__":
    main()
