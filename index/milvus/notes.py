"""What an index in Milvus says of itself: its manifest, and the log of its words' counts.

Notes are rows of one small collection beside those of passages, `NAME_about`. The manifest of a
generation names the notes that its counts are read from, so that a reader sees them whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from index.errors import IndexDamaged, IndexMismatch, IndexOutdated
from index.manifest import REBUILD, Manifest
from index.milvus.engine import Engine
from index.milvus.schema import MOST_BYTES
from index.milvus.statistics import Statistics, read
from index.types import EncoderSpec

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

# Of what is kept in Milvus; the format of files has a number of its own (`index.manifest`).
# 2: passages have the names that they cite and are cited by.
FORMAT = 2
# Notes fetched at a time: 2 MB.
CHUNK = 32
# Notes of changes that are kept before they are put together.
MOST_CHANGES = 50


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A change that is counted already, while its rows are being written or removed."""

    removal: bool
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class State:
    """A generation at one moment: its manifest, and where its counts are.

    `notes` are the numbers of notes of counts, each with the parts it is in, the base first.
    """

    manifest: Manifest
    notes: tuple[tuple[int, int], ...] = ()
    unfinished: Unfinished | None = None

    @property
    def mark(self) -> tuple[int, int, int]:
        """What tells this state from those before and after it."""
        last = self.notes[-1][0] if self.notes else 0
        return self.manifest.generation, self.manifest.revision, last


class Notes:
    """The notes of one index."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._collection = f"{engine.address.name}_about"

    def create(self) -> None:
        """Make room for notes, where there is none; finish where that was interrupted."""
        from pymilvus import MilvusClient

        if not self._engine.read("has_collection", collection_name=self._collection):
            self._engine.write(
                "create_collection",
                collection_name=self._collection,
                schema=_schema(),
                consistency_level="Strong",
            )
        elif self._engine.loaded(self._collection):
            return
        indexes = MilvusClient.prepare_index_params()
        indexes.add_index("vector", index_type="FLAT", metric_type="L2")
        self._engine.write(
            "create_index", collection_name=self._collection, index_params=indexes, sync=False
        )
        self._engine.write("load_collection", collection_name=self._collection)

    def state(self, generation: int) -> State | None:
        """Return a generation's state, None where it has none; IndexDamaged, IndexMismatch."""
        name = _manifest(generation)
        body = self._get([name]).get(name)
        return None if body is None else _state(body, name)

    def write(self, state: State, change: Statistics | None = None, number: int = 0) -> State:
        """Write a state, with the note `number` of a change where one is given; return it."""
        bodies: dict[str, str] = {}
        if change is not None:
            texts = list(change.texts())
            generation = state.manifest.generation
            bodies = {_counts(generation, number, at): text for at, text in enumerate(texts)}
            state = replace(state, notes=(*state.notes, (number, len(texts))))
        # Notes first: the manifest names them.
        self._put(bodies)
        self._put({_manifest(state.manifest.generation): _body(state)})
        return state

    def statistics(self, state: State) -> Statistics:
        """Return the counts of a state; IndexDamaged where notes are missing."""
        return self.statistics_of(state, state.notes)

    def statistics_of(self, state: State, notes: Sequence[tuple[int, int]]) -> Statistics:
        """Return the sum of some notes of a state."""
        generation = state.manifest.generation
        names = [[_counts(generation, one, at) for at in range(parts)] for one, parts in notes]
        found = self._get([name for part in names for name in part])
        total = Statistics()
        for part in names:
            try:
                total.add(read(found[name] for name in part))
            except (KeyError, ValueError) as error:
                raise IndexDamaged(
                    f"the counts of words in {self._collection} are incomplete: {REBUILD}"
                ) from error
        return total

    def forget(self, generation: int, notes: Iterable[tuple[int, int]]) -> None:
        """Remove notes that no manifest names any more."""
        names = [_counts(generation, one, at) for one, parts in notes for at in range(parts)]
        self._delete(names)

    def forget_generation(self, generation: int) -> None:
        """Remove everything that is noted of a generation."""
        state = self.state(generation)
        if state is not None:
            self._delete([_manifest(generation)])
            self.forget(generation, state.notes)

    def _get(self, names: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in range(0, len(names), CHUNK):
            rows = self._engine.read(
                "get",
                collection_name=self._collection,
                ids=list(names[at : at + CHUNK]),
                output_fields=["note", "body"],
                consistency_level="Strong",
            )
            found.update((row["note"], row["body"]) for row in rows)
        return found

    def _put(self, bodies: Mapping[str, str]) -> None:
        rows = [{"note": name, "body": body, "vector": [0.0, 0.0]} for name, body in bodies.items()]
        for at in range(0, len(rows), CHUNK):
            self._engine.write(
                "upsert", collection_name=self._collection, data=rows[at : at + CHUNK]
            )

    def _delete(self, names: Sequence[str]) -> None:
        for at in range(0, len(names), CHUNK):
            self._engine.write(
                "delete", collection_name=self._collection, ids=list(names[at : at + CHUNK])
            )


def _schema() -> CollectionSchema:
    from pymilvus import DataType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("note", DataType.VARCHAR, is_primary=True, max_length=128)
    schema.add_field("body", DataType.VARCHAR, max_length=MOST_BYTES)
    # Milvus has no collection without vectors.
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=2)
    return schema


def _manifest(generation: int) -> str:
    return f"{generation}/manifest"


def _counts(generation: int, number: int, part: int) -> str:
    return f"{generation}/counts/{number}/{part}"


def _body(state: State) -> str:
    return json.dumps(asdict(state), ensure_ascii=False)


def _state(body: str, name: str) -> State:
    try:
        fields = json.loads(body)
        manifest: dict[str, Any] = fields["manifest"]
        if manifest["format"] != FORMAT:
            kind = IndexOutdated if manifest["format"] in range(FORMAT) else IndexMismatch
            raise kind(
                f"the index in Milvus has format {manifest['format']!r}, and this version reads "
                f"{FORMAT}: {REBUILD}"
            )
        encoder = EncoderSpec(**manifest.pop("encoder"))
        unfinished = fields["unfinished"]
        return State(
            Manifest(encoder=encoder, **manifest),
            tuple((int(number), int(parts)) for number, parts in fields["notes"]),
            unfinished
            and Unfinished(bool(unfinished["removal"]), tuple(map(int, unfinished["keys"]))),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"the note {name} in Milvus cannot be read: {REBUILD}") from error
