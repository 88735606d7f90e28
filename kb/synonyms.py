"""Other names of things of one knowledge base, in a file, `synonyms.txt` (`kb.own_files`)."""

from __future__ import annotations

from pathlib import Path

from index.synonyms import names_in
from kb.errors import FileProblem, InvalidInput
from kb.own_files import SYNONYMS, OwnFiles

#: Ten times a file of as many lines as may be.
MOST_BYTES = 8 << 20


def use(files: OwnFiles, path: Path) -> int:
    """Make a file the knowledge base's own; returns how many things it names.

    The caller holds the writer's lock. FileProblem names the line that is wrong; nothing changes
    then.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _problem(f"{path} is larger than {MOST_BYTES >> 20} MiB: shorten it")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise _problem(f"{path} cannot be read: {reason}: check the path") from error
    try:
        count = names_in(path.name, data)
    except ValueError as error:
        raise _problem(f"{error}: correct the file and run the command again") from error
    files.put(SYNONYMS, data)
    return count


def remove(files: OwnFiles) -> None:
    """Go back to the shipped ones alone; InvalidInput where there is no file of one's own."""
    if files.mark(SYNONYMS) is None:
        message = "there are no synonyms to remove: add some by `policykb synonyms use FILE`"
        raise InvalidInput(message, field="synonyms")
    files.put(SYNONYMS, None)


def shown(files: OwnFiles) -> str:
    """Return the file as it is, empty where there is none."""
    return (files.data(SYNONYMS) or b"").decode("utf-8-sig", "replace")


def _problem(message: str) -> FileProblem:
    return FileProblem(message, code="synonyms")
