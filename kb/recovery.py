"""Finish or clear away what a killed command left in a home; done by whoever opens it next.

A restore that took over is finished where the home is opened (`kb.homes`); the index catches up
with the store where it is searched (`kb.indexing`); originals of no document are swept by the next
ingest. This is the rest, found by its names: one listing of the home's own folder.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from kb.config import FILE_NAME
from kb.errors import HomeLocked
from kb.homes import UNFINISHED, WORK, Home
from kb.indexing import FOLDER as INDEX
from kb.models import FOLDER as MODELS
from kb.models import settle
from kb.own_files import REGISTRY
from kb.registry import OwnRegistry

_GENERATIONS = f"{INDEX}/generations"
_PATTERNS = (
    *UNFINISHED,
    WORK,
    f"{FILE_NAME}.new",
    f"{REGISTRY}.new",
    f".{REGISTRY}.applying",
    f"{MODELS}/.*.old",
    f"{MODELS}/.*.new",
    f"{_GENERATIONS}/.building-*",
)


def left_over(home: Path) -> list[Path]:
    """Return what is there only while something is being written, or where that was cut short."""
    return [path for pattern in _PATTERNS for path in home.glob(pattern)]


def recover(home: Home, bodies: OwnRegistry) -> None:
    """Finish what was cut short and clear away the rest, unless somebody is writing."""
    if home.read_only or not left_over(home.path):
        return
    try:
        with home.lock.held(patience=0.0):
            settle(home.path)
            bodies.finish(home.store)
            for path in left_over(home.path):
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)
    except HomeLocked:
        # It is that writer's, and not left over.
        return
