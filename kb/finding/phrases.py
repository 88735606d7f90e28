"""Passages that hold words exactly as they are quoted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from index.simplify import simplified
from kb.records import PassageRecord
from kb.store.protocol import StoreReader

if TYPE_CHECKING:
    from index import PassageIndex
    from index.types import Allowed
    from kb.store.protocol import Keys

# Passages whose text is looked at, those that may hold the words best first.
MOST_READ = 2000
_SPACE = re.compile(r"\s+")


def holding(
    phrases: Sequence[str], index: PassageIndex, store: StoreReader, allowed: Allowed
) -> Keys:
    """Return the keys of passages that hold every phrase, in their text, title or headings.

    White space, width and script of the characters do not count.
    """
    sought = [plain(phrase) for phrase in phrases]
    keys = index.lexical.holding(" ".join(phrases), MOST_READ, allowed)
    passages = store.passages_by_key(keys.tolist(), index.manifest.revision)
    found = [key for key, one in passages.items() if all(_holds(one, part) for part in sought)]
    return np.array(sorted(found), np.int64)


def _holds(passage: PassageRecord, phrase: str) -> bool:
    parts = (passage.text, passage.title, *passage.heading_path)
    return any(phrase in plain(part) for part in parts)


def plain(text: str) -> str:
    """Return the text as phrases are compared."""
    return _SPACE.sub("", simplified(unicodedata.normalize("NFKC", text))).lower()
