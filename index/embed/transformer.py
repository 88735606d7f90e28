"""Any sentence-transformers model as an encoder, with the prompts it was trained with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embed.prompts import known_prompts
from index.errors import ModelUnavailable
from index.types import EncoderSpec, Vectors

BATCH = 32
# Values read from each tensor for the fingerprint: all of a small one, a sample of a large one.
SAMPLED = 4096


class SentenceTransformerEncoder:
    """Encodes with a sentence-transformers model on the processor or the GPU it finds."""

    def __init__(
        self, model: Any, name: str, query_prompt: str | None, passage_prompt: str | None
    ) -> None:
        """Hold a loaded `SentenceTransformer`; None stands for the prompt of the model."""
        known = known_prompts(name)
        own = {side: text for side, text in model.prompts.items() if text}
        if query_prompt is None:
            query_prompt = own.get("query", known[0])
        if passage_prompt is None:
            passage_prompt = own.get("document", own.get("passage", known[1]))
        self._model = model
        self._spec = EncoderSpec(
            model=name,
            dimension=int(model.get_embedding_dimension()),
            fingerprint=fingerprint(model),
            query_prompt=query_prompt,
            passage_prompt=passage_prompt,
        )

    @classmethod
    def load(
        cls,
        name: str,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        dimensions: int = 0,
        download: bool = False,
    ) -> SentenceTransformerEncoder:
        """Load a model by folder or hub name, its vectors cut to `dimensions` if above 0.

        Nothing is fetched unless `download`. Code that comes with a model is never run. Raises
        ModelUnavailable, saying what to do.
        """
        from safetensors import SafetensorError

        try:
            from sentence_transformers import SentenceTransformer

            model = SentenceTransformer(
                name, local_files_only=not download, truncate_dim=dimensions or None
            )
        except (
            OSError,
            ValueError,
            RuntimeError,
            ImportError,
            LookupError,
            AttributeError,
            TypeError,
            SafetensorError,
        ) as error:
            raise ModelUnavailable(remedy(name, error, download)) from error
        return cls(model, name, query_prompt, passage_prompt)

    @property
    def spec(self) -> EncoderSpec:
        """What the manifest records of this encoder."""
        return self._spec

    @property
    def device(self) -> str:
        """Where it encodes: "cpu", or a GPU as torch names its kind."""
        return str(self._model.device.type)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1, with the query prompt before each text."""
        return self._encode(self._model.encode_query, texts, self._spec.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1, with the passage prompt before each text."""
        return self._encode(self._model.encode_document, texts, self._spec.passage_prompt)

    def _encode(self, encode: Any, texts: Sequence[str], prompt: str) -> Vectors:
        """Encode what has text; a blank one is a row of zeros, which matches nothing."""
        vectors = np.zeros((len(texts), self._spec.dimension), np.float32)
        filled = [row for row, text in enumerate(texts) if text.strip()]
        if filled:
            vectors[filled] = encode(
                [texts[row] for row in filled],
                prompt=prompt,
                batch_size=BATCH,
                show_progress_bar=False,
                normalize_embeddings=True,
            )
        return vectors


def fingerprint(model: Any) -> str:
    """Return 16 hex digits that change with the weights, the layers, pooling or text length."""
    digest = hashlib.sha256()
    layers = [(type(layer).__name__, _settings(layer)) for layer in model]
    digest.update(repr((layers, model.max_seq_length)).encode())
    for name, tensor in sorted(model.state_dict().items()):
        flat = tensor.detach().flatten()
        step = max(1, len(flat) // SAMPLED)
        digest.update(repr((name, tuple(tensor.shape))).encode())
        digest.update(flat[::step].float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def _settings(layer: Any) -> str:
    """Return what a layer is set to: how it pools, and the like."""
    read = getattr(layer, "get_config_dict", None)
    return repr(sorted(read().items())) if read is not None else ""


def remedy(name: str, error: Exception, download: bool) -> str:
    """Say why a model cannot be loaded, and what to do."""
    reason = str(error).strip().splitlines()
    said = reason[0] if reason else type(error).__name__
    if Path(name).is_dir():
        advice = (
            "it must be a whole sentence-transformers folder, with modules.json, its weights "
            "and its tokenizer"
        )
    elif download:
        advice = (
            "check the name and the network, or fetch the model elsewhere and give "
            "`policykb model use` its folder"
        )
    else:
        advice = f"it is not in the local cache: fetch it by `policykb model use {name}`"
    return f"the model {name} cannot be loaded ({said}): {advice}"
