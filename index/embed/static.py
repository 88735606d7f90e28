"""The encoder that ships with the package: one int8 row per word, numpy and `tokenizers` only.

The folder is an ordinary sentence-transformers model (`StaticEmbedding`, then `Normalize`), so
`SentenceTransformer(folder)` gives the same vectors; this reader never imports torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.errors import ModelUnavailable
from index.types import EncoderSpec, Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DEFAULT_MODEL = Path(__file__).parent.parent / "models" / "policykb-static-zh"
# Texts tokenised at once: enough to keep the tokenizer's threads busy, few megabytes of ids.
BATCH = 1024


def check_sizes(folder: Path, sizes: dict[str, int]) -> None:
    """Compare the files' sizes with those the folder's `encoder.json` records.

    The tokenizers library raises a bare `Exception` for a damaged file, so damage is found first.

    Raises:
        ValueError: a file is shorter or longer than it was when it was written.
    """
    for name, size in sizes.items():
        found = (folder / name).stat().st_size
        if found != size:
            raise ValueError(f"{name} has {found} bytes instead of {size}")


class StaticEncoder:
    """Encode texts as the normalised sum of their words' rows."""

    def __init__(
        self,
        tokenizer_file: Path,
        rows: npt.NDArray[np.int8],
        scales: npt.NDArray[np.float32],
        spec: EncoderSpec,
    ) -> None:
        """Hold a tokenizer's file, its int8 rows (words, dimension) and their scales (words,)."""
        self._tokenizer_file = tokenizer_file
        self._rows = rows
        self._scales = scales
        self._spec = spec

    @classmethod
    def load(cls, folder: Path = DEFAULT_MODEL) -> StaticEncoder:
        """Read a model folder written by `scripts/train_encoder.py`.

        Raises:
            ModelUnavailable: a file of the folder is missing or is not what it should be.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        try:
            about = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
            spec = EncoderSpec(about["model"], about["dimension"], about["fingerprint"])
            check_sizes(folder, about["bytes"])
            tensors = load_file(folder / "model.safetensors")
            rows, scales = tensors["embeddings"], tensors["weights"]
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(
                f"The encoder in {folder} cannot be read ({error!r}). Reinstall policykb, "
                "or go back to the model of the package with `policykb model use default`."
            ) from error
        return cls(folder / "tokenizer.json", rows, scales, spec)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        """Read when the first text is encoded: asking for the `spec` alone need not wait for it."""
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(self._tokenizer_file))

    @property
    def spec(self) -> EncoderSpec:
        """What the manifest records of this encoder."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return float32 rows of length 1, shape (len(texts), dimension).

        A text without a known word (empty, emoji only) is a row of zeros: no passage is near it.
        """
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the same as `encode_queries`: the model has no prompts and no sides."""
        return self._encode(texts)

    def word_ids(self, texts: Sequence[str]) -> list[npt.NDArray[np.uint32]]:
        """Return the ids of each text's known words in their order; 0 is no word."""
        encodings = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        found = (np.array(encoding.ids, np.uint32) for encoding in encodings)
        return [ids[ids > 0] for ids in found]

    def words_by_id(self, text: str) -> dict[int, str]:
        """Return the known words of a text by id, in the order of their first place."""
        cut = self._tokenizer.encode(text, add_special_tokens=False)
        return {at: word for at, word in zip(cut.ids, cut.tokens, strict=True) if at > 0}

    def word_vectors(self, ids: npt.NDArray[np.uint32]) -> Vectors:
        """Return the words' rows, shape (len(ids), dimension), whose sum is a text's direction."""
        # In two steps: one, of whole and broken numbers, takes twice as long.
        rows: Vectors = self._rows[ids].astype(np.float32)
        rows *= self._scales[ids, None]
        return rows

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self._spec.dimension), dtype=np.float32)
        for first in range(0, len(texts), BATCH):
            batch = list(texts[first : first + BATCH])
            encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            for row, encoding in enumerate(encodings, start=first):
                ids = encoding.ids
                # Not `@`, which starts a thread for this, and waits for it on a busy machine.
                np.einsum("i,ij->j", self._scales[ids], self._rows[ids], out=vectors[row])
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors
