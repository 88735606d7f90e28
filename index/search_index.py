"""The search index: word and vector indexes that agree, published together by generation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from index import generations
from index.checksums import NOTHING, checksums
from index.dense import DenseWriter, FaissIndex
from index.embed.kept import KeptVectors
from index.errors import IndexDamaged
from index.fuse import POOL, fuse
from index.lexical import TantivyIndex
from index.lexical_writer import CHANGING_FILES, LexicalWriter
from index.manifest import REBUILD, Manifest, read_manifest
from index.rerank import READ, Reranker, WordEncoder, load_reranker, passage_ids
from index.segment import bigrams
from index.simplify import simplified
from index.synonyms import Synonyms, load_synonyms
from index.types import (
    Allowed,
    BatchEncoder,
    Encoder,
    Entry,
    Keys,
    Mode,
    Scope,
    Scored,
    Segmenter,
    Vectors,
)
from index.windows import simplified_entry, window_texts

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

    takes_scopes = False

    def __init__(self, root: Path, manifest: Manifest, encoder: Encoder, segmenter: Segmenter):
        folder = generations.folder_of(root, manifest.generation)
        self.manifest = manifest
        self.lexical = TantivyIndex(folder / LEXICAL, segmenter, _shipped_synonyms())
        self.dense = FaissIndex(folder / DENSE)
        self._root = root
        self._encoder = encoder
        self.reranker: Reranker | None = load_reranker(encoder)
        if len(self.lexical) != manifest.count:
            raise IndexDamaged(
                f"the word index in {folder} holds {len(self.lexical)} passages, and its manifest "
                f"says {manifest.count}: {REBUILD}"
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
        return self.dense.keys()

    def use_synonyms(self, synonyms: Synonyms) -> None:
        """Look for other names of things by these instead of the shipped ones."""
        self.lexical.synonyms = synonyms

    def is_stale(self) -> bool:
        """Tell whether another generation has been published since this one was opened."""
        return generations.current(self._root) != self.manifest.generation

    def search(
        self, query: str, k: int, mode: Mode = "hybrid", allowed: Allowed = None
    ) -> list[Scored]:
        """Return at most `k` keys, best first; only from the keys that are `allowed`, when given.

        A query without words, of any length or content, finds nothing; it never raises.
        """
        if k < 1:
            return []
        if isinstance(allowed, Scope):
            raise TypeError("this index knows no facts of passages: give it keys")
        query = simplified(query)
        if mode == "lexical":
            return [
                Scored(key, share, lexical=share)
                for key, share in self.lexical.search(query, k, allowed)
            ]
        query = self.lexical.known_wording(query)
        vector = self._vector(query)
        if mode == "dense":
            return [
                Scored(key, cosine, dense=cosine)
                for key, cosine in self.dense.search(vector, k, allowed)
            ]
        return self._hybrid(query, vector, k, allowed)

    def _vector(self, query: str) -> Vectors:
        """Encode a query; one without a word is nothing, whatever a model makes of it."""
        if not bigrams(query):
            return np.zeros(self._encoder.spec.dimension, np.float32)
        vector: Vectors = self._encoder.encode_queries([query])[0]
        return vector

    def _hybrid(self, query: str, vector: Vectors, k: int, allowed: Keys | None) -> list[Scored]:
        """Fuse the best of both sides, each candidate scored by both, and read the first again."""
        pool = max(POOL, k)
        wanted = self.lexical.wanted(query)
        found = self.lexical.find(wanted, pool, allowed)
        vectors = dict(self.dense.search(vector, pool, allowed))
        others = self.lexical.look_up(_missing(vectors, found.shares), wanted)
        words = found.shares | others.shares
        addresses = found.addresses | others.addresses
        vectors |= self.dense.scores(vector, _missing(words, vectors))
        citing = self.lexical.citing(addresses)
        if self.reranker is None:
            return fuse(words, vectors, k, citing)
        hits = fuse(words, vectors, max(k, READ), citing)
        first = {hit.key: addresses[hit.key] for hit in hits[:READ] if hit.key in addresses}
        read = self.lexical.word_ids(first)
        return self.reranker.rerank(query, hits, read, partial(self.lexical.idf, "words"))[:k]


@cache
def _shipped_synonyms() -> Synonyms:
    return load_synonyms()


def _missing(found: Mapping[int, float], other: Mapping[int, float]) -> Keys:
    return np.array([key for key in found if key not in other], np.int64)


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
        # What is not made of words is slow: a stop must not cost what was encoded.
        kept = None if isinstance(encoder, WordEncoder) else KeptVectors(encoder, root)
        with LexicalWriter(lexical, segmenter) as words:
            count = _change(words, dense, encoder, add, remove, on_progress, kept)
        dense.save(folder / DENSE)
        # FAISS says nothing where the disk is full at last: what cannot be read is not published.
        FaissIndex(folder / DENSE)
        manifest = Manifest(
            generation=generation,
            revision=revision,
            count=count,
            encoder=encoder.spec,
            segmenter=segmenter.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            files=generations.sizes(folder),
            checksums=checksums(folder, source, _known(source)),
        )
        manifest.write(folder)
        generations.publish(root, folder, generation)
    if kept is not None:
        kept.forget()
    return SearchIndex(root, manifest, encoder, segmenter)


def _known(source: Path | None) -> Mapping[str, int]:
    return NOTHING if source is None else read_manifest(source).checksums


def _change(
    words: LexicalWriter,
    dense: DenseWriter,
    encoder: Encoder,
    add: Iterable[Entry],
    remove: Collection[int],
    on_progress: Progress | None,
    kept: KeptVectors | None,
) -> int:
    """Apply removals and additions to both indexes; return how many passages they then hold."""
    count = len(dense.keys())

    def drop(keys: Collection[int]) -> int:
        gone = dense.holding(keys)
        dense.remove(gone)
        for key in gone:
            words.remove(key)
        return len(gone)

    count -= drop(remove)
    done = 0
    for batch in _batches(add, encoder):
        count += len(batch) - drop(batch.keys())
        _add_words(words, encoder, list(batch.values()))
        keys, texts = window_texts(batch.values())
        dense.add(keys, (kept or encoder).encode_passages(texts))
        done += len(batch)
        if on_progress is not None:
            on_progress(done)
    return count


def _add_words(words: LexicalWriter, encoder: Encoder, entries: list[Entry]) -> None:
    if not isinstance(encoder, WordEncoder):
        for entry in entries:
            words.add(entry)
        return
    for entry, ids in zip(entries, passage_ids(encoder, entries), strict=True):
        words.add(entry, ids)


def _batches(entries: Iterable[Entry], encoder: Encoder) -> Iterator[dict[int, Entry]]:
    """Yield entries by key, as many as are encoded at a time; the last one of a key counts."""
    remaining = map(simplified_entry, entries)

    def some() -> Iterator[Entry]:
        return islice(remaining, encoder.at_once if isinstance(encoder, BatchEncoder) else BATCH)

    while batch := {entry.key: entry for entry in some()}:
        yield batch
