"""What filters leave: told to an index that applies them itself, else looked up in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.types import Scope
from kb.naming import names_of_body
from kb.store.filters import day_of
from kb.store.protocol import StoreReader
from kb.types import NO_FILTERS, Filters

if TYPE_CHECKING:
    from index import PassageIndex
    from index.types import Allowed
    from kb.store.protocol import Keys


def allowed_by(index: PassageIndex, store: StoreReader, filters: Filters) -> Allowed:
    """Return what may be found: a scope where the index takes one that says it all, else keys.

    Whether a document is in force depends on others, which only the store knows.
    """
    narrowed = store.narrowed(filters) if index.takes_scopes else None
    if narrowed is not None and day_of(narrowed) is None:
        return None if narrowed == NO_FILTERS else _scope_of(narrowed)
    return store.keys_matching(filters, index.manifest.revision)


def is_nothing(allowed: Allowed) -> bool:
    """Tell whether nothing can be found."""
    return allowed is not None and not isinstance(allowed, Scope) and len(allowed) == 0


def inside(
    keys: Keys, allowed: Allowed, index: PassageIndex, store: StoreReader, filters: Filters
) -> Keys:
    """Return those of some keys that the filters leave, in their order.

    What an index knows of a passage may be older than what the store does.
    """
    if not isinstance(allowed, Scope):
        return keys
    left = store.keys_left(keys.tolist(), filters, index.manifest.revision)
    return keys[np.isin(keys, left)]


def _scope_of(filters: Filters) -> Scope:
    return Scope(
        document=filters.document,
        type=None if filters.type is None else filters.type.strip(),
        since=filters.since,
        until=filters.until,
        issuers=() if filters.issuer is None else names_of_body(filters.issuer),
        ministries=() if filters.ministry is None else names_of_body(filters.ministry),
        collections=filters.collections,
    )
