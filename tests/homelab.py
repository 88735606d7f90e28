"""Homes of knowledge bases, for tests: a folder with its settings."""

from __future__ import annotations

import json
from pathlib import Path


def home_at(folder: Path, **settings: str) -> Path:
    """Make a home with settings, and return it."""
    folder.mkdir(exist_ok=True)
    # A string of JSON is one of TOML.
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in settings.items())
    (folder / "policykb.toml").write_text("".join(lines), "utf-8")
    return folder
