"""Write passages into a collection so that whoever is stopped can be followed by another.

Counts of words are written before the rows they count, with the keys concerned. Whoever comes after
a writer that was stopped finds these: what was being removed is removed again, what was being added
is taken back, rows and counts, and added again by whoever asked for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from index.milvus.engine import Engine
from index.milvus.expressions import of_keys
from index.milvus.notes import MOST_CHANGES, Notes, State, Unfinished
from index.milvus.rows import READ_FIELDS, Held, RowMaker, Written, held
from index.milvus.statistics import Statistics
from index.types import Entry

# Passages that are made, counted and noted together.
BATCH = 512
# Bytes in one message: Milvus takes 64 MB, and an engine far away has a time-out to meet.
MESSAGE_BYTES = 4_000_000
# Passages whose rows are looked up or removed together.
CHUNK = 256


def fetched(
    engine: Engine, collection: str, keys: Sequence[int], consistency: str | None = None
) -> dict[int, Held]:
    """Return those of some passages that are there, by key."""
    found: dict[int, Held] = {}
    level = {"consistency_level": consistency} if consistency else {}
    for at in range(0, len(keys), CHUNK):
        rows = engine.read(
            "query",
            collection_name=collection,
            filter=of_keys(keys[at : at + CHUNK]),
            output_fields=READ_FIELDS,
            **level,
        )
        found |= held(rows)
    return found


class Writer:
    """Writes one generation; the caller sees to it that there is one writer at a time."""

    def __init__(
        self, engine: Engine, collection: str, notes: Notes, maker: RowMaker, state: State
    ) -> None:
        self._engine = engine
        self._collection = collection
        self._notes = notes
        self._maker = maker
        self.state = state

    def recover(self) -> None:
        """Finish or take back what a writer before was stopped in."""
        unfinished = self.state.unfinished
        if unfinished is None:
            return
        there = fetched(self._engine, self._collection, unfinished.keys, "Strong")
        self._delete([row for one in there.values() for row in one.rows])
        if unfinished.removal:
            self._note(self.state)
            return
        last = self.state.notes[-1]
        change = self._notes.statistics_of(self.state, [last])
        count = self.state.manifest.count - change.passages
        self._note(replace(self._counting(count), notes=self.state.notes[:-1]))
        self._notes.forget(self.state.manifest.generation, [last])

    def put(self, entries: Iterable[Entry], revision: int) -> Iterator[int]:
        """Write passages, those of the same key replaced; yield how many are done so far."""
        done = 0
        remaining = iter(entries)
        while batch := {entry.key: entry for entry in islice(remaining, BATCH)}:
            self.remove(batch.keys())
            self._add(self._maker.made(list(batch.values()), revision))
            done += len(batch)
            yield done

    def remove(self, keys: Collection[int]) -> None:
        """Remove passages, as far as they are there."""
        wanted = sorted(keys)
        for at in range(0, len(wanted), BATCH):
            there = fetched(self._engine, self._collection, wanted[at : at + BATCH], "Strong")
            if not there:
                continue
            change = Statistics()
            for one in there.values():
                change.count(one.counted(), -1)
            self._begin(change, Unfinished(True, tuple(there)))
            self._delete([row for one in there.values() for row in one.rows])

    def finish(self, revision: int) -> None:
        """Say that everything up to a revision is written."""
        manifest = replace(self.state.manifest, revision=revision)
        self._note(replace(self.state, manifest=manifest))
        if len(self.state.notes) > MOST_CHANGES:
            self._put_together(self._notes.statistics(self.state))

    def replace_counts(self, counts: Statistics) -> None:
        """Let counts take the place of all before."""
        self.state = self._counting(counts.passages)
        self._put_together(counts)

    def _add(self, passages: Sequence[Written]) -> None:
        change = Statistics()
        for one in passages:
            change.count(one.counted)
        self._begin(change, Unfinished(False, tuple(one.key for one in passages)))
        for rows in messages(passages):
            self._engine.write("upsert", collection_name=self._collection, data=rows)

    def _begin(self, change: Statistics, unfinished: Unfinished) -> None:
        state = self._counting(self.state.manifest.count + change.passages)
        number = 1 + (self.state.notes[-1][0] if self.state.notes else 0)
        self.state = self._notes.write(replace(state, unfinished=unfinished), change, number)

    def _put_together(self, total: Statistics) -> None:
        before = self.state.notes
        state = replace(self.state, notes=())
        self.state = self._notes.write(state, total, before[-1][0] + 1)
        self._notes.forget(self.state.manifest.generation, before)

    def _counting(self, count: int) -> State:
        return replace(self.state, manifest=replace(self.state.manifest, count=count))

    def _note(self, state: State) -> None:
        self.state = self._notes.write(replace(state, unfinished=None))

    def _delete(self, rows: Sequence[int]) -> None:
        for at in range(0, len(rows), CHUNK):
            self._engine.write(
                "delete", collection_name=self._collection, ids=list(rows[at : at + CHUNK])
            )


def messages(passages: Iterable[Written]) -> Iterator[list[dict[str, object]]]:
    """Yield rows in messages of about as many bytes, a passage's rows together."""
    rows: list[dict[str, object]] = []
    room = MESSAGE_BYTES
    for one in passages:
        if rows and one.size > room:
            yield rows
            rows, room = [], MESSAGE_BYTES
        rows += one.rows
        room -= one.size
    if rows:
        yield rows
