"""The kinds of file that results are exported to."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final, Literal, get_args

from kb.errors import InvalidInput

ExportKind = Literal["xlsx", "docx", "csv", "md"]
KINDS: Final[tuple[ExportKind, ...]] = get_args(ExportKind)
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: Final[dict[ExportKind, str]] = {
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


def kind_of(path: PurePath, kinds: tuple[ExportKind, ...] = KINDS) -> ExportKind:
    """Return the kind that a file's name asks for; InvalidInput where it is none of `kinds`."""
    suffix = path.suffix.lower().removeprefix(".")
    for kind in kinds:
        if suffix == kind:
            return kind
    wanted = ", ".join(f".{kind}" for kind in kinds)
    raise InvalidInput(
        f"{path}: cannot export to this: give a name ending in {wanted}", field="export"
    )
