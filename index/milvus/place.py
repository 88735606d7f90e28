"""Where an index in Milvus is: opened, filled, made anew beside itself, compared and mended.

A generation is a collection `NAME_1`, `NAME_2` and so on; the alias `NAME` names the one in use, so
that a new one takes over at once. Readers keep to the collection they opened until they look again;
the one before stays until the next publication.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from index.errors import IndexMissing
from index.manifest import REBUILD, Manifest
from index.milvus.address import read_address
from index.milvus.engine import Engine
from index.milvus.notes import FORMAT, Notes, State
from index.milvus.rows import READ_FIELDS, Held, RowMaker, held
from index.milvus.schema import create
from index.milvus.searching import MilvusIndex
from index.milvus.statistics import Statistics
from index.milvus.writer import BATCH, Writer, messages
from index.types import Encoder, Entry, Segmenter

Progress = Callable[[int], None]

# Rows in a page of terms: 4 MB.
PAGE = 1_000
# Seconds after which a generation that was replaced is not read any more: readers look every second
# and a search takes no longer.
GRACE = 60.0


class MilvusPlace:
    """One index in Milvus, by its address; connects when it is first asked for something."""

    def __init__(self, url: str, engine: Engine | None = None) -> None:
        """Read the address; SearchIndexError where it is none."""
        self.engine = engine or Engine(read_address(url))
        self.name = self.engine.address.name
        self.notes = Notes(self.engine)

    def manifest(self) -> Manifest | None:
        """Return what the index in use says of itself; None where there is none."""
        generation = self._generation()
        state = None if generation is None else self.notes.state(generation)
        return None if state is None else state.manifest

    def open(
        self, encoder: Encoder, segmenter: Segmenter, before: MilvusIndex | None = None
    ) -> MilvusIndex:
        """Open the generation in use; what was read for the one `before` is not read again.

        Raises IndexMissing, IndexMismatch and IndexDamaged as `SearchIndex.open` does, and
        IndexUnreachable.
        """
        state = self._state()
        state.manifest.check_fits(encoder.spec, segmenter.name)
        place = self.engine, self.collection(state.manifest.generation)
        counts = self._statistics(state, before)
        return MilvusIndex(place, self.notes, state, counts, encoder, segmenter)

    def publish(
        self,
        encoder: Encoder,
        segmenter: Segmenter,
        *,
        add: Iterable[Entry] = (),
        remove: Collection[int] = (),
        revision: int,
        on_progress: Progress | None = None,
    ) -> None:
        """Add passages, those of the same key replaced, then remove some; made if it is not there.

        One publisher at a time, which is for the caller to see to. Stopped anywhere, the same may
        be asked again. Raises as `open` does.
        """
        if self._generation() is None:
            self.rebuild(encoder, segmenter, (), revision=0)
        state = self._state()
        state.manifest.check_fits(encoder.spec, segmenter.name)
        self._prune(state)
        writer = self._writer(state, encoder, segmenter)
        writer.recover()
        for done in writer.put(add, revision):
            if on_progress is not None:
                on_progress(done)
        writer.remove(remove)
        self._settle(state)
        writer.finish(revision)

    def rebuild(
        self,
        encoder: Encoder,
        segmenter: Segmenter,
        entries: Iterable[Entry],
        revision: int,
        on_progress: Progress | None = None,
    ) -> int:
        """Make a generation of `entries` alone, which then takes over; return its passages.

        Searches go on in the one before. Raises IndexUnreachable, SearchIndexError.
        """
        self.notes.create()
        used = self._generation()
        generation = 1 + max(self._generations(), default=0)
        collection = self.collection(generation)
        create(self.engine, collection, encoder.spec.dimension)
        manifest = Manifest(
            generation=generation,
            revision=revision,
            count=0,
            encoder=encoder.spec,
            segmenter=segmenter.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            format=FORMAT,
        )
        maker = self._maker(encoder, segmenter)
        counts = self._fill(collection, maker, entries, revision, on_progress)
        manifest = replace(manifest, count=counts.passages)
        self.engine.write("flush", collection_name=collection)
        self.notes.write(State(manifest), counts, 1)
        switch = "create_alias" if used is None else "alter_alias"
        self.engine.write(switch, collection_name=collection, alias=self.name)
        for other in self._generations():
            if other not in {used, generation}:
                self._drop(other)
        return counts.passages

    def recount(self, encoder: Encoder, segmenter: Segmenter) -> None:
        """Count the words of every passage anew; one publisher at a time."""
        state = self._state()
        counts = Statistics()
        for one in self.held(state):
            counts.count(one.counted())
        self._writer(state, encoder, segmenter).replace_counts(counts)

    def held(self, state: State) -> Iterator[Held]:
        """Yield what is kept of every passage of a generation."""
        collection = self.collection(state.manifest.generation)
        kept: dict[int, Held] = {}
        for page in self.engine.pages(collection, READ_FIELDS, PAGE):
            # Rows come by their number: a passage's last rows may be on the next page.
            for key, one in held(page).items():
                if key in kept:
                    kept[key].join(one)
                else:
                    yield from kept.values()
                    kept = {key: one}
        yield from kept.values()

    def close(self) -> None:
        """Let go of the connection."""
        self.engine.close()

    def _fill(
        self,
        collection: str,
        maker: RowMaker,
        entries: Iterable[Entry],
        revision: int,
        on_progress: Progress | None,
    ) -> Statistics:
        counts = Statistics()
        remaining = iter(entries)
        while batch := list(islice(remaining, BATCH)):
            made = maker.made(batch, revision)
            for one in made:
                counts.count(one.counted)
            for rows in messages(made):
                self.engine.write("upsert", collection_name=collection, data=rows)
            if on_progress is not None:
                on_progress(counts.passages)
        return counts

    def _statistics(self, state: State, before: MilvusIndex | None) -> Statistics:
        """Read the counts of a state, only those of changes where the others are known."""
        if before is not None:
            known = before.state
            same = known.manifest.generation == state.manifest.generation
            if same and state.notes[: len(known.notes)] == known.notes:
                changes = self.notes.statistics_of(state, state.notes[len(known.notes) :])
                return before.lexical.statistics.with_change(changes)
        return self.notes.statistics(state)

    def _state(self) -> State:
        generation = self._generation()
        state = None if generation is None else self.notes.state(generation)
        if state is None:
            raise IndexMissing(f"no index was published at {self.engine.address.shown}: {REBUILD}")
        return state

    def _writer(self, state: State, encoder: Encoder, segmenter: Segmenter) -> Writer:
        collection = self.collection(state.manifest.generation)
        maker = self._maker(encoder, segmenter)
        return Writer(self.engine, collection, self.notes, maker, state)

    def _maker(self, encoder: Encoder, segmenter: Segmenter) -> RowMaker:
        half = self.engine.address.vectors == "float16" and not self.engine.lite
        return RowMaker(encoder, segmenter, half=half)

    def _settle(self, state: State) -> None:
        # Elsewhere Milvus seals what was written by itself, and asks not to be told often.
        if self.engine.lite:
            collection = self.collection(state.manifest.generation)
            self.engine.write("flush", collection_name=collection)

    def _prune(self, state: State) -> None:
        """Remove generations that nobody reads any more."""
        created = datetime.fromisoformat(state.manifest.created)
        if (datetime.now(UTC) - created).total_seconds() > GRACE:
            for other in self._generations():
                if other != state.manifest.generation:
                    self._drop(other)

    def _drop(self, generation: int) -> None:
        self.engine.write("drop_collection", collection_name=self.collection(generation))
        self.notes.forget_generation(generation)

    def collection(self, generation: int) -> str:
        """Return the name of a generation's collection."""
        return f"{self.name}_{generation}"

    def _generation(self) -> int | None:
        """Return the number of the generation in use, None where there is none."""
        # An alias is a collection to whoever asks whether there is one.
        if not self.engine.read("has_collection", collection_name=self.name):
            return None
        found = self.engine.read("describe_alias", alias=self.name)
        return self._number(found["collection_name"])

    def _generations(self) -> list[int]:
        names = self.engine.read("list_collections")
        return [number for name in names if (number := self._number(name)) is not None]

    def _number(self, collection: str) -> int | None:
        found = re.fullmatch(rf"{re.escape(self.name)}_(\d+)", collection)
        return None if found is None else int(found[1])
