"""Keep the index in step with the store: open, catch up, rebuild.

The store is the truth and the index is made from it, so an index that is missing, damaged or
behind is no loss: it is brought back from the store, and a key the store no longer has is dropped
where passages are read.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np

from index import (
    Encoder,
    Entry,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    Manifest,
    PassageIndex,
    SearchIndex,
    SearchIndexError,
    Segmenter,
    load_segmenter,
)
from index.checks import Checked, check_index
from index.cross import PairReader
from index.generations import folder_of, require_current
from index.manifest import read_manifest
from index.synonyms import Synonyms, read_synonyms
from ingest.errors import ExecutorUnavailable
from kb.config import Settings
from kb.encoding.encoder import ClusterEncoder
from kb.errors import HomeLocked, HomeProblem, IndexProblem
from kb.locking import WriterLock
from kb.models import DEFAULT_RERANKER, load_configured, load_pair_reader
from kb.own_files import SYNONYMS, OwnFiles
from kb.records import IndexedText
from kb.store.protocol import Keys, StoreReader

logger = logging.getLogger(__name__)

FOLDER = "index"
# Seconds after which a search tries again to bring the index up to date, where that failed.
RETRY_AFTER = 30.0

OnIndexed = Callable[[int], None]
# By what a publication fails that is only put off.
PUT_OFF = (SearchIndexError, ExecutorUnavailable, OSError)


class IndexKeeper:
    """The index of one home, its encoder and segmenter, each loaded when first asked for."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        store: StoreReader,
        lock: WriterLock,
        *,
        own_files: OwnFiles,
        read_only: bool = False,
    ) -> None:
        self._home = home
        self._own_files = own_files
        self._root = home / FOLDER
        self._settings = settings
        self._store = store
        self._lock = lock
        self._read_only = read_only
        self._index: PassageIndex | None = None
        # Held while an index is opened, never while one is made.
        self._guard = threading.Lock()
        self._failed: float | None = None
        self._synonyms: tuple[Hashable, Synonyms] | None = None

    @property
    def store(self) -> StoreReader:
        """The documents, clauses and passages."""
        return self._store

    @cached_property
    def encoder(self) -> Encoder:
        """The encoder the settings name."""
        return load_configured(self._home, self._settings)

    @cached_property
    def passage_encoder(self) -> Encoder:
        """What encodes passages that are published: the encoder, or a cluster with its model."""
        from kb.encoding.choice import passage_encoder

        return passage_encoder(self.encoder, self._settings)

    @contextmanager
    def _encoding(self, *, hurry: bool = False) -> Iterator[Encoder]:
        """Give what encodes passages for a publication; `hurry` where a search waits for it."""
        encoder = self.passage_encoder
        if not isinstance(encoder, ClusterEncoder):
            yield encoder
            return
        with encoder.publication(hurry=hurry):
            yield encoder

    @cached_property
    def pair_reader(self) -> PairReader | None:
        """The cross-encoder the settings name, None where they name none."""
        return load_pair_reader(self._settings)

    @property
    def reads_again(self) -> bool:
        """Whether the reranker that ships with the encoder is to be used."""
        return self._settings.reranker == DEFAULT_RERANKER

    def close(self) -> None:
        """Let go of the index and of what was loaded for it; what is asked for is loaded again."""
        with self._guard:
            self._index = None
        cluster = self.__dict__.get("passage_encoder")
        if isinstance(cluster, ClusterEncoder):
            cluster.close()
        for name in ("encoder", "passage_encoder", "pair_reader", "segmenter"):
            self.__dict__.pop(name, None)

    @property
    def refuse_below(self) -> float:
        """The evidence below which a question is refused, as the settings have it."""
        return self._settings.refuse_below

    @cached_property
    def segmenter(self) -> Segmenter:
        """The segmenter the settings name."""
        return load_segmenter(self._settings.segmenter)

    @property
    def index(self) -> PassageIndex | None:
        """The newest index, brought up to date where possible; None where nothing is indexed.

        Never waits for a writer while there is an index of before to answer from. Raises
        IndexMismatch when another encoder or segmenter made it.
        """
        if self._lock.check is not None:
            # The index of a backup that took this home's place must not meet the store of before.
            self._lock.check()
        index = self._newest()
        if self._is_behind(index) and not self._read_only:
            index = self._catch_up(index)
        if index is not None:
            index.use_synonyms(self.synonyms)
            if not self.reads_again:
                index.reranker = None
        return index

    def _newest(self) -> PassageIndex | None:
        with self._guard:
            if self._index is None or self._index.is_stale():
                self._index = self._opened()
            return self._index

    def _is_behind(self, index: PassageIndex | None) -> bool:
        return index is None or index.manifest.revision != self._store.revision()

    @property
    def synonyms(self) -> Synonyms:
        """The shipped names of things and those of a file of one's own, read again when it changes.

        Raises HomeProblem for a file that is not as it should be.
        """
        mark = self._own_files.mark(SYNONYMS)
        if self._synonyms is None or self._synonyms[0] != mark:
            data = self._own_files.data(SYNONYMS)
            try:
                own = () if data is None else ((SYNONYMS, data),)
                self._synonyms = mark, read_synonyms(*own)
            except ValueError as error:
                where = self._own_files.place()
                raise HomeProblem(f"{where}: {error}", code="synonyms") from error
        return self._synonyms[1]

    def manifest(self) -> Manifest | None:
        """Return what the published index says of itself; None without one of this format."""
        try:
            return read_manifest(folder_of(self._root, require_current(self._root)))
        except (IndexMissing, IndexOutdated):
            return None

    def indexed_revision(self) -> int:
        """Return the revision that is searched, 0 where nothing is or the index cannot be read."""
        try:
            manifest = self.manifest()
        except (SearchIndexError, OSError):
            return 0
        return 0 if manifest is None else manifest.revision

    def check(self) -> None:
        """Open the index now, so that one that cannot be used is found before any work is done.

        Makes an empty one where there is none: a first run can then be searched on its way. The
        caller holds the writer's lock.
        """
        if self.index is None:
            self.publish()

    def open_as_is(self) -> PassageIndex:
        """Open the published index without bringing it up to date, as SearchIndex.open raises."""
        return SearchIndex.open(self._root, self.encoder, self.segmenter)

    def checked(self, expected: Keys) -> Checked:
        """Compare the published index, as it is, with the passages it should hold."""
        revision = self._store.revision()
        return check_index(self._root, self.encoder, self.segmenter, expected, revision)

    def publish(self, on_indexed: OnIndexed | None = None, *, hurry: bool = False) -> None:
        """Publish what the store has changed; the caller holds the writer's lock.

        Meanwhile the index of before goes on answering. `hurry` where a search waits for it.
        """
        with self._encoding(hurry=hurry) as encoder:
            self._publish(encoder, on_indexed)

    def _publish(self, encoder: Encoder, on_indexed: OnIndexed | None) -> None:
        revision = self._store.revision()
        index = self._opened(quietly=True)
        if index is None or index.manifest.revision > revision:
            # A store put back to an earlier state gives its keys out again.
            self.rebuild(on_indexed)
            return
        if index.manifest.revision != revision:
            ours, theirs = self._store.keys(), index.keys()
            add = np.setdiff1d(ours, theirs, assume_unique=True)
            add = np.union1d(add, self._store.keys_renewed(index.manifest.revision))
            index = SearchIndex.publish(
                self._root,
                encoder,
                self.segmenter,
                add=map(_entry, self._store.entries(add.tolist())),
                remove=np.setdiff1d(theirs, ours, assume_unique=True).tolist(),
                revision=revision,
                on_progress=on_indexed,
            )
        with self._guard:
            self._index = index

    def publish_if_possible(self) -> None:
        """Publish, or say why not; what is no longer in the store answers no more either way."""
        try:
            self.publish()
        except PUT_OFF as error:
            logger.warning("the index could not be brought up to date: %s", error)

    def rebuild(self, on_indexed: OnIndexed | None = None) -> int:
        """Make the index anew from the store; the caller holds the writer's lock."""
        with self._encoding() as encoder:
            index = SearchIndex.rebuild(
                self._root,
                encoder,
                self.segmenter,
                self._entries(),
                self._store.revision(),
                on_indexed,
            )
        with self._guard:
            self._index = index
        return len(index)

    def follow(self) -> bool:
        """Let an index elsewhere take on what waits; one of this home is seen to by searches."""
        return True

    def mend(self) -> str:
        """Put the index right where it is not what the store says; return what was done."""
        count = self.rebuild()
        return f"made the index anew from the {count} passages stored"

    def waiting(self) -> int:
        """Return how many changes the index has yet to take in, as far as they are counted."""
        return 0

    def _opened(self, *, quietly: bool = False) -> PassageIndex | None:
        try:
            return self.open_as_is()
        except (IndexMissing, IndexDamaged, IndexOutdated) as error:
            count = len(self._store.keys())
            if self._read_only and count:
                raise IndexProblem(f"{error}: it is opened for reading only") from error
            if count and not quietly:
                logger.warning(
                    "%s; rebuilding it from the %d passages stored", what_is_wrong(error), count
                )
            return None

    def _catch_up(self, index: PassageIndex | None) -> PassageIndex | None:
        """Publish what is missing unless somebody is at it; return the index to answer from."""
        revision = self._store.revision()
        if index is None:
            if revision == 0:
                return None
            with self._lock.held(patience=self._lock.patience):
                self.publish(hurry=True)
        elif self._failed is None or time.monotonic() > self._failed + RETRY_AFTER:
            try:
                with self._lock.held(patience=0.0):
                    self.publish(hurry=True)
                self._failed = None
            except HomeLocked:
                # Whoever holds the lock will publish.
                return self._index
            except PUT_OFF as error:
                self._failed = time.monotonic()
                logger.warning("what is newer than the index is not searched: %s", error)
        return self._index

    def _entries(self) -> Iterator[Entry]:
        return map(_entry, self._store.entries())


def what_is_wrong(error: Exception) -> str:
    """Return what is told of an index that could not be opened."""
    if isinstance(error, IndexOutdated):
        return "an older version of policykb made the index"
    return "the index is damaged" if isinstance(error, IndexDamaged) else "there is no index"


def _entry(record: IndexedText) -> Entry:
    return Entry(record.key, record.text, record.title, record.headings)
