"""The tokenizer: jieba's dictionary as a Unigram model, pruned to the words of the training text.

Unigram looks for the segmentation of the highest summed log probability, which is what jieba's
dynamic programme over its dictionary does (`jieba.cut(HMM=False)`); with jieba's frequencies as
scores the two agree on every run of Han characters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import jieba
import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from .bags import bags_of

UNKNOWN = "[UNK]"
# Below every multi-piece split of a Latin word or a number, above none: whole pieces always win.
LATIN_SCORE = -10.0
RUNS = r"\p{Han}+|[a-z]+|[0-9]+"
BATCH = 2048


def jieba_frequencies() -> tuple[dict[str, int], int]:
    """Return jieba's word frequencies and their sum, the total its own scores are taken against."""
    with jieba.get_dict_file() as lines:
        entries = (line.decode("utf-8").split(" ") for line in lines)
        frequencies = {word: int(count) for word, count, *_ in entries}
    return frequencies, sum(frequencies.values())


def build_tokenizer(pieces: dict[str, float]) -> Tokenizer:
    """Return a Unigram tokenizer over `pieces`; id 0 is the unknown character."""
    tokenizer = Tokenizer(models.Unigram([(UNKNOWN, 0.0), *pieces.items()], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(RUNS), "removed", invert=True)
    return tokenizer


def run_counts(texts: Iterable[str]) -> dict[str, int]:
    """Count the maximal runs of Han, Latin letters and digits in `texts`, after normalising."""
    shell = build_tokenizer({})
    counts: dict[str, int] = {}
    for text in texts:
        normal = shell.normalizer.normalize_str(text)
        for run, _ in shell.pre_tokenizer.pre_tokenize_str(normal):
            counts[run] = counts.get(run, 0) + 1
    return counts


def encode(tokenizer: Tokenizer, texts: list[str]) -> Iterator[npt.NDArray[np.int32]]:
    """Yield the token ids of each text."""
    for first in range(0, len(texts), BATCH):
        batch = texts[first : first + BATCH]
        for encoding in tokenizer.encode_batch_fast(batch, add_special_tokens=False):
            yield np.array(encoding.ids, dtype=np.int32)


def han_scores(runs: Iterable[str]) -> dict[str, float]:
    """Return jieba's words, and the single characters it lacks, with their log probabilities."""
    frequencies, total = jieba_frequencies()
    scores = {
        word: math.log(count or 1) - math.log(total)
        for word, count in frequencies.items()
        if word[0] >= "\u3400" and word.isalpha() and not word.isascii()
    }
    characters = {character for run in runs if not run.isascii() for character in run}
    for character in sorted(characters):
        scores.setdefault(character, -math.log(total))
    return scores


def train_tokenizer(texts: list[str], size: int, least_latin: int = 5) -> Tokenizer:
    """Return a tokenizer of at most `size` pieces, the most frequent words of `texts` kept.

    Every single Han character seen, Latin letter and digit is always kept, so that a word that
    was pruned falls back to smaller pieces.
    """
    runs = run_counts(texts)
    scores = han_scores(runs)
    latin = {run: n for run, n in runs.items() if run.isascii() and n >= least_latin}
    scores |= dict.fromkeys(sorted(latin), LATIN_SCORE)
    always = {piece for piece in scores if len(piece) == 1}
    always |= set("abcdefghijklmnopqrstuvwxyz0123456789")
    counts = word_counts(build_tokenizer(scores), runs)
    ranked = sorted(counts, key=lambda piece: (-counts[piece], piece))
    seen_characters = [piece for piece in ranked if piece in always]
    words = [piece for piece in ranked if piece not in always]
    kept = set(seen_characters) | set(words[: max(0, size - 1 - len(seen_characters))])
    return build_tokenizer({piece: round(scores[piece], 6) for piece in ranked if piece in kept})


def word_counts(tokenizer: Tokenizer, runs: dict[str, int]) -> dict[str, int]:
    """Return how often each piece stands in the segmented runs; single pieces at least once."""
    cut = bags_of(list(encode(tokenizer, list(runs))))
    repeats = np.repeat(np.fromiter(runs.values(), dtype=np.int64), np.diff(cut.starts))
    totals = np.bincount(cut.ids, weights=repeats, minlength=tokenizer.get_vocab_size())
    singles = {character for run in runs for character in run}
    vocabulary = tokenizer.get_vocab()
    return {
        piece: int(totals[index])
        for piece, index in vocabulary.items()
        if piece != UNKNOWN and (totals[index] > 0 or piece in singles)
    }


def sub_words(tokenizer: Tokenizer, characters: bool) -> list[list[int]]:
    """Return, by piece id, the ids of the words inside it, as jieba's search mode cuts them.

    Search mode adds the two- and three-character dictionary words inside a longer one; with
    `characters` its single characters are added too.
    """
    vocabulary = tokenizer.get_vocab()
    parts: list[list[int]] = [[] for _ in vocabulary]
    for piece, index in vocabulary.items():
        if piece.isascii() or piece == UNKNOWN:
            continue
        widths = [n for n in (2, 3) if len(piece) > n] + [1] * (characters and len(piece) > 1)
        grams = (piece[i : i + n] for n in widths for i in range(len(piece) - n + 1))
        parts[index] = [vocabulary[gram] for gram in grams if gram in vocabulary]
    return parts
