"""Names of public bodies: which names stand for one body."""

from __future__ import annotations

from collections.abc import Iterable

from kb.records import ClauseRecord
from kb.types import MinistryMatch


def names_of_body(name: str) -> tuple[str, ...]:
    """Return the names under which documents record a body, whatever name it is asked for by."""
    return (name.strip(),)


def match_ministry(asked: str, clauses: Iterable[ClauseRecord]) -> MinistryMatch:
    """Return a ministry by its present name, with the names in `clauses` that stand for it."""
    names = names_of_body(asked)
    written = (
        body.as_written
        for clause in clauses
        for body in clause.responsibility
        if body.ministry in names
    )
    return MinistryMatch(names[0], tuple(dict.fromkeys(written)))
