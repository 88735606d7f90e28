"""Train the span reader of `kb.answering` from the packed questions, end to end.

python scripts/train_reader.py --data DIR --out DIR [--held-out] [--words]

With --held-out, every sixth question is kept from training and measured after each round; every
choice was made on those. Without it, all of them train. --words makes the word table first.
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

import numpy as np
import torch
from reader.network import Example, Network, batch_of
from reader.word_table import make_word_table, rows
from safetensors.torch import save_file
from sklearn.feature_extraction.text import TfidfVectorizer

from kb.answering.features import Observed, Source, look_at_question, observe
from kb.answering.reader import Found, spans
from kb.answering.span import complete
from kb.answering.text import fold
from kb.answering.words import table

SEED = 1
ROUNDS = 8
BATCH = 32
RATE = 2e-3
DECAY = 1e-2
DROPOUT = 0.3
FOLDS = 6
# Each question is read with its passage alone, and with at most so many others.
MOST_OTHERS = 2
# A question's others are among its nearest passages by character bigrams.
NEAREST = 12


def main() -> None:
    """Train and write `reader.safetensors`."""
    arguments = _arguments()
    random.seed(SEED)
    np.random.seed(SEED)
    torch.manual_seed(SEED)
    torch.set_num_threads(2)
    if arguments.words:
        make_word_table(arguments.data, arguments.out)
    asked = [row for row in rows(arguments.data, "questions") if row.get("answer")]
    others = _nearest(asked, list(rows(arguments.data, "questions")))
    kept = range(0, len(asked), FOLDS) if arguments.held_out else range(0)
    held = [example(asked[at], []) for at in kept]
    crowd = [example(asked[at], others[at][:MOST_OTHERS]) for at in kept]
    training = [
        drawn
        for at, (row, near) in enumerate(zip(asked, others, strict=True))
        if at not in kept
        for drawn in draw(row, near)
    ]
    network = train(training, {"alone": held, "among others": crowd})
    state = {name: tensor.half().contiguous() for name, tensor in network.state_dict().items()}
    save_file(state, arguments.out / "reader.safetensors")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="the folder of *.jsonl.xz")
    parser.add_argument("--out", type=Path, required=True, help="where the model is written")
    parser.add_argument("--held-out", action="store_true")
    parser.add_argument("--words", action="store_true", help="make the word table as well")
    arguments = parser.parse_args()
    if not (arguments.data / "questions.jsonl.xz").exists():
        parser.error(f"{arguments.data} has no questions.jsonl.xz: name the packed data's folder")
    return arguments


def _nearest(asked: list[dict[str, str]], all_rows: list[dict[str, str]]) -> list[list[Source]]:
    """Return for each question the passages, its own aside, that share most with it."""
    sources = [Source(row["passage"], row["title"]) for row in all_rows]
    place = {row["id"]: at for at, row in enumerate(all_rows)}
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    passages = vectorizer.fit_transform([row["title"] + row["passage"] for row in all_rows])
    likeness = (vectorizer.transform([row["fact"] for row in asked]) @ passages.T).toarray()
    nearest = []
    for at, row in enumerate(asked):
        likeness[at, place[row["id"]]] = -1
        holds = [
            source
            for number in np.argsort(-likeness[at])[:NEAREST]
            if row["answer"] not in (source := sources[number]).text
        ]
        nearest.append(holds)
    return nearest


def example(row: dict[str, str], others: list[Source]) -> Example:
    """Read a row's passage among `others`, at a random place."""
    sources = [*others]
    place = random.randint(0, len(sources))
    sources.insert(place, Source(row["passage"], row["title"]))
    asked = look_at_question(row["fact"], table())
    seen = observe(asked, sources, table())
    texts = tuple(source.text for source in sources)
    answers = _answers(seen, place, row["passage"], row["answer"])
    return Example(row["fact"], row["answer"], asked, seen, texts, answers)


def _answers(seen: Observed, place: int, text: str, answer: str) -> tuple[tuple[int, int], ...]:
    found = []
    at = text.find(answer)
    mine = np.flatnonzero(seen.source == place)
    while at >= 0:
        inside = [
            int(word)
            for word in mine
            if seen.words[word].end > at and seen.words[word].start < at + len(answer)
        ]
        if inside:
            found.append((inside[0], inside[-1]))
        at = text.find(answer, at + 1)
    return tuple(found)


def draw(row: dict[str, str], near: list[Source]) -> list[Example]:
    """Return a row's passage by itself, and among others like it."""
    company = random.sample(near, min(len(near), random.randint(1, MOST_OTHERS)))
    drawn = [example(row, []), example(row, company)]
    return [one for one in drawn if one.answers]


def train(training: list[Example], held: dict[str, list[Example]]) -> Network:
    """Train for `ROUNDS`, examples of about one length together."""
    network = Network(DROPOUT)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    steps = ROUNDS * math.ceil(len(training) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, RATE, total_steps=steps, pct_start=0.1
    )
    for turn in range(ROUNDS):
        network.train()
        for batch in _batches(training):
            loss = _loss(network, batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
        if turn % 4 == 3:
            for name, examples in held.items():
                print(turn + 1, name, measure(network, examples), flush=True)
    return network


def _batches(examples: list[Example]) -> list[list[Example]]:
    """Cut the examples into batches of about one length, in random order."""
    ordered = sorted(examples, key=lambda one: len(one.seen.words) + random.random() * 60)
    batches = [ordered[first : first + BATCH] for first in range(0, len(ordered), BATCH)]
    random.shuffle(batches)
    return batches


def _loss(network: Network, examples: list[Example]) -> torch.Tensor:
    first, last = network(batch_of(examples))
    losses = []
    for row, drawn in enumerate(examples):
        starts, ends = zip(*drawn.answers, strict=True)
        losses.append(-torch.logsumexp(first[row, list(starts)], 0))
        losses.append(-torch.logsumexp(last[row, list(ends)], 0))
    return torch.stack(losses).sum() / len(examples)


def measure(network: Network, examples: list[Example]) -> str:
    """Return the parts of right sentences, right spans, and spans equal to the answer."""
    network.eval()
    right = np.zeros(3)
    with torch.no_grad():
        for drawn in examples:
            first, last = network(batch_of([drawn]))
            best = spans(drawn.seen, first[0].numpy(), last[0].numpy())[0]
            right += judge(drawn, best)
    return "sentence {:.3f} span {:.3f} equal {:.3f}".format(*(right / max(len(examples), 1)))


def judge(drawn: Example, best: Found) -> tuple[bool, bool, bool]:
    """Tell whether the sentence holds the answer, the span holds it, and the span is it."""
    text = drawn.texts[best.source]
    start, end = complete(text, best.start, best.end)
    span, answer = fold(text[start:end]), fold(drawn.answer)
    fits = answer in span and len(span) <= 3 * len(answer)
    return answer in fold(text[slice(*best.sentence)]), fits, answer == span


if __name__ == "__main__":
    main()
