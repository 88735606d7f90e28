"""Encoders kept in a home, beside the one that ships with the package."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from index import Encoder
from index.embed import load_encoder
from kb.config import Settings
from kb.errors import InvalidInput
from kb.types import ModelInfo

if TYPE_CHECKING:
    from index.cross import PairReader
    from kb.indexing import IndexKeeper

FOLDER = "models"
#: What the setting `reranker` may be beside the name of a cross-encoder.
DEFAULT_RERANKER = "default"
NO_RERANKER = "none"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def imported(home: Path) -> list[str]:
    """Return the names of the encoders that were imported."""
    folder = home / FOLDER
    return (
        sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))
        if folder.is_dir()
        else []
    )


def load_configured(home: Path, settings: Settings, *, download: bool = False) -> Encoder:
    """Load the encoder the settings name: imported here, shipped, a folder, or one of a hub.

    Only with `download` is anything fetched. Raises ModelUnavailable.
    """
    known = settings.model in imported(home)
    return load_encoder(
        str(home / FOLDER / settings.model) if known else settings.model,
        query_prompt=settings.query_prompt or None,
        passage_prompt=settings.passage_prompt or None,
        dimensions=settings.dimensions,
        download=download,
    )


def load_pair_reader(settings: Settings) -> PairReader | None:
    """Load the cross-encoder the settings name, if they name one; nothing is fetched.

    Raises ModelUnavailable.
    """
    if settings.reranker in (DEFAULT_RERANKER, NO_RERANKER):
        return None
    from index.cross import CrossEncoderReader

    return CrossEncoderReader.load(settings.reranker)


def load_named(home: Path, settings: Settings, name: str) -> Encoder:
    """Load an encoder by the name a user gave, fetched from its hub where need be."""
    if not name.strip():
        raise InvalidInput("the model has no name: `policykb model list` shows some", field="name")
    return load_configured(home, replace(settings, model=name), download=True)


def in_use(name: str, keeper: IndexKeeper) -> ModelInfo:
    """Return the encoder in use, and whether the index was made with it."""
    spec, manifest = keeper.encoder.spec, keeper.manifest()
    return ModelInfo(
        name=name,
        dimension=spec.dimension,
        fingerprint=spec.fingerprint,
        index_matches=manifest is None or manifest.encoder == spec,
        index_passages=0 if manifest is None else manifest.count,
    )


def import_folder(home: Path, settings: Settings, folder: Path) -> str:
    """Copy an encoder's folder into the home and return its name, once it is seen to load."""
    folder = folder.expanduser().absolute()
    name = folder.name
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is no folder: give the one a model was saved in", field="dir")
    if not _NAME.fullmatch(name) or name == "default":
        message = f"{name!r} cannot name a model: rename the folder to letters, digits, '.', '-'"
        raise InvalidInput(message, field="dir")
    load_encoder(
        str(folder),
        query_prompt=settings.query_prompt or None,
        passage_prompt=settings.passage_prompt or None,
    )
    target = home / FOLDER / name
    draft, aside = _places_of(home, name)
    settle(home)
    try:
        shutil.copytree(folder, draft)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if target.exists():
        target.rename(aside)
    draft.rename(target)
    shutil.rmtree(aside, ignore_errors=True)
    return name


def settle(home: Path) -> None:
    """Finish or undo an import that was cut short; the caller holds the writer's lock."""
    folder = home / FOLDER
    for left in folder.glob(".*.old"):
        name = left.name[1 : -len(".old")]
        draft, _ = _places_of(home, name)
        if not (folder / name).exists():
            # Set aside only when the new one was whole.
            (draft if draft.exists() else left).rename(folder / name)
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(".*.new"):
        shutil.rmtree(left, ignore_errors=True)


def _places_of(home: Path, name: str) -> tuple[Path, Path]:
    """Return where a new model is put together, and where the one of before waits to go."""
    return home / FOLDER / f".{name}.new", home / FOLDER / f".{name}.old"
