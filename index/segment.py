"""Cut text into the two kinds of terms that are indexed: words and character bigrams.

Text is NFKC-normalised and lower-cased, then split into runs: Han characters go to the word
segmenter, letters and digits stay whole ("3636.9", "wto", "pm2.5"), all else separates. jieba's
search mode is the definition of a word; rjieba, its Rust port, gives the same tokens on runs of
Han characters about ten times faster (`tests/index/test_segment.py` compares them).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from index.types import Segmenter

if TYPE_CHECKING:
    import rjieba

Engine = Literal["rjieba", "jieba"]
Cut: TypeAlias = Callable[[str], list[str]]

USER_DICTIONARY = Path(__file__).parent / "data" / "policy_words.txt"
# Raised when the rules of this module change what is indexed: it is part of the segmenter's name.
RULES = 1
# A word made of two of the dictionary's most frequent words (about 1e-3 of all text each) still
# wins against its parts at this count out of jieba's 6e7.
USER_WORD_FREQUENCY = 300
# Guessing words that the dictionary lacks (jieba's HMM) cost .006 nDCG@10 on questions held out
# from the encoder's training; the bigrams find them.
NEW_WORDS = False
# Longer letter-and-digit runs are data, not words, and tantivy refuses terms above 64 kB.
LONGEST_WORD = 64

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUNS = re.compile(
    rf"(?P<han>[{_HAN}]+)"
    rf"|(?P<grouped>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?)(?!\d)"
    rf"|(?P<plain>[^\W_{_HAN}]+(?:(?<=\d)\.\d+)*)"
)


def load_segmenter(engine: Engine = "rjieba") -> Segmenter:
    """Return the segmenter that runs on `engine`, with the policy dictionary added.

    The engine reads its dictionary (rjieba 0.1 s, jieba 0.6 s) when the first text is cut; later
    calls return the same object.
    """
    return _load(engine)


@cache
def _load(engine: Engine) -> Segmenter:
    words, fingerprint = read_words(USER_DICTIONARY)
    load = partial(_rjieba if engine == "rjieba" else _jieba, words)
    return JiebaSegmenter(f"{engine}-{version(engine)}+{fingerprint}.{RULES}", load)


class JiebaSegmenter:
    """A search-mode cut of Han runs, plus whole runs of letters and digits."""

    def __init__(self, name: str, load: Callable[[], Cut]) -> None:
        self._name = name
        self._load = load

    @cached_property
    def _cut(self) -> Cut:
        return self._load()

    @property
    def name(self) -> str:
        """Engine, its version, the user dictionary's fingerprint and the rules' number."""
        return self._name

    def words(self, text: str) -> list[str]:
        """Return search-mode words (a long word and its sub-words), lower-cased."""
        words: list[str] = []
        for run, is_han in _runs(text):
            if is_han:
                words += self._cut(run)
            else:
                words.append(run)
        return words


def bigrams(text: str) -> list[str]:
    """Return every two neighbouring Han characters, and other words and numbers whole.

    A Han character that stands alone is returned as it is.
    """
    terms: list[str] = []
    for run, is_han in _runs(text):
        if is_han and len(run) > 1:
            terms += [run[at : at + 2] for at in range(len(run) - 1)]
        else:
            terms.append(run)
    return terms


def cut_words(text: str) -> list[str]:
    """Cut text into words that joined give it again: no sub-words, nothing left out or folded.

    Letters and digits stay whole, every other sign stands alone.
    """
    words: list[str] = []
    at = 0
    for found in _RUNS.finditer(text):
        words += text[at : found.start()]
        run = found.group()
        words += _exact_cut()(run) if found.lastgroup == "han" else [run]
        at = found.end()
    return [*words, *text[at:]]


@cache
def _exact_cut() -> Cut:
    engine = _rjieba_engine(read_words(USER_DICTIONARY)[0])
    return lambda run: list(engine.cut(run, NEW_WORDS))


def read_words(path: Path) -> tuple[tuple[str, ...], str]:
    """Return the words of a file (one a line, `#` comments) and a fingerprint of them.

    Raises ValueError for a line that is more than one Han word, naming it.
    """
    words: dict[str, None] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        if not re.fullmatch(f"[{_HAN}]+", word):
            raise ValueError(f"{path.name}, line {number}: {word!r} is not one word of Han text")
        words[word] = None
    return tuple(words), hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for found in _RUNS.finditer(unicodedata.normalize("NFKC", text).lower()):
        run = found.group()
        if found.lastgroup == "han":
            yield run, True
        elif found.lastgroup == "grouped":
            yield run.replace(",", "")[:LONGEST_WORD], False
        else:
            yield run[:LONGEST_WORD], False


def _rjieba(words: tuple[str, ...]) -> Cut:
    engine = _rjieba_engine(words)
    return lambda run: list(engine.cut_for_search(run, NEW_WORDS))


@cache
def _rjieba_engine(words: tuple[str, ...]) -> rjieba.Jieba:
    import rjieba

    engine = rjieba.Jieba()
    # A word that is there keeps its count: the two engines sum up a changed one differently.
    for word in words:
        if not engine.has_word(word):
            engine.add_word(word, USER_WORD_FREQUENCY, None)
    return engine


def _jieba(words: tuple[str, ...]) -> Cut:
    import jieba

    engine = jieba.Tokenizer()
    # Reading the dictionary directly: `initialize()` would unmarshal a cache file from the shared
    # temporary folder, which anyone may have written.
    engine.FREQ, engine.total = engine.gen_pfdict(engine.get_dict_file())
    engine.initialized = True
    for word in words:
        if not engine.FREQ.get(word):
            engine.add_word(word, USER_WORD_FREQUENCY)
    return lambda run: list(engine.cut_for_search(run, NEW_WORDS))
