"""What a short query was meant to say: sounds alike, one sign wrong, or typed as pinyin."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from index.segment import bigrams
from index.synonyms import fold

if TYPE_CHECKING:
    from index import PassageIndex

# A longer query has other words to be found by.
LONGEST = 12
LONGEST_PINYIN = 40
# Words of the index that are looked at, the most frequent.
MOST_WORDS = 50_000
_HAN = re.compile(r"[\u4e00-\u9fff]{2,6}")
_PINYIN = re.compile(r"[a-z][a-z' ]{2,}[a-z]")
# Words of two signs differ by one from too many others.
_SHORTEST_WRONG = 3


def meant(query: str, index: PassageIndex) -> str | None:
    """Return a query of words that the index holds, close to one that it does not hold.

    None where every pair of neighbouring signs is found, and where nothing is close.
    """
    text = fold(query).strip()
    if len(text) <= LONGEST_PINYIN and _PINYIN.fullmatch(text):
        known = any(index.lexical.idf("words", word) for word in text.split())
        return None if known else speller(index).by_sound(text)
    if len(text) > LONGEST or not _unknown(text, index):
        return None
    better = min(speller(index).close_to(text), key=lambda one: _unknown(one, index), default=None)
    return better if better and _unknown(better, index) < _unknown(text, index) else None


def _unknown(text: str, index: PassageIndex) -> int:
    return sum(index.lexical.idf("bigrams", pair) == 0 for pair in bigrams(text))


class Speller:
    """Words by how they sound and by what they are with one sign left open."""

    def __init__(self, words: Sequence[str]) -> None:
        """Learn words, the most frequent first."""
        self._sounds: dict[str, str] = {}
        self._open: dict[str, str] = {}
        for word in words:
            self._sounds.setdefault(sound(word), word)
            if len(word) >= _SHORTEST_WRONG:
                for pattern in _patterns(word):
                    self._open.setdefault(pattern, word)
        self._longest = max(map(len, self._sounds), default=0)
        self._ordered = sorted(self._sounds)

    def close_to(self, text: str) -> Iterator[str]:
        """Yield the text with one stretch of it as a word that sounds or looks alike."""
        for length in range(min(6, len(text)), 1, -1):
            for at in range(len(text) - length + 1):
                stretch = text[at : at + length]
                if not _HAN.fullmatch(stretch):
                    continue
                words = [self._sounds.get(sound(stretch))]
                if length >= _SHORTEST_WRONG:
                    words += [self._open.get(pattern) for pattern in _patterns(stretch)]
                for word in words:
                    if word is not None and word != stretch:
                        yield text[:at] + word + text[at + length :]

    def by_sound(self, pinyin: str) -> str | None:
        """Return the fewest words that are read as the whole pinyin, the longer first."""
        text = pinyin.replace(" ", "").replace("'", "")
        best: list[tuple[str, ...] | None] = [(), *[None] * len(text)]
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - self._longest), end):
                before, word = best[start], self._sounds.get(text[start:end])
                if before is None or word is None:
                    continue
                shorter = best[end]
                if shorter is None or len(before) + 1 < len(shorter):
                    best[end] = (*before, word)
        return "".join(best[-1]) if best[-1] else None

    def starting_with(self, pinyin: str, n: int) -> list[str]:
        """Return at most `n` words whose pinyin starts so."""
        at = bisect_left(self._ordered, pinyin)
        near = self._ordered[at : at + n]
        return [self._sounds[sound] for sound in near if sound.startswith(pinyin)]


def sound(word: str) -> str:
    """Return how a Han word is read, in letters without tones."""
    from pypinyin.constants import PHRASES_DICT

    # By its tables: what the library makes of whole texts takes twenty times as long.
    read = PHRASES_DICT.get(word)
    if read is not None:
        return "".join(_plain(syllables[0]) for syllables in read)
    return "".join(map(_sound_of_sign, word))


@cache
def _sound_of_sign(sign: str) -> str:
    from pypinyin.constants import PINYIN_DICT

    return _plain(PINYIN_DICT.get(ord(sign), sign).partition(",")[0])


def _plain(syllable: str) -> str:
    """Return a syllable without its tone; ü is written v, as it is typed."""
    bare = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


def _patterns(word: str) -> Iterator[str]:
    for at in range(len(word)):
        yield f"{word[:at]}*{word[at + 1 :]}"


@lru_cache(maxsize=1)
def speller(index: PassageIndex) -> Speller:
    """Return the speller of an index, made once."""
    words = index.lexical.words("", MOST_WORDS)
    return Speller([word for word in words if _HAN.fullmatch(word)])
