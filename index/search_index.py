"""The search index: word and vector indexes that agree, published together by generation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from index import generations
from index.dense import DenseWriter, FaissIndex
from index.errors import IndexDamaged
from index.fuse import POOL, fuse
from index.lexical import CHANGING_FILES, LexicalWriter, TantivyIndex
from index.manifest import REBUILD, Manifest, read_manifest
from index.types import Encoder, Entry, Keys, Mode, Scored, Segmenter

LEXICAL = "lexical"
DENSE = "dense"
# Passages encoded at a time.
BATCH = 1024
# How often a publication may overtake an opening before it is taken for damage.
ATTEMPTS = 5

# Called with the number of passages indexed so far.
Progress: TypeAlias = Callable[[int], None]


class SearchIndex:
    """One generation, opened for searching; it stays whole while newer ones are published."""

    def __init__(self, root: Path, manifest: Manifest, encoder: Encoder, segmenter: Segmenter):
        folder = generations.folder_of(root, manifest.generation)
        self.manifest = manifest
        self.lexical = TantivyIndex(folder / LEXICAL, segmenter)
        self.dense = FaissIndex(folder / DENSE)
        self._root = root
        self._encoder = encoder
        for part, count in (("word", len(self.lexical)), ("vector", len(self.dense))):
            if count != manifest.count:
                raise IndexDamaged(
                    f"the {part} index in {folder} holds {count} passages, and its manifest says "
                    f"{manifest.count}: {REBUILD}"
                )

    @classmethod
    def open(cls, root: Path, encoder: Encoder, segmenter: Segmenter) -> SearchIndex:
        """Open the current generation.

        Raises IndexMissing where nothing was published, IndexMismatch when another encoder,
        segmenter or format made it, IndexDamaged when its files are missing or disagree.
        """
        for _ in range(ATTEMPTS):
            generation = generations.require_current(root)
            try:
                manifest = _checked_manifest(root, generation, encoder, segmenter)
                return cls(root, manifest, encoder, segmenter)
            except IndexDamaged:
                # Two publications since the pointer was read remove what it named.
                if generations.current(root) == generation:
                    raise
        raise IndexDamaged(f"the index in {root} changes faster than it opens: try again")

    @classmethod
    def publish(
        cls,
        root: Path,
        encoder: Encoder,
        segmenter: Segmenter,
        *,
        add: Iterable[Entry] = (),
        remove: Collection[int] = (),
        revision: int,
        on_progress: Progress | None = None,
    ) -> SearchIndex:
        """Publish a generation that is the current one without `remove` and with `add`.

        An entry replaces one of the same key. Files that do not change are hard-linked. Starts
        from nothing where nothing was published. The caller sees to it that only one process
        publishes at a time. Raises as `open` does, and SearchIndexError when a file cannot be
        written; the current generation stays as it was then.
        """
        generation = generations.current(root)
        if generation is not None:
            _checked_manifest(root, generation, encoder, segmenter)
            source = generations.folder_of(root, generation)
        else:
            source = None
        return _publish(root, source, encoder, segmenter, add, remove, revision, on_progress)

    @classmethod
    def rebuild(
        cls,
        root: Path,
        encoder: Encoder,
        segmenter: Segmenter,
        entries: Iterable[Entry],
        revision: int,
        on_progress: Progress | None = None,
    ) -> SearchIndex:
        """Publish a generation made of `entries` alone, whatever state the index is in."""
        return _publish(root, None, encoder, segmenter, entries, (), revision, on_progress)

    def __len__(self) -> int:
        return self.manifest.count

    def keys(self) -> Keys:
        """Return every key in the index, ascending."""
        return self.lexical.keys()

    def is_stale(self) -> bool:
        """Tell whether another generation has been published since this one was opened."""
        return generations.current(self._root) != self.manifest.generation

    def search(
        self, query: str, k: int, mode: Mode = "hybrid", allowed: Keys | None = None
    ) -> list[Scored]:
        """Return at most `k` keys, best first; only from `allowed` when given.

        A query without words, of any length or content, finds nothing; it never raises.
        """
        if k < 1:
            return []
        pool = k if mode != "hybrid" else max(POOL, k)
        words = self.lexical.search(query, pool, allowed) if mode != "dense" else []
        vectors = self._nearest(query, pool, allowed) if mode != "lexical" else []
        if mode == "lexical":
            return [Scored(key, score, lexical=score) for key, score in words]
        if mode == "dense":
            return [Scored(key, score, dense=score) for key, score in vectors]
        return fuse(words, vectors, k)

    def _nearest(self, query: str, k: int, allowed: Keys | None) -> list[tuple[int, float]]:
        return self.dense.search(self._encoder.encode_queries([query])[0], k, allowed)


def _checked_manifest(
    root: Path, generation: int, encoder: Encoder, segmenter: Segmenter
) -> Manifest:
    folder = generations.folder_of(root, generation)
    manifest = read_manifest(folder)
    manifest.check_fits(encoder.spec, segmenter.name)
    manifest.check_files(folder)
    return manifest


def _publish(
    root: Path,
    source: Path | None,
    encoder: Encoder,
    segmenter: Segmenter,
    add: Iterable[Entry],
    remove: Collection[int],
    revision: int,
    on_progress: Progress | None,
) -> SearchIndex:
    generation = generations.next_number(root)
    with generations.building(root) as folder:
        lexical = folder / LEXICAL
        if source is None:
            lexical.mkdir()
        else:
            generations.clone(source / LEXICAL, lexical, CHANGING_FILES)
        dense = DenseWriter(encoder.spec.dimension, source / DENSE if source else None)
        with LexicalWriter(lexical, segmenter) as words:
            count = _change(words, dense, encoder, add, remove, on_progress)
        dense.save(folder / DENSE)
        manifest = Manifest(
            generation=generation,
            revision=revision,
            count=count,
            encoder=encoder.spec,
            segmenter=segmenter.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=generations.sizes(folder),
        )
        manifest.write(folder)
        generations.publish(root, folder, generation)
    return SearchIndex(root, manifest, encoder, segmenter)


def _change(
    words: LexicalWriter,
    dense: DenseWriter,
    encoder: Encoder,
    add: Iterable[Entry],
    remove: Collection[int],
    on_progress: Progress | None,
) -> int:
    """Apply removals and additions to both indexes; return how many passages they then hold."""
    present = set(dense.keys().tolist())

    def drop(keys: Collection[int]) -> None:
        gone = present.intersection(keys)
        dense.remove(gone)
        for key in gone:
            words.remove(key)
        present.difference_update(gone)

    drop(remove)
    done = 0
    for batch in _batches(add):
        drop(batch.keys())
        for entry in batch.values():
            words.add(entry)
        vectors = encoder.encode_passages([passage_text(entry) for entry in batch.values()])
        dense.add(np.fromiter(batch, np.int64, len(batch)), vectors)
        present.update(batch)
        done += len(batch)
        if on_progress is not None:
            on_progress(done)
    return len(present)


def passage_text(entry: Entry) -> str:
    """Return what is encoded of a passage: where it stands, then what it says."""
    return "\n".join(part for part in (entry.title, entry.headings, entry.text) if part)


def _batches(entries: Iterable[Entry]) -> Iterator[dict[int, Entry]]:
    """Yield entries by key, `BATCH` at a time; the last one of a key counts."""
    remaining = iter(entries)
    while batch := {entry.key: entry for entry in islice(remaining, BATCH)}:
        yield batch
