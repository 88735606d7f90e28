"""Make the word table: document frequencies and vectors of the words in the training text."""

from __future__ import annotations

import json
import lzma
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from kb.answering.words import DIMENSION, STOP_WORDS, cut

WORDS = 30_000
WINDOW = 5
LEAST_DOCUMENTS = 8
LONGEST = 1_000
# Contexts are smoothed with this power (Levy, Goldberg and Dagan, 2015).
SMOOTHING = 0.75
# A word seen in one document of 43,000 weighs 1; rarer ones no more.
RAREST = 5


def rows(data: Path, name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one packed file."""
    with lzma.open(data / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def texts(data: Path) -> Iterator[str]:
    """Yield every text the table is made from."""
    for row in rows(data, "questions"):
        yield row["title"] + "\n" + row["passage"]
        yield from (row[name] for name in ("lay", "pro", "short", "fact") if row.get(name))
    for row in rows(data, "laws_cn"):
        yield row["text"]
    for row in rows(data, "reading_comprehension"):
        yield row["q"] + "\n" + row["p"]
    for name in ("lctt", "huatuo_med_gen", "pingcap_docs", "dureader_demo", "gd_gov_matters"):
        for row in rows(data, name):
            yield "\n".join(map(str, row.values()))[:LONGEST]


def make_word_table(data: Path, out: Path) -> None:
    """Count, factor and write `words.safetensors`."""
    cuts = [[word.text for word in cut(text)] for text in texts(data)]
    documents = Counter(word for words in cuts for word in set(words))
    kept = [
        word
        for word, count in documents.most_common()
        if count >= LEAST_DOCUMENTS and word.strip() and not re.fullmatch(r"[\d.,]+", word)
    ][:WORDS]
    vectors = _vectors(cuts, kept)
    scale = math.log(len(cuts) / RAREST)
    weights = [math.log(len(cuts) / (documents[word] + 1)) / scale for word in kept]
    tensors = {
        "words": np.frombuffer("\n".join(kept).encode(), np.uint8),
        "weights": np.clip(np.round(np.array(weights) * 255), 0, 255).astype(np.uint8),
        "vectors": np.round(vectors / np.abs(vectors).max(axis=1, keepdims=True) * 127).astype(
            np.int8
        ),
    }
    save_file(tensors, out / "words.safetensors")
    print(f"{len(cuts)} texts, {len(kept)} words, {len(STOP_WORDS)} stop words")


def _vectors(cuts: list[list[str]], words: list[str]) -> np.ndarray:
    """Return truncated singular vectors of the words' positive pointwise mutual information."""
    row = {word: at for at, word in enumerate(words)}
    counts = sparse.csr_matrix((len(words), len(words)), dtype=np.float32)
    for first in range(0, len(cuts), 20_000):
        counts = counts + _together(cuts[first : first + 20_000], row)
    counts = (counts + counts.T).tocoo()
    occurs = np.asarray(counts.sum(axis=1)).ravel()
    context = occurs**SMOOTHING / (occurs**SMOOTHING).sum()
    information = np.log(counts.data / (occurs[counts.row] * context[counts.col]))
    kept = information > 0
    matrix = sparse.csr_matrix(
        (information[kept], (counts.row[kept], counts.col[kept])), shape=counts.shape
    )
    left, values, _ = randomized_svd(matrix, DIMENSION, n_iter=3, random_state=0)
    return left * np.sqrt(values)


def _together(cuts: list[list[str]], row: dict[str, int]) -> sparse.csr_matrix:
    left, right, weight = [], [], []
    for words in cuts:
        known = np.array([row[word] for word in words if word in row], np.int32)
        for apart in range(1, min(WINDOW, len(known) - 1) + 1):
            left.append(known[:-apart])
            right.append(known[apart:])
            weight.append(np.full(len(known) - apart, 1 / apart, np.float32))
    shape = (len(row), len(row))
    if not left:
        return sparse.csr_matrix(shape, dtype=np.float32)
    pairs = (np.concatenate(left), np.concatenate(right))
    return sparse.coo_matrix((np.concatenate(weight), pairs), shape=shape).tocsr()
