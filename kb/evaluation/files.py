"""Read evaluation files line by line; what is wrong is said with file and line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from kb.errors import InvalidInput

FIELD = "path"
# Characters in one line; a row of an evaluation file is a question or a passage.
LONGEST_LINE = 10_000_000


def open_text(path: Path) -> TextIO:
    """Open a UTF-8 text file, unpacked where its name ends in .gz; InvalidInput if absent."""
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding="utf-8")
        return path.open(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}): name an evaluation file that is there",
            field=FIELD,
        ) from error


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield a file's lines that are not blank, with their numbers from 1."""
    with open_text(path) as file:
        number = 0
        while True:
            try:
                line = file.readline(LONGEST_LINE)
            except (OSError, EOFError, UnicodeDecodeError) as error:
                raise problem(path, number + 1, f"cannot be read ({error})") from error
            if not line:
                return
            number += 1
            if line.strip():
                yield number, line


def rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSON-lines file, with their line numbers."""
    for number, line in lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise problem(path, number, f"is not JSON ({error})") from error
        if not isinstance(row, dict):
            raise problem(path, number, "is not a JSON object")
        yield number, row


def text_of(row: dict[str, Any], name: str, path: Path, number: int) -> str:
    """Return a field that has to be a text."""
    value = row.get(name)
    if not isinstance(value, str):
        raise problem(path, number, f"has no text in its field {name!r}")
    return value


def problem(path: Path, number: int, what: str) -> InvalidInput:
    """Return the error that names a line of a file."""
    return InvalidInput(f"{path}, line {number} {what}: mend the line or the file", field=FIELD)
