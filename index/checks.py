"""Compare what an index holds with what it should hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.errors import SearchIndexError
from index.generations import folder_of
from index.manifest import REBUILD
from index.search_index import SearchIndex
from index.types import Encoder, Keys, Segmenter

# How many keys a problem names.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One disagreement, with a stable code; rebuilding the index mends every one of them."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """How many keys each side holds, and what is wrong."""

    lexical: int
    dense: int
    problems: tuple[Problem, ...]


def check_index(
    root: Path, encoder: Encoder, segmenter: Segmenter, expected: Keys, revision: int | None = None
) -> Checked:
    """Open the index and compare both of its sides with the `expected` keys.

    With `revision`, also report an index published at another one. An index that cannot be
    opened is a problem too, under its error's code.
    """
    try:
        index = SearchIndex.open(root, encoder, segmenter)
    except SearchIndexError as error:
        return Checked(0, 0, (Problem(error.code, str(error)),))
    words, vectors = index.lexical.keys(), index.dense.keys()
    folder = folder_of(root, index.manifest.generation)
    problems = [
        *(
            Problem("index-decayed", f"{folder / name} is not what was published: {REBUILD}")
            for name in index.manifest.decayed(folder)
        ),
        *differences("lexical", "word index", words, expected),
        *differences("dense", "vector index", vectors, expected),
    ]
    if revision is not None and index.manifest.revision != revision:
        problems.append(
            Problem(
                "index-stale",
                f"the index was published at revision {index.manifest.revision}, and the store "
                f"is at {revision}: {REBUILD}",
            )
        )
    return Checked(len(words), len(vectors), tuple(problems))


def differences(
    code: str, name: str, held: Keys, expected: Keys, remedy: str = REBUILD
) -> list[Problem]:
    """Report keys held several times, missing and left over; `held` is ascending."""
    expected = np.unique(expected)
    once = np.unique(held)
    repeated = once[np.searchsorted(held, once, "right") - np.searchsorted(held, once, "left") > 1]
    found = (
        ("repeated", "holds twice", repeated),
        ("missing", "lacks", np.setdiff1d(expected, once)),
        ("unknown", "still holds", np.setdiff1d(once, expected)),
    )
    return [
        Problem(f"{code}-{kind}", f"the {name} {says} {_named(keys)}: {remedy}")
        for kind, says, keys in found
        if len(keys)
    ]


def _named(keys: Keys) -> str:
    shown = ", ".join(str(key) for key in keys[:NAMED])
    more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
    return f"passage {shown}{more}" if len(keys) == 1 else f"passages {shown}{more}"
