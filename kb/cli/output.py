"""What commands print: JSON documents, and text for people."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING

from kb.jsonable import jsonable

if TYPE_CHECKING:
    from rich.console import Console

# Width of what is printed when it does not go to a terminal.
PIPED_WIDTH = 120


def print_json(result: object) -> None:
    """Print a result as one JSON document."""
    text = json.dumps(jsonable(result), ensure_ascii=False, indent=1)
    sys.stdout.write(text + "\n")


def print_json_line(result: object) -> None:
    """Print a result as one line of JSON, at once."""
    sys.stdout.write(json.dumps(jsonable(result), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def plain(text: str) -> str:
    """Return text that no terminal takes for commands: documents may hold anything.

    Control characters and those that change the direction of writing become spaces.
    """
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else " "
        for char in text
    )


def console(*, error: bool = False) -> Console:
    """Return a console for people, on stdout or stderr.

    Plain text, with no code for a terminal in it, where `NO_COLOR` is set (no-color.org).
    """
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(
        file=stream,
        width=None if stream.isatty() else PIPED_WIDTH,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        highlight=False,
        markup=False,
        emoji=False,
    )
