"""Let an index outside the home take on what waits for it, whoever is asked anything or not.

Each service has a thread that looks now and then. What has waited for two looks was left by whoever
wrote it, who would have seen to it otherwise, and is taken on, by one service at a time by the lock
of publishers. So what was added while the engine was away is found soon after it is back, with no
search or ingest to set it off.
"""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING

from kb.errors import KBError
from kb.seams import errors_mapped

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase

logger = logging.getLogger(__name__)

#: Seconds between two looks, drawn from half of it to half as much again, so that hosts spread.
EVERY = 15.0
#: The longest that is waited where it did not work: doubled each time up to here.
LONGEST = 120.0


class IndexFollower:
    """A thread that lets the index follow the store, until it is stopped."""

    def __init__(self, base: KnowledgeBase, every: float = EVERY) -> None:
        """Look after the index of `base`, which stays open as long as this runs."""
        self._base = base
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="policykb-index", daemon=True)

    def start(self) -> None:
        """Begin, where the index is outside the home; where it is in it, a search sees to it."""
        if self._base._home.settings.index and not self._base.read_only:
            self._thread.start()

    def is_working(self) -> bool:
        """Tell whether it has begun and not left off."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Leave off once what is being published is, and wait for that."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        pause = self._every
        while not self._stop.wait(pause * random.uniform(0.5, 1.5)):  # noqa: S311 - no secret
            pause = self._every if self._followed() else min(2 * pause, LONGEST)

    def _followed(self) -> bool:
        """Let the index take on what was left; False where that did not work."""
        try:
            with errors_mapped():
                return self._base._keeper.follow()
        except KBError as error:
            logger.warning("the index does not follow the store: %s", error)
            return False
