"""What runs on a worker: it holds a model and encodes what it is given.

It needs the program alone: the model comes from whoever asks, as bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.errors import ModelUnavailable
from ingest.cluster.tasks import program
from kb.encoding.parcel import Parcel, Shelf
from kb.errors import HomeLocked

if TYPE_CHECKING:
    from index import Encoder, Vectors


@dataclass(frozen=True, slots=True)
class Order:
    """The model that is wanted, and how it is to encode."""

    parcel: Parcel
    program: str
    query_prompt: str
    passage_prompt: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of an order: `lacking` the files, a `problem`, or what the model's vectors are.

    `device` is where it encodes, as torch names it.
    """

    lacking: bool = False
    problem: str = ""
    fingerprint: str = ""
    dimension: int = 0
    device: str = ""


class ModelHolder:
    """Holds one model, on the processor or the GPU that Ray has given it."""

    def __init__(self) -> None:
        self._encoder: Encoder | None = None

    def load(self, order: Order, sent: Sequence[Any]) -> Loaded:
        """Load the model; `sent` refers to the pieces of its files, none where none were sent."""
        if program() != order.program:
            return Loaded(
                problem=f"the worker has policykb {program()}, and {order.program} asks it: "
                "install the same there"
            )
        try:
            folder = Shelf().folder(order.parcel, _fetched(sent) if sent else None)
        except (OSError, ValueError, HomeLocked) as error:
            return Loaded(problem=f"the worker cannot keep the model's files ({error})")
        if folder is None:
            return Loaded(lacking=True)
        return self._load(str(folder), order)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1 or 0, shape (len(texts), dimension)."""
        if self._encoder is None:
            raise ModelUnavailable("the worker was asked to encode before it had a model")
        return self._encoder.encode_passages(texts)

    def _load(self, folder: str, order: Order) -> Loaded:
        from index.embed.transformer import SentenceTransformerEncoder

        try:
            encoder = SentenceTransformerEncoder.load(
                folder,
                query_prompt=order.query_prompt,
                passage_prompt=order.passage_prompt,
                dimensions=order.dimensions,
            )
        except ModelUnavailable as error:
            return Loaded(problem=str(error))
        self._encoder = encoder
        spec = encoder.spec
        return Loaded(fingerprint=spec.fingerprint, dimension=spec.dimension, device=encoder.device)


def _fetched(sent: Sequence[Any]) -> Iterator[bytes]:
    """Yield the pieces, one in memory at a time."""
    import ray

    for each in sent:
        yield ray.get(each)
