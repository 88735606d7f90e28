"""Write the trained vectors as a sentence-transformers folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from .bags import Bags

MODEL = "policykb-static-zh"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
# StaticEmbedding reads int8 `embeddings` and float `weights` (one scale per row), the layout of a
# quantised model2vec model, and multiplies them out into float32.
MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules"
        ".static_embedding.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.base.modules.normalize.Normalize",
    },
]
CONFIG = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def fold(vectors: npt.NDArray[np.float32], parts: Bags) -> npt.NDArray[np.float32]:
    """Return one row per word: the sum of its units' vectors."""
    return np.asarray(parts.matrix(len(vectors)) @ vectors, dtype=np.float32)


def quantise(
    rows: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return int8 rows and the scale of each, so that `int8 * scale` is the row to 1 / 254."""
    scales = np.abs(rows).max(axis=1) / 127
    whole = np.divide(rows, scales[:, None], out=np.zeros_like(rows), where=scales[:, None] > 0)
    return np.rint(whole).astype(np.int8), scales.astype(np.float32)


def write_model(folder: Path, tokenizer: Tokenizer, rows: npt.NDArray[np.float32]) -> None:
    """Write tokenizer, int8 weights, configuration and fingerprint into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "1_Normalize").mkdir(exist_ok=True)
    quantised, scales = quantise(rows)
    save_file({"embeddings": quantised, "weights": scales}, folder / WEIGHTS)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    write_json(folder / "modules.json", MODULES)
    write_json(folder / "config_sentence_transformers.json", CONFIG)
    write_json(folder / "1_Normalize" / "config.json", {})
    write_json(folder / "encoder.json", about(folder, rows.shape))


def about(folder: Path, shape: tuple[int, ...]) -> dict[str, object]:
    """Return what an index manifest records; both files decide a text's vector, so both count."""
    content = {name: (folder / name).read_bytes() for name in (WEIGHTS, TOKENIZER)}
    digest = hashlib.sha256(b"".join(content.values())).hexdigest()
    return {
        "model": MODEL,
        "dimension": shape[1],
        "words": shape[0],
        "fingerprint": f"sha256:{digest}",
        "bytes": {name: len(data) for name, data in content.items()},
    }


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
