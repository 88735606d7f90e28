"""What a generation says of itself: which encoder and segmenter made it, and of which files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from index.checksums import checksum
from index.errors import IndexDamaged, IndexMismatch, IndexOutdated
from index.types import EncoderSpec

# 5: passages have the names that they cite and are cited by.
FORMAT = 5
FILE_NAME = "manifest.json"
REBUILD = "run `policykb rebuild`"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation's record; `files` are sizes in bytes by path relative to the generation.

    `checksums` are the CRC-32 of the same files, none in a generation of before there were such.
    `revision` is the caller's own count of changes at the time of publishing; `created` is UTC,
    ISO 8601.
    """

    generation: int
    revision: int
    count: int
    encoder: EncoderSpec
    segmenter: str
    created: str
    files: Mapping[str, int] = field(default_factory=dict)
    format: int = FORMAT
    checksums: Mapping[str, int] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the manifest into a generation's folder."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        (folder / FILE_NAME).write_text(text + "\n", "utf-8")

    def check_fits(self, encoder: EncoderSpec, segmenter: str) -> None:
        """Raise IndexMismatch when another encoder or segmenter made this generation."""
        ours = asdict(encoder) | {"segmenter": segmenter}
        theirs = asdict(self.encoder) | {"segmenter": self.segmenter}
        for name, value in ours.items():
            if theirs[name] != value:
                raise IndexMismatch(
                    f"the index was made with {name.replace('_', ' ')} {theirs[name]!r}, "
                    f"and the settings now say {value!r}: {REBUILD}, or set it back"
                )

    def check_files(self, folder: Path) -> None:
        """Raise IndexDamaged when a file is missing or has another size than was published."""
        for name, size in self.files.items():
            path = folder / name
            if not path.is_file():
                raise IndexDamaged(f"the index has lost its file {path}: {REBUILD}")
            if path.stat().st_size != size:
                raise IndexDamaged(
                    f"{path} is {path.stat().st_size} bytes long, not the {size} that were "
                    f"published: {REBUILD}"
                )

    def decayed(self, folder: Path) -> list[str]:
        """Return the files whose bytes are not those that were published; reads all of them."""
        return [
            name
            for name, value in self.checksums.items()
            if (folder / name).is_file() and checksum(folder / name) != value
        ]


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a generation's folder.

    Raises IndexDamaged when it is missing or cannot be read, IndexMismatch for another format
    (IndexOutdated for one of before).
    """
    path = folder / FILE_NAME
    try:
        fields = json.loads(path.read_text("utf-8"))
        if fields["format"] != FORMAT:
            kind = IndexOutdated if fields["format"] in range(FORMAT) else IndexMismatch
            raise kind(
                f"{path} has index format {fields['format']!r}, and this version reads "
                f"{FORMAT}: {REBUILD}"
            )
        return _from_json(fields)
    except FileNotFoundError as error:
        raise IndexDamaged(f"the index has lost its file {path}: {REBUILD}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"{path} cannot be read ({error}): {REBUILD}") from error


def _from_json(fields: dict[str, Any]) -> Manifest:
    encoder = EncoderSpec(**fields.pop("encoder"))
    files = {str(name): int(size) for name, size in fields.pop("files").items()}
    return Manifest(encoder=encoder, files=files, **fields)
