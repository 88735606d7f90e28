"""What to say of a query whose words no document has, and when nothing can be found by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from index.rerank import WordEncoder
from index.segment import bigrams, load_segmenter
from index.simplify import simplified
from index.synonyms import fold
from index.terms import question_words

if TYPE_CHECKING:
    from index import Encoder, PassageIndex
    from kb.types import Hit

UNWORDED = "没有文献含有这些词，以下是意思最近的段落。"
_HAN = re.compile(r"[\u3400-\u9fff]")


def words_of(query: str) -> tuple[str, ...]:
    """Return the words a query is about, parts of words too; those it asks with if no others.

    A sign that is left over of a stretch of others is no word of its own.
    """
    words = tuple(dict.fromkeys(load_segmenter().words(simplified(query))))
    asked = tuple(word for word in words if word not in question_words())
    alone = bigrams(query)
    whole = tuple(word for word in asked if len(word) > 1 or word in alone)
    return whole or asked or words


def are_indexed(words: Sequence[str], query: str, index: PassageIndex) -> bool:
    """Tell whether passages have one of the words, or of other names of what the query names."""
    named = index.lexical.synonyms.in_query(fold(query))
    others = [word for name in named for other in name.others for word in words_of(other)]
    return any(index.lexical.idf("words", word) for word in (*words, *others))


def have_meaning(words: Sequence[str], encoder: Encoder) -> bool:
    """Tell whether an encoder knows one of the words.

    One made of words has letters for what it does not know, and those mean nothing. Any other is
    taken to make sense of whatever it is given.
    """
    if not isinstance(encoder, WordEncoder):
        return bool(words)
    known = encoder.words_by_id(" ".join(words)).values()
    return any(word in words or _HAN.search(word) for word in known)


def are_shown(words: Sequence[str], hits: Sequence[Hit]) -> bool:
    """Tell whether a hit has one of the words, if only as a part of another word."""
    texts = (fold("\n".join((hit.title, *hit.heading_path, hit.text))) for hit in hits)
    return any(word in text for text in texts for word in words)
