"""Names of public bodies: which names stand for one body."""

from __future__ import annotations


def names_of_body(name: str) -> tuple[str, ...]:
    """Return the names under which documents record a body, whatever name it is asked for by."""
    return (name.strip(),)
