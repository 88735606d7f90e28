"""The packed training data: which files it takes, and the pairs that come out of them."""

from __future__ import annotations

import json
import lzma
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PAIR_FILES = (
    "reading_comprehension",
    "lctt",
    "pingcap_docs",
    "cmedir_query2title",
    "huatuo_med_gen",
    "dureader_demo",
    "gd_gov_matters",
)
LAWS_FILE = "laws_cn"
QUESTIONS_FILE = "questions"
REGISTERS = ("lay", "pro", "short", "fact")
SENTENCE_END = re.compile(r"(?<=[。；！？\n])")
SHORTEST_SENTENCE = 8


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and a text that answers it; pairs of one `group` are never each other's negatives."""

    query: str
    passage: str
    group: str


@dataclass(frozen=True, slots=True)
class Question:
    """A written question, its register and the row number of the passage it was written from."""

    text: str
    register: str
    row: int


@dataclass(frozen=True, slots=True)
class Corpora:
    """Everything read from the data folder, split into what trains and what is held out."""

    laws: list[dict[str, Any]]
    pairs: list[Pair]
    passages: list[str]
    questions: list[Question]
    held_passages: list[str]
    held_questions: list[Question]


def missing_files(folder: Path) -> list[str]:
    """Return the names of the packed files that `folder` lacks."""
    names = (QUESTIONS_FILE, LAWS_FILE, *PAIR_FILES)
    return [f"{name}.jsonl.xz" for name in names if not (folder / f"{name}.jsonl.xz").is_file()]


def read_rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON rows of one packed file."""
    with lzma.open(folder / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_corpora(folder: Path, folds: int, fold: int | None) -> Corpora:
    """Read every packed file; rows of `questions` with `row % folds == fold` are held out."""
    laws = list(read_rows(folder, LAWS_FILE))
    pairs = [
        Pair(row["q"], row["p"], f"{name}:{row['p'][:64]}")
        for name in PAIR_FILES
        for row in read_rows(folder, name)
    ]
    kept: tuple[list[str], list[Question]] = ([], [])
    held: tuple[list[str], list[Question]] = ([], [])
    for number, row in enumerate(read_rows(folder, QUESTIONS_FILE)):
        passages, questions = held if number % folds == fold else kept
        questions += [
            Question(row[name], name, len(passages)) for name in REGISTERS if row.get(name)
        ]
        passages.append(f"{row['title']}\n{row['passage']}")
    return Corpora(laws, pairs, *kept, *held)


def article_text(article: dict[str, Any]) -> str:
    """Return an article as a passage reads: its law's title, its number and its text."""
    return f"{article['law']}\n{article['number']} {article['text']}"


def heading_pairs(laws: list[dict[str, Any]], rng: random.Random) -> Iterator[Pair]:
    """Yield heading path -> article text, the law's title kept in half of the queries."""
    for article in laws:
        section = " ".join(re.sub(r"^第.{1,4}[编章节]\s*", "", part) for part in article["section"])
        if not section:
            continue
        query = f"{article['law']} {section}" if rng.random() < 0.5 else section
        yield Pair(query, article["text"], f"section:{article['law']}{section}")


def cloze_pairs(
    texts: list[tuple[str, str]], rng: random.Random, keep: float = 0.1
) -> Iterator[Pair]:
    """Yield one sentence -> the rest of its text (inverse cloze task, Lee et al. 2019).

    `texts` are (title, body); the sentence stays in the text with probability `keep`, as in the
    paper, and the title leads the text half of the time.
    """
    for title, body in texts:
        sentences = [part for part in SENTENCE_END.split(body) if part.strip()]
        candidates = [i for i, part in enumerate(sentences) if len(part) >= SHORTEST_SENTENCE]
        if len(sentences) < 2 or not candidates:
            continue
        chosen = rng.choice(candidates)
        rest = sentences if rng.random() < keep else sentences[:chosen] + sentences[chosen + 1 :]
        lead = f"{title}\n" if rng.random() < 0.5 else ""
        yield Pair(sentences[chosen], lead + "".join(rest), f"cloze:{title}{body[:64]}")


def training_pairs(corpora: Corpora, seed: int) -> list[Pair]:
    """Return the harvested and self-made pairs in a shuffled order fixed by `seed`."""
    rng = random.Random(seed)
    bodies = [(str(a["law"]), str(a["text"])) for a in corpora.laws]
    passages = [(head, body) for head, _, body in (p.partition("\n") for p in corpora.passages)]
    sections = list({pair.passage: ("", pair.passage) for pair in corpora.pairs}.values())
    pairs = [
        *corpora.pairs,
        *heading_pairs(corpora.laws, rng),
        *cloze_pairs(bodies, rng),
        *cloze_pairs(passages * 2, rng),
        *cloze_pairs(sections, rng),
        *(Pair(title, body, f"title:{title}") for title, body in passages),
    ]
    rng.shuffle(pairs)
    return pairs


def all_texts(corpora: Corpora) -> list[str]:
    """Return every distinct training text once, for counting words and for word vectors."""
    texts = [article_text(article) for article in corpora.laws]
    texts += [text for pair in corpora.pairs for text in (pair.query, pair.passage)]
    texts += corpora.passages
    texts += [question.text for question in corpora.questions]
    return list(dict.fromkeys(texts))
