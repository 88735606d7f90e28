"""Long tasks of this server: run in a thread each, seen by every session, kept by an id."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

import streamlit as st

from kb import KBError

#: Tasks kept; of more, the oldest that has ended is forgotten.
MOST_KEPT = 20
Tell = Callable[[int, int], None]


class Task:
    """One task: how far it is, and what came of it; `result` is None until it has ended well."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done = 0
        self.total = 0
        self.result: Any = None
        self.error: KBError | None = None
        self.ended = False

    def tell(self, done: int, total: int) -> None:
        """Take down how far it is."""
        self.done, self.total = done, total


class Tasks:
    """The tasks of this server; safe to share between threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._tasks: dict[str, Task] = {}

    def start(self, name: str, work: Callable[[Tell], Any]) -> str:
        """Run `work` in a thread of its own; returns the id that the task is known by."""
        task, key = Task(name), secrets.token_hex(4)

        def run() -> None:
            try:
                task.result = work(task.tell)
            except KBError as error:
                task.error = error
            finally:
                task.ended = True

        with self._guard:
            ended = [one for one, known in self._tasks.items() if known.ended]
            for one in ended[: max(0, len(self._tasks) + 1 - MOST_KEPT)]:
                del self._tasks[one]
            self._tasks[key] = task
        threading.Thread(target=run, name=f"task-{key}", daemon=True).start()
        return key

    def get(self, key: str) -> Task | None:
        """Return a task by its id."""
        with self._guard:
            return self._tasks.get(key)

    def ids(self) -> list[str]:
        """Return the ids of the tasks, newest first."""
        with self._guard:
            return list(reversed(self._tasks))


@st.cache_resource(show_spinner=False)
def tasks(kind: str) -> Tasks:
    """Return this server's tasks of one kind."""
    del kind
    return Tasks()
