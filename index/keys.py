"""Sorted arrays of keys; NumPy's own set functions sort or hash what is sorted already."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from index.types import Keys


def ascending(keys: Keys) -> Keys:
    """Return the keys once each, ascending; an array that is so already is returned itself."""
    return keys if np.all(keys[1:] > keys[:-1]) else np.unique(keys)


def contains(ascending_keys: Keys, keys: Keys) -> npt.NDArray[np.bool_]:
    """Tell for each of `keys` whether it is among `ascending_keys`, which are not empty."""
    at = np.minimum(np.searchsorted(ascending_keys, keys), len(ascending_keys) - 1)
    found: npt.NDArray[np.bool_] = ascending_keys[at] == keys
    return found
