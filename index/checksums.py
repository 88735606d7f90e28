"""Tell the files of a published generation from what has become of them on the disk."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

READ_AT_ONCE = 1 << 20
NOTHING: Mapping[str, int] = MappingProxyType({})


def checksums(
    folder: Path, source: Path | None = None, known: Mapping[str, int] = NOTHING
) -> dict[str, int]:
    """Return the CRC-32 of every file below a folder, by relative path.

    A file that is hard-linked from `source` keeps what is `known` of it there: it is not read
    again, and what has decayed since then does not pass for new.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file():
            same = source is not None and _is_same(path, source / name)
            found[name] = known[name] if same and name in known else checksum(path)
    return found


def checksum(path: Path) -> int:
    """Return the CRC-32 of a file: it finds decay, not design, at memory's speed."""
    total = 0
    with path.open("rb") as file:
        while chunk := file.read(READ_AT_ONCE):
            total = zlib.crc32(chunk, total)
    return total


def _is_same(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)
