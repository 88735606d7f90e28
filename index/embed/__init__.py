"""Encoders: the one that ships, any sentence-transformers model, any served one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from index.errors import ModelUnavailable
from index.types import Encoder

DEFAULT = "default"
# What marks a folder of ours, read without torch.
STATIC_FILE = "encoder.json"
# What starts the name of a server's model.
PREFIX = "openai:"


def load_encoder(
    name: str = DEFAULT,
    *,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    dimensions: int = 0,
    download: bool = False,
) -> Encoder:
    """Load an encoder: "default", a model folder, the name of a model on the hub, or a server's.

    A server's is `openai:URL#MODEL`. Prompts left as None are the model's own. `dimensions` above
    0 cut the vectors of a model that was trained for it; the shipped one has but its own. A hub
    model comes from the local cache; only with `download` is it fetched when it is not there.
    Raises ModelUnavailable.
    """
    from index.embed.static import StaticEncoder

    if name == DEFAULT:
        return _shipped()
    if name.startswith(PREFIX):
        from index.embed.served import load_served

        return load_served(
            name,
            query_prompt=query_prompt,
            passage_prompt=passage_prompt,
            dimensions=dimensions,
        )
    folder = Path(name).expanduser()
    if (folder / STATIC_FILE).is_file():
        return StaticEncoder.load(folder)
    if not folder.is_dir() and _reads_as_path(name):
        raise ModelUnavailable(
            f"there is no model folder {folder}: check the path, or go back to the model that "
            "ships with the package by `policykb model use default`"
        )
    from index.embed.transformer import SentenceTransformerEncoder

    return SentenceTransformerEncoder.load(
        str(folder) if folder.is_dir() else name,
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        dimensions=dimensions,
        download=download,
    )


@lru_cache(maxsize=1)
def _shipped() -> Encoder:
    """Load the encoder of the package, once for all the indexes of a process: it never changes."""
    from index.embed.static import StaticEncoder

    return StaticEncoder.load()


def _reads_as_path(name: str) -> bool:
    """Tell a path from a hub's "owner/model"."""
    return "\\" in name or name.count("/") > 1 or name.startswith((".", "/", "~"))
