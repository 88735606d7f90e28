"""Names of public bodies: which names stand for one body."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.ministries import names_of, resolve
from kb.records import ClauseRecord
from kb.types import MinistryMatch


def names_of_body(name: str) -> tuple[str, ...]:
    """Return the names under which documents record a body, whatever name it is asked for by.

    Its present and earlier names, and those of the bodies it took over.
    """
    return tuple(dict.fromkeys((name.strip(), resolve(name).name, *names_of(name))))


def match_ministry(asked: str, clauses: Iterable[ClauseRecord]) -> MinistryMatch:
    """Return a ministry by its present name, with every other name that led to it.

    These are the name asked for, bodies it took over, and the names as written in `clauses`.
    """
    resolution = resolve(asked)
    names = frozenset(names_of_body(asked))
    written = (
        body.as_written
        for clause in clauses
        for body in clause.responsibility
        if body.ministry in names
    )
    via = dict.fromkeys((*resolution.matched_via, *written))
    via.pop(resolution.name, None)
    return MinistryMatch(resolution.name, tuple(via))
