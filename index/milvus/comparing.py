"""Compare what an index in Milvus holds with what it should hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.checks import Checked, Problem, differences
from index.errors import SearchIndexError
from index.milvus.place import MilvusPlace
from index.milvus.rows import RowMaker
from index.milvus.writer import fetched
from index.types import Encoder, Entry, Keys, Segmenter, Vectors

REPAIR = "run `policykb verify --repair`"
# A cosine between the vector kept of a passage and the one made of it now, above which both are of
# one encoder; half precision costs less than 0.0001.
SAME = 0.999


def compare(
    place: MilvusPlace,
    encoder: Encoder,
    segmenter: Segmenter,
    expected: Keys,
    sample: Sequence[Entry] = (),
) -> Checked:
    """Compare the keys with the `expected` ones, and the rows of a `sample` with their entries.

    What cannot be opened or reached is a problem, too, under its error's code.
    """
    try:
        index = place.open(encoder, segmenter)
        keys = index.keys()
        problems = [
            *differences("lexical", "index engine", keys, expected, REPAIR),
            *_altered(place, encoder, segmenter, sample),
        ]
        counted = index.lexical.statistics.passages
    except SearchIndexError as error:
        return Checked(0, 0, (Problem(error.code, str(error)),))
    if counted != len(keys):
        problems.append(
            Problem(
                "index-counts",
                f"words were counted in {counted} passages, and the index holds {len(keys)}: "
                f"{REPAIR}",
            )
        )
    return Checked(len(keys), len(keys), tuple(problems))


def altered_keys(
    place: MilvusPlace, encoder: Encoder, segmenter: Segmenter, sample: Sequence[Entry]
) -> list[int]:
    """Return the keys of a sample whose words or vectors are not what their entries give."""
    index = place.open(encoder, segmenter)
    collection = place.collection(index.manifest.generation)
    made = {one.key: one for one in RowMaker(encoder, segmenter).made(sample, 0)}
    there = fetched(place.engine, collection, list(made), "Strong")
    vectors = _vectors(place, collection, [row for one in there.values() for row in one.rows])
    wrong = []
    for key, one in there.items():
        rows = {row["row"]: row["vector"] for row in made[key].rows}
        same = set(rows) == set(one.rows) and one.counted() == made[key].counted
        if not same or any(_differ(rows[row], vectors[row]) for row in rows):
            wrong.append(key)
    return wrong


def _altered(
    place: MilvusPlace, encoder: Encoder, segmenter: Segmenter, sample: Sequence[Entry]
) -> list[Problem]:
    wrong = altered_keys(place, encoder, segmenter, sample) if sample else []
    if not wrong:
        return []
    message = f"{len(wrong)} of {len(sample)} passages looked at, such as {wrong[0]}, are indexed"
    return [Problem("index-differs", f"{message} otherwise than they are stored: {REPAIR}")]


def _vectors(place: MilvusPlace, collection: str, rows: Sequence[int]) -> dict[int, Vectors]:
    found = place.engine.read(
        "get",
        collection_name=collection,
        ids=list(rows),
        output_fields=["row", "vector"],
        consistency_level="Strong",
    )
    return {row["row"]: np.asarray(row["vector"], np.float32) for row in found}


def _differ(made: Vectors, kept: Vectors) -> bool:
    if not made.any():
        return bool(kept.any())
    return float(made.astype(np.float32) @ kept) < SAME
