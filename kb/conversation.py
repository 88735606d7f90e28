"""Questions one after another, each understood with the one before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.types import NO_FILTERS, Answer, Filters

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.types import Sending


@dataclass(slots=True)
class Conversation:
    """A conversation with a knowledge base; `last` is the answer that follow-ups build on.

    One is for one person: it is not safe to share between threads.
    """

    base: KnowledgeBase
    filters: Filters = NO_FILTERS
    llm: bool = False
    last: Answer | None = None
    on_sending: Callable[[Sending], None] | None = None
    on_sentence: Callable[[str], None] | None = None

    def ask(self, question: str) -> Answer:
        """Answer a question; `asked` says how it was understood, where it follows the last one."""
        self.last = self.base.ask(
            question,
            filters=self.filters,
            previous=self.last,
            llm=self.llm,
            on_sending=self.on_sending,
            on_sentence=self.on_sentence,
        )
        return self.last

    def forget(self) -> None:
        """Begin anew: the next question follows none."""
        self.last = None
