"""Words with their offsets, weights and vectors: what questions and sentences are compared by.

The table is made by `scripts/train_reader.py`: words of the training text with their inverse
document frequency, scaled so that a word seen in one document of 43,000 weighs 1, and vectors of 64
dimensions (singular vectors of the positive pointwise mutual information within five words; Levy
and Goldberg, 2014). It is separate from the search encoder, which users may replace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from kb.answering.text import fold

Array: TypeAlias = npt.NDArray[np.float32]

MODEL = Path(__file__).parent / "model"
DIMENSION = 64
# A word the training text does not have is rarer than any it has.
UNKNOWN_WEIGHT = 1.0
# What questions are asked with and sentences held together with: they say nothing of the subject.
_STOP_WORDS = (
    "的 了 在 是 和 与 对 由 被 把 要 应 须 将 得 能 可 会 吗 呢 等 "
    "及 其 个 中 上 下 年 到 向 为 从 给 以 并 而 有 多少 什么 哪个 哪 "
    "谁 几 多久 何 如何 怎样 怎么 多长 哪些 啊 吧 呀 请问 之 于 或 者 那 "
    "这 该 此 都 也 就 还 么 啥 咋 怎 多 多大 多高 多远 为什么 为何 哪里 "
    "哪儿 哪家 哪种 哪类 哪位 几个 怎么办 是否 能否 可以 应该 应当 需要 必须 "
    "具体 一下 介绍 主要 相关 方面 我 你 他 她 它 们 我们 你们 他们 不 没 "
    "哪几种 哪几类 哪几个 几种 几类 这么 那么 一直 "
    "没有 让 使 所 地 着 过 最 更 又 再 才 只 很"
)
STOP_WORDS = frozenset(_STOP_WORDS.split()) | frozenset("，。？！、；：（）“”《》?!,;:()\"'")
_RUNS = re.compile(r"\d[\d,.]*\d|\d|[a-z]+|[\u3007\u3400-\u4dbf\u4e00-\u9fff]+|\S")


class Word(NamedTuple):
    """A word, folded, and where it stands."""

    text: str
    start: int
    end: int


class WordTable:
    """Weights and vectors of words."""

    def __init__(self, words: list[str], weights: list[float], vectors: Array) -> None:
        self._row = {word: row for row, word in enumerate(words)}
        self._weights = weights
        self._vectors = vectors

    @cache  # noqa: B019 - one table lives as long as the process
    def weight(self, word: str) -> float:
        """Return how much the word says about a text that holds it, from 0 to 1."""
        if word in STOP_WORDS:
            return 0.0
        row = self._row.get(word)
        return UNKNOWN_WEIGHT if row is None else self._weights[row]

    def vectors(self, words: Sequence[str]) -> Array:
        """Return one row of length 1 for each word; 0 where not even its characters are known."""
        rows = np.zeros((len(words), DIMENSION), np.float32)
        for at, word in enumerate(words):
            row = self._row.get(word)
            rows[at] = self._spelled(word) if row is None else self._vectors[row]
        return rows

    @cache  # noqa: B019 - as above
    def _spelled(self, word: str) -> Array:
        known = [self._row[sign] for sign in word if sign in self._row]
        if not known:
            return np.zeros(DIMENSION, np.float32)
        mean: Array = self._vectors[known].mean(axis=0)
        length = float(np.linalg.norm(mean))
        return mean / length if length > 0 else mean


def cut(text: str) -> list[Word]:
    """Return the text's words in order, none overlapping, with offsets in `text`."""
    engine = _engine()
    words: list[Word] = []
    for run in _RUNS.finditer(fold(text)):
        start, found = run.start(), run.group()
        if len(found) > 1 and found[0] >= "\u3007":
            pieces = engine.tokenize(found, "default", False)
            words += [Word(piece, start + at, start + to) for piece, at, to in pieces]
        else:
            words.append(Word(found, start, run.end()))
    return words


def tagged(text: str) -> list[tuple[str, str]]:
    """Return the text's words, each with its part of speech in the segmenter's dictionary."""
    found: list[tuple[str, str]] = _engine().tag(text, True)
    return found


@cache
def table() -> WordTable:
    """Return the table that comes with the package."""
    from safetensors.numpy import load_file

    tensors = load_file(MODEL / "words.safetensors")
    words = tensors["words"].tobytes().decode().split("\n")
    vectors = tensors["vectors"].astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.divide(vectors, lengths, out=vectors, where=lengths > 0)
    return WordTable(words, (tensors["weights"] / 255).tolist(), vectors)


@cache
def _engine() -> Any:
    import rjieba

    return rjieba.Jieba()
