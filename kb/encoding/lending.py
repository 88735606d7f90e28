"""A model of this machine, as it is lent to workers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from index import EncoderSpec
from index.errors import ModelUnavailable
from ingest.cluster.tasks import program
from kb.encoding.holder import Order
from kb.encoding.parcel import pack, pieces


class LentModel:
    """A loaded model's files, found and hashed when they are first asked for."""

    def __init__(self, spec: EncoderSpec, dimensions: int) -> None:
        """Lend the model of `spec`, its vectors cut to `dimensions` where above 0."""
        self.spec = spec
        self._dimensions = dimensions

    @cached_property
    def folder(self) -> Path:
        """Where its files are: its own folder, or the hub's cache. Raises ModelUnavailable."""
        folder = Path(self.spec.model)
        return folder if folder.is_dir() else _cached(self.spec.model)

    @cached_property
    def order(self) -> Order:
        """What a worker is told of it. Raises ModelUnavailable."""
        try:
            parcel = pack(self.folder)
        except OSError as error:
            raise self._changed(error) from error
        prompts = self.spec.query_prompt, self.spec.passage_prompt
        return Order(parcel, program(), *prompts, self._dimensions)

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes of its files. Raises ModelUnavailable."""
        try:
            yield from pieces(self.folder, self.order.parcel)
        except OSError as error:
            raise self._changed(error) from error

    def _changed(self, error: OSError) -> ModelUnavailable:
        return ModelUnavailable(
            f"the files of the model {self.spec.model} cannot be read any more ({error}): put "
            "them back, or choose another by `policykb model use`"
        )


def _cached(model: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    # Models of the library itself may be named without their owner.
    for name in (model, f"sentence-transformers/{model}"):
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    raise ModelUnavailable(
        f"the files of the model {model} cannot be found, to be sent to the cluster: import its "
        'folder by `policykb model import`, or set `encode_on = "local"`'
    )
