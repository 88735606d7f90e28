"""Names of public bodies: which names stand for one body."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.ministries import current_registry
from ingest.registry import plain
from kb.records import ClauseRecord
from kb.types import MinistryMatch


def names_of_body(name: str) -> tuple[str, ...]:
    """Return the names under which documents record a body, whatever name it is asked for by.

    Its present and earlier names, and those of the bodies it took over.
    """
    registry = current_registry()
    present = registry.resolve(name).name
    return tuple(dict.fromkeys((name.strip(), present, *registry.names_of(name))))


def match_ministry(asked: str, clauses: Iterable[ClauseRecord]) -> MinistryMatch:
    """Return a ministry by its present name, with every other name that led to it.

    These are the name asked for, bodies it took over, and the names as written in `clauses`, each
    as its document's date has it.
    """
    registry = current_registry()
    resolution = registry.resolve(asked)
    names = frozenset(names_of_body(asked))
    chains = [_chain(plain(asked), *resolution.matched_via, resolution.name)]
    for clause in clauses:
        for body in clause.responsibility:
            if body.ministry in names:
                way = registry.way(body.ministry, resolution.name) or (body.ministry,)
                chains.append(_chain(body.as_written, *way))
    told = tuple(dict.fromkeys(chain for chain in chains if len(chain) > 1))
    via = dict.fromkeys((*resolution.matched_via, *(chain[0] for chain in told)))
    via.pop(resolution.name, None)
    return MinistryMatch(resolution.name, tuple(via), told)


def _chain(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
