"""Keep an index outside the home in step with the store, whoever writes and wherever.

The store commits first, and with it what the index has yet to take in (the outbox). Whoever is at
hand takes it on: a run that adds files now and then and at its end, a search in the background, a
command of care. An index engine that does not answer delays that and stops nothing else.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from index import (
    Encoder,
    Entry,
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    IndexUnreachable,
    Manifest,
    PassageIndex,
    SearchIndexError,
)
from index.checks import Checked, Problem
from index.milvus import MilvusIndex, MilvusPlace, altered_keys, compare
from index.types import Facts
from kb.config import Settings
from kb.errors import HomeLocked
from kb.indexing import PUT_OFF, IndexKeeper, OnIndexed, what_is_wrong
from kb.locking import WriterLock
from kb.own_files import OwnFiles
from kb.store.base import chunks
from kb.store.outbox import StoreOutbox
from kb.store.protocol import Change, IndexedFacts, Keys
from kb.store.writing import SqlStore

logger = logging.getLogger(__name__)

# Changes taken on at a time; a document has 20 to 200 passages.
BATCH = 2_000
# Changes that a search takes on before it answers, in a tenth of a second; more, beside it.
FEW = 200
# Passages of which verify looks at the words and vectors themselves.
SAMPLE = 50
# Seconds after which it is tried again to let the index take on what waits, where that failed: the
# engine is asked no oftener than its breaker lets through anyway.
RETRY_AFTER = 3.0
# Seconds to wait at the end for what is being published: the store's connections are needed for it.
CLOSING = 10.0
# Seconds to wait for another publisher, which takes on what is ours, too.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Taken:
    """Changes that are taken on together, and the last revision that is then all there."""

    changes: Sequence[Change]
    revision: int | None

    @property
    def keys(self) -> list[int]:
        """The passages concerned, once each."""
        return sorted({change.key for change in self.changes})


class OutsideKeeper(IndexKeeper):
    """The index that the setting `index` names."""

    def __init__(
        self,
        home: Path,
        settings: Settings,
        store: SqlStore,
        lock: WriterLock,
        *,
        own_files: OwnFiles,
        read_only: bool = False,
    ) -> None:
        super().__init__(home, settings, store, lock, own_files=own_files, read_only=read_only)
        self._outbox = StoreOutbox.of(store, home)
        self._background: threading.Thread | None = None
        # The first change that waited when it was last asked to follow.
        self._left: int | None = None

    @cached_property
    def place(self) -> MilvusPlace:
        """Where the index is; SearchIndexError for an address that is none."""
        return MilvusPlace(self._settings.index)

    def waiting(self) -> int:
        """Return how many changes of passages the index has yet to take in."""
        return self._outbox.waiting()

    def manifest(self) -> Manifest | None:
        """Return what the index says of itself; None without one of this format."""
        try:
            return self.place.manifest()
        except IndexOutdated:
            return None

    def indexed_revision(self) -> int:
        """Return the revision that is searched here, 0 where there is no index or no answer."""
        try:
            index = self._newest()
        except SearchIndexError:
            return 0
        return 0 if index is None else index.manifest.revision

    def check(self) -> None:
        """See that the index can be used, if it answers; make an empty one where there is none."""
        self._outbox.attach()
        try:
            if self._newest() is None:
                self.publish()
        except IndexUnreachable as error:
            logger.warning("%s; what is added now is searched once it answers", error)

    def open_as_is(self) -> MilvusIndex:
        """Open the index as it is, as MilvusPlace.open raises."""
        before = self._index if isinstance(self._index, MilvusIndex) else None
        return self.place.open(self.encoder, self.segmenter, before)

    def checked(self, expected: Keys) -> Checked:
        """Compare the index, as it is, with the passages it should hold and some of their text."""
        waiting = self.waiting()
        late = self._late(waiting)
        chosen = np.setdiff1d(expected, late)
        size = min(SAMPLE, len(chosen))
        sample = random.sample(chosen.tolist(), size)
        entries = list(self._entries_of(sample))
        found = compare(self.place, self.encoder, self.segmenter, expected, entries)
        if not waiting:
            return found
        told = f"{waiting} changes of passages wait for the index"
        problem = Problem("index-stale", f"{told}: run `policykb verify --repair`")
        return Checked(found.lexical, found.dense, (*found.problems, problem))

    def close(self) -> None:
        """Let go of the index and the engine, once what is being published is."""
        if self._background is not None:
            self._background.join(CLOSING)
        super().close()
        if "place" in vars(self):
            self.place.close()

    def publish(
        self,
        on_indexed: OnIndexed | None = None,
        *,
        patience: float = PATIENCE,
        hurry: bool = False,
    ) -> None:
        """Let the index take on what the store has changed, if it answers.

        Raises SearchIndexError kinds but IndexUnreachable, and ExecutorUnavailable: what waits is
        not lost.
        """
        self._outbox.attach()
        try:
            with self._outbox.publishing(patience), self._encoding(hurry=hurry) as encoder:
                self._take_on_all(encoder, on_indexed)
            self._failed = None
        except HomeLocked:
            # Not waited for again at once.
            self._failed = time.monotonic()
            logger.info("another process publishes: it takes on what was added here")
        except IndexUnreachable as error:
            self._failed = time.monotonic()
            logger.warning("%d changes of passages wait for the index: %s", self.waiting(), error)

    def follow(self) -> bool:
        """Let the index take on what has waited since this was asked before.

        Whoever has just written sees to the rest. False where that did not work.
        """
        waiting = self._first()
        left, self._left = self._left is not None and waiting == self._left, waiting
        if not left:
            return True
        self.publish(patience=0.0)
        return self._first() != waiting

    def _first(self) -> int | None:
        """Return the number of the first change that waits, None where none does."""
        found = self._outbox.pending(1)
        return found[0].number if found else None

    def rebuild(self, on_indexed: OnIndexed | None = None) -> int:
        """Make the index anew beside the one in use, which then gives way to it."""
        self._outbox.attach()
        with self._outbox.publishing(PATIENCE), self._encoding() as encoder:
            count = self._make_anew(encoder, on_indexed)
            self._take_on_all(encoder, None)
        return count

    def mend(self) -> str:
        """Write what the index lacks, remove what it should not hold; return what was done."""
        self._outbox.attach()
        with self._outbox.publishing(PATIENCE), self._encoding() as encoder:
            try:
                return self._mended(encoder)
            except (IndexMissing, IndexDamaged, IndexOutdated):
                count = self._make_anew(encoder, None)
                return f"made the index anew from the {count} passages stored"

    def _mended(self, encoder: Encoder) -> str:
        index = self.open_as_is()
        taken = self._take_on_all(encoder, None)
        ours, theirs = self._store.keys(), index.keys()
        missing = np.setdiff1d(ours, theirs)
        strays = np.setdiff1d(theirs, ours)
        both = np.intersect1d(ours, theirs)
        wrong: list[int] = []
        for keys in chunks(both.tolist()):
            entries = list(self._entries_of(keys))
            wrong += altered_keys(self.place, encoder, self.segmenter, entries)
        self.place.publish(
            encoder,
            self.segmenter,
            add=self._entries_of([*missing.tolist(), *wrong]),
            remove=strays.tolist(),
            revision=self._outbox.indexed(),
        )
        self.place.recount(self.encoder, self.segmenter)
        self._look_again()
        return (
            f"let the index take on {taken} changes that waited, "
            f"wrote {len(missing)} passages that the index lacked and {len(wrong)} that differed, "
            f"removed {len(strays)} that are not stored"
        )

    def _take_on_all(self, encoder: Encoder, on_indexed: OnIndexed | None) -> int:
        """Take on batch after batch until nothing waits; the caller is the one publisher.

        An index that is gone is made anew: what it had taken on before waits no more. Returns how
        many changes were taken on.
        """
        done = 0
        if self.manifest() is None:
            done = self._make_anew(encoder, on_indexed)
        while taken := self._next():
            keys = taken.keys
            there = {record.key for record in self._store.entries(keys)}

            def told(count: int, before: int = done) -> None:
                if on_indexed is not None:
                    on_indexed(before + count)

            before = self._outbox.indexed() if taken.revision is None else taken.revision
            self.place.publish(
                encoder,
                self.segmenter,
                add=self._entries_of(sorted(there)),
                remove=[key for key in keys if key not in there],
                revision=before,
                on_progress=told,
            )
            self._outbox.acknowledge(taken.changes[-1].number)
            done += len(keys)
        if done or self._index is None:
            self._look_again()
        return done

    def _make_anew(self, encoder: Encoder, on_indexed: OnIndexed | None) -> int:
        """Make the index of what is stored; what waited until now waits no more."""
        revision, newest = self._store.revision(), self._outbox.newest()
        count = self.place.rebuild(encoder, self.segmenter, self._entries(), revision, on_indexed)
        self._outbox.acknowledge(newest)
        self._look_again()
        return count

    def _next(self) -> Taken | None:
        """Return the next changes, those of one transaction together where any of them removes.

        So a new version takes the place of the one before at once.
        """
        limit = BATCH
        while True:
            changes = self._outbox.pending(limit)
            if not changes:
                return None
            if len(changes) < limit:
                return Taken(changes, changes[-1].revision)
            last = changes[-1].revision
            whole = [change for change in changes if change.revision != last]
            if whole:
                return Taken(whole, whole[-1].revision)
            if all(change.kind == "upsert" for change in changes):
                return Taken(changes, None)
            limit *= 4

    def _late(self, waiting: int) -> Keys:
        changes = self._outbox.pending(BATCH) if waiting else ()
        return np.array([change.key for change in changes], np.int64)

    def _is_behind(self, index: PassageIndex | None) -> bool:
        return index is None or bool(self._outbox.pending(1))

    def _catch_up(self, index: PassageIndex | None) -> PassageIndex | None:
        """Bring the index up to date: at once where little waits, else in the background."""
        if index is None:
            if self._store.revision() == 0:
                return None
            with (
                self._outbox.publishing(self._lock.patience),
                self._encoding(hurry=True) as encoder,
            ):
                self._take_on_all(encoder, None)
            return self._index
        if self._failed is not None and time.monotonic() < self._failed + RETRY_AFTER:
            return index
        if len(self._outbox.pending(FEW + 1)) <= FEW:
            self._publish_now()
            return self._index
        with self._guard:
            busy = self._background is not None and self._background.is_alive()
            if not busy:
                publish = self.publish_if_possible
                self._background = threading.Thread(target=publish, daemon=True)
                self._background.start()
        return index

    def _publish_now(self) -> None:
        """Publish unless somebody is at it; whatever goes wrong is told and no search's fault."""
        try:
            self.publish(patience=0.0, hurry=True)
        except PUT_OFF as error:
            self._failed = time.monotonic()
            logger.warning("what is newer than the index is not searched: %s", error)

    def _look_again(self) -> None:
        """Open the index anew, as it is now."""
        index = self.open_as_is()
        with self._guard:
            self._index = index

    def _opened(self, *, quietly: bool = False) -> PassageIndex | None:
        try:
            return self.open_as_is()
        except IndexMissing:
            return None
        except (IndexDamaged, IndexOutdated) as error:
            if not quietly:
                logger.warning("%s: run `policykb rebuild`", what_is_wrong(error))
            raise

    def _entries(self) -> Iterator[Entry]:
        return self._entries_of(self._store.keys().tolist())

    def _entries_of(self, keys: Sequence[int]) -> Iterator[Entry]:
        """Yield entries with their facts; of passages that are gone, none.

        HomeLocked once another is the publisher, up to just before what follows the last of them.
        """
        for some in chunks(sorted(keys)):
            self._outbox.confirm()
            facts = {one.key: one for one in self._store.facts(some)}
            for record in self._store.entries(some):
                if record.key in facts:
                    known = _facts(facts[record.key])
                    yield Entry(record.key, record.text, record.title, record.headings, known)
        self._outbox.confirm()


def _facts(facts: IndexedFacts) -> Facts:
    return Facts(
        document=facts.document_id,
        type=facts.document_type,
        issued=facts.issued_on,
        issuers=facts.issuers,
        ministries=facts.ministries,
        collections=facts.collections,
    )
