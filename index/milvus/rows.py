"""A passage as rows of a collection, and back."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from index.citations import NAMELESS, cited_names, own_name
from index.milvus.expressions import day_number, shortened
from index.milvus.schema import MOST_BYTES, MOST_NAMES, MOST_ROWS, ROW_BITS
from index.milvus.terms import Counted, counted, joined
from index.rerank import WordEncoder, passage_ids
from index.types import Encoder, Entry, Segmenter
from index.windows import simplified_entry, window_texts
from index.wording import terms_of

# What is read of candidates.
READ_FIELDS = ["row", "key", "terms", "reads", "own_name", "cites"]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Written:
    """A passage as it is written: its rows, and what they count."""

    key: int
    rows: list[dict[str, Any]]
    counted: Counted

    @property
    def size(self) -> int:
        """Bytes of it, near enough."""
        size = 0
        for row in self.rows:
            size += len(row["terms"].encode()) + len(row["reads"]) + row["vector"].nbytes + 150
        return size


@dataclass(slots=True)
class Held:
    """A passage as it is read: its rows' numbers, its terms, and the words a reranker reads.

    With the numbers of its document's name and of the names that it cites.
    """

    rows: list[int] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    reads: str = ""
    own_name: int = NAMELESS
    cites: str = ""

    def join(self, other: Held) -> None:
        """Take in other rows of the same passage."""
        self.rows += other.rows
        self.texts |= other.texts
        self.reads = self.reads or other.reads
        self.own_name = self.own_name or other.own_name
        self.cites = self.cites or other.cites

    def counted(self) -> Counted:
        """Count its terms."""
        return counted(" ".join(self.texts[row] for row in sorted(self.texts)), self.cites)

    def word_ids(self) -> npt.NDArray[np.uint32]:
        """Return what the reranker reads; empty where the encoder has no words."""
        return np.frombuffer(base64.b64decode(self.reads), "<u4")


def held(rows: Iterable[Mapping[str, Any]]) -> dict[int, Held]:
    """Put the rows of passages together, by key."""
    found: dict[int, Held] = {}
    for row in rows:
        one = found.setdefault(int(row["key"]), Held())
        number = int(row["row"])
        one.rows.append(number)
        if row["terms"]:
            one.texts[number] = row["terms"]
        one.reads = one.reads or row["reads"]
        one.own_name = row["own_name"]
        one.cites = one.cites or row["cites"]
    return found


class RowMaker:
    """Turns entries into rows."""

    def __init__(self, encoder: Encoder, segmenter: Segmenter, *, half: bool = False) -> None:
        """Make vectors and terms by these; `half` makes vectors of half precision."""
        self._encoder = encoder
        self._segmenter = segmenter
        self._kind = np.float16 if half else np.float32

    def made(self, entries: Sequence[Entry], revision: int) -> list[Written]:
        """Return passages as they are written, by ascending key; no key twice."""
        entries = [simplified_entry(one) for one in sorted(entries, key=lambda one: one.key)]
        keys, texts = window_texts(entries)
        # In half precision wherever they are kept, so that every index has the same cosines.
        half = self._encoder.encode_passages(texts).astype(np.float16)
        vectors: Floats = half.astype(self._kind)
        starts = np.searchsorted(keys, [entry.key for entry in entries])
        ends = np.searchsorted(keys, [entry.key for entry in entries], "right")
        reads = self._reads(entries)
        return [
            self._written(entry, vectors[start:end], read, revision)
            for entry, start, end, read in zip(entries, starts, ends, reads, strict=True)
        ]

    def _reads(self, entries: Sequence[Entry]) -> list[str]:
        if not isinstance(self._encoder, WordEncoder):
            return [""] * len(entries)
        return [
            base64.b64encode(ids.astype("<u4").tobytes()).decode("ascii")
            for ids in passage_ids(self._encoder, entries)
        ]

    def _written(self, entry: Entry, vectors: Floats, reads: str, revision: int) -> Written:
        texts = joined(*terms_of(entry, self._segmenter), MOST_BYTES)
        count = min(max(len(vectors), len(texts)), MOST_ROWS)
        nothing = np.zeros(self._encoder.spec.dimension, self._kind)
        facts = _facts(entry)
        own = own_name(entry)
        cites = " ".join(map(str, cited_names(entry.text, own)))
        rows = [
            {
                "row": entry.key << ROW_BITS | at,
                "key": entry.key,
                "terms": texts[at] if at < len(texts) else "",
                "vector": vectors[at] if at < len(vectors) else nothing,
                "reads": reads if at == 0 else "",
                "own_name": own,
                "cites": cites if at == 0 else "",
                "revision": revision,
                **facts,
            }
            for at in range(count)
        ]
        return Written(entry.key, rows, counted(" ".join(texts[:count]), cites))


def _facts(entry: Entry) -> dict[str, Any]:
    facts = entry.facts
    return {
        "document": shortened(facts.document),
        "type": shortened(facts.type or ""),
        "issued": day_number(facts.issued) if facts.issued else 0,
        "issuers": _names(facts.issuers),
        "ministries": _names(facts.ministries),
        "collections": _names(facts.collections),
    }


def _names(names: Sequence[str]) -> list[str]:
    return [shortened(name) for name in names[:MOST_NAMES]]
