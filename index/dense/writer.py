"""Change a vector index: add rows in a segment of their own, mark removed ones, merge."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.dense import faiss_files, merging
from index.dense.faiss_files import Codes, Rows
from index.dense.merging import Size, joined
from index.dense.reader import open_segments
from index.dense.segment import DEAD, KEYS, PLACES, VECTORS, DenseSegment
from index.generations import link
from index.types import Keys, Vectors


class DenseWriter:
    """Adds and removes vectors, and saves them as a folder.

    Starts from the folder `source` when given, which is left as it is. What is added is held in
    memory until it is saved.
    """

    def __init__(self, dimension: int, source: Path | None = None) -> None:
        self._dimension = dimension
        self._segments = [] if source is None else open_segments(source)
        self._added: list[tuple[Keys, Codes]] = []
        self._added_keys: set[int] = set()
        self._marked: set[int] = set()

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Add vectors of shape (len(keys), dimension); a key may come several times.

        A key must not be in the index under other vectors: `remove` it before.
        """
        if len(keys):
            self._added.append((keys, vectors.astype(np.float16)))
            self._added_keys.update(keys.tolist())

    def remove(self, keys: Collection[int]) -> None:
        """Remove the vectors of keys; those that are absent are passed over."""
        gone = np.unique(np.fromiter(keys, np.int64, len(keys)))
        for at, segment in enumerate(self._segments):
            rows = segment.rows_of(gone)[0]
            if len(rows):
                if segment.dead is None:
                    segment.dead = np.zeros(len(segment), np.bool_)
                segment.dead[rows] = True
                segment.__dict__.pop("live", None)
                self._marked.add(at)
        again = self._added_keys.intersection(gone.tolist())
        if again:
            self._added_keys -= again
            self._added = [_without(part, gone) for part in self._added]

    def holding(self, keys: Collection[int]) -> set[int]:
        """Return those of `keys` that are in the index."""
        wanted = np.unique(np.fromiter(keys, np.int64, len(keys)))
        held = self._added_keys.intersection(wanted.tolist())
        for segment in self._segments:
            held.update(wanted[np.unique(segment.rows_of(wanted)[1])].tolist())
        return held

    def keys(self) -> Keys:
        """Return every key added and not removed once, ascending."""
        added = np.fromiter(self._added_keys, np.int64, len(self._added_keys))
        return np.sort(np.concatenate([added, *(one.live_keys() for one in self._segments)]))

    def save(self, folder: Path) -> None:
        """Write a new folder; segments that do not change are hard-linked."""
        rows = sum(len(keys) for keys, _ in self._added)
        sizes = [Size(len(one), one.live, one.inverted) for one in self._segments]
        again = joined(sizes, rows)
        folder.mkdir()
        with faiss_files.failure_in(folder):
            for at, segment in enumerate(self._segments):
                if at not in again:
                    _keep(segment, folder / segment.folder.name, at in self._marked)
            self._write(folder / self._next_name(), [self._segments[at] for at in sorted(again)])

    def _next_name(self) -> str:
        return f"{1 + max((int(one.folder.name) for one in self._segments), default=0):08d}"

    def _write(self, folder: Path, merged: Sequence[DenseSegment]) -> None:
        """Write what was added and what is merged with it as one segment, if it is anything."""
        centres = _reusable(merged)
        lists: Rows | None = None
        parts = [(one.keys[rows], one.codes(rows)) for one in merged for rows in [_live_rows(one)]]
        parts += self._added
        self._added = []
        keys = np.concatenate([np.empty(0, np.int64), *(keys for keys, _ in parts)])
        if len(keys) == 0:
            return
        codes = np.concatenate([codes for _, codes in parts])
        del parts
        if len(keys) > merging.LARGEST_EXACT:
            lists = _lists(merged, centres, codes) if _fits(centres, len(keys)) else None
        keys, codes, lists = _by_key(keys, codes, lists)
        folder.mkdir()
        np.save(folder / KEYS, keys)
        if len(keys) <= merging.LARGEST_EXACT:
            faiss_files.write(faiss_files.exact(codes), folder / VECTORS)
            return
        index = faiss_files.train(codes) if lists is None else faiss_files.like(centres)
        if lists is None:
            lists = faiss_files.nearest_lists(index, codes)
        faiss_files.fill(index, codes, lists)
        del codes
        faiss_files.write(index, folder / VECTORS)
        np.save(folder / PLACES, faiss_files.places_of(faiss_files.read_mapped(folder / VECTORS)))


def _without(part: tuple[Keys, Codes], gone: Keys) -> tuple[Keys, Codes]:
    keys, codes = part
    kept = ~np.isin(keys, gone)
    return (keys, codes) if kept.all() else (keys[kept], codes[kept])


def _live_rows(segment: DenseSegment) -> Rows:
    return np.arange(len(segment)) if segment.dead is None else np.flatnonzero(~segment.dead)


def _reusable(merged: Sequence[DenseSegment]) -> Any:
    """Return the largest of the inverted lists, None where all segments are exact."""
    inverted = [one for one in merged if one.inverted]
    return max(inverted, key=len).raw if inverted else None


def _fits(centres: Any, rows: int) -> bool:
    """Tell whether centres serve so many rows.

    Lists twice as long as the rule asks cost more time than training them anew once.
    """
    return centres is not None and faiss_files.list_count(rows) < 2 * centres.nlist


def _lists(merged: Sequence[DenseSegment], centres: Any, codes: Codes) -> Rows:
    """Return the list of every row; of those that were in one of these centres, the same."""
    parts = []
    start = 0
    for segment in merged:
        rows = _live_rows(segment)
        if segment.raw is centres:
            parts.append(faiss_files.lists_of_rows(segment.raw)[rows])
        else:
            parts.append(faiss_files.nearest_lists(centres, codes[start : start + len(rows)]))
        start += len(rows)
    return np.concatenate([*parts, faiss_files.nearest_lists(centres, codes[start:])])


def _by_key(keys: Keys, codes: Codes, lists: Rows | None) -> tuple[Keys, Codes, Rows | None]:
    if np.all(keys[1:] >= keys[:-1]):
        return keys, codes, lists
    order = np.argsort(keys, kind="stable")
    return keys[order], codes[order], None if lists is None else lists[order]


def _keep(segment: DenseSegment, folder: Path, marked: bool) -> None:
    """Link a segment's files into a new folder, with its own list of what is dead."""
    folder.mkdir()
    for path in segment.folder.iterdir():
        if path.name != DEAD or not marked:
            link(path, folder / path.name)
    if marked and segment.dead is not None:
        np.save(folder / DEAD, np.packbits(segment.dead))
