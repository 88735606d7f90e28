"""One file on its way in: how it is read, what it is known by, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from kb.config import Settings
from kb.errors import InvalidInput
from kb.types import DocumentInfo, FileError, FileReport, FileStatus, LayoutMode, OcrMode

LONGEST_NAME = 64
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How a run reads its files; `workers` and `timeout` as in `kb.config.Settings`."""

    ocr: OcrMode
    layout: LayoutMode
    workers: int | None
    timeout: float
    max_pages: int
    password: str | None = None
    force: bool = False
    collection: str = ""

    @classmethod
    def of(
        cls,
        settings: Settings,
        ocr: OcrMode | None,
        workers: int | None,
        timeout: float | None,
        password: str | None,
        force: bool = False,
        layout: LayoutMode | None = None,
        collection: str = "",
    ) -> Self:
        """Return what is asked for, and the settings' say where nothing is."""
        return cls(
            ocr=ocr or settings.ocr,
            layout=layout or settings.layout,
            workers=workers or settings.workers or None,
            timeout=timeout or settings.timeout,
            max_pages=settings.max_pages,
            password=password,
            force=force,
            collection=checked_collection(collection),
        )


@dataclass(slots=True)
class Job:
    """One file of a run: where it is, the path it is known by, and what its bytes hash to."""

    source: Path
    path: str
    shown: str
    sha256: str = ""
    again: bool = False
    stored: DocumentInfo | None = None
    twins: list[Job] = field(default_factory=list)


def checked_collection(name: str) -> str:
    """Return a collection's name, without spaces around it; InvalidInput for one that is none."""
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable() or "/" in name:
        raise InvalidInput(
            f"{name!r} is no name of a collection: up to {LONGEST_NAME} characters, no slash",
            field="collection",
        )
    return name


def storable(path: Path) -> str:
    """Return a path as text any database takes, whatever bytes its name is made of."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def suffix_of(path: str) -> str:
    """Return a file name's suffix where it is one that any storage takes."""
    suffix = Path(path).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def success(
    job: Job, info: DocumentInfo, status: FileStatus, warnings: tuple[str, ...], seconds: float
) -> FileReport:
    """Report a file whose content is in."""
    return FileReport(
        path=job.shown,
        document_id=info.document_id,
        status=status,
        pages=info.pages,
        passages=info.passages,
        seconds=seconds,
        warnings=warnings,
    )


def failure(path: str, error: FileError, seconds: float = 0.0) -> FileReport:
    """Report a file that is not in, and why."""
    return FileReport(path, None, "failed", 0, 0, seconds, (), error)
