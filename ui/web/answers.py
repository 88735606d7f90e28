"""Answers to the questions of a conversation, kept for all sessions; a model's as they come."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from queue import SimpleQueue
from typing import TypeAlias

import streamlit as st

from kb import Answer, KBError
from ui.web.base import knowledge_base
from ui.web.marked import markdown_text
from ui.web.text import say

#: The questions up to this one, the knowledge base's revision, and whether a model words it.
Key: TypeAlias = tuple[tuple[str, ...], int, bool]
MOST_KEPT = 512


class _Kept:
    """The answers asked for last, shared by all sessions."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Key) -> Answer | None:
        with self._guard:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: Key, answer: Answer) -> None:
        with self._guard:
            self._answers[key] = answer
            while len(self._answers) > MOST_KEPT:
                self._answers.popitem(last=False)


@st.cache_resource(show_spinner=False)
def _kept() -> _Kept:
    return _Kept()


def known(questions: tuple[str, ...], revision: int, llm: bool) -> bool:
    """Tell whether the answer to the last of these questions is here already."""
    return _kept().get((questions, revision, llm)) is not None


def answer_of(questions: tuple[str, ...], revision: int, llm: bool, *, streamed: bool) -> Answer:
    """Return the answer to the last of some questions, each understood with those before it.

    `streamed` shows a language model's sentences here as they come; raises KBError.
    """
    key = questions, revision, llm
    answer = _kept().get(key)
    if answer is None:
        previous = (
            answer_of(questions[:-1], revision, llm, streamed=False) if questions[1:] else None
        )
        if llm:
            answer = _worded(questions[-1], previous, streamed=streamed)
        else:
            with st.spinner(say("looking")):
                answer = knowledge_base().ask(questions[-1], previous=previous)
        _kept().put(key, answer)
    return answer


def _worded(question: str, previous: Answer | None, *, streamed: bool) -> Answer:
    if not streamed:
        with st.spinner(say("looking")):
            return knowledge_base().ask(question, previous=previous, llm=True)
    heard = _Heard(question, previous)
    with st.spinner(say("looking")):
        st.write_stream(heard.sentences())
    return heard.result()


class _Heard:
    """A question being answered in a thread of its own, sentence by sentence."""

    def __init__(self, question: str, previous: Answer | None) -> None:
        self._said: SimpleQueue[str | Answer | KBError] = SimpleQueue()
        self._end: Answer | KBError | None = None
        base = knowledge_base()

        def ask() -> None:
            end: Answer | KBError = KBError("the answer did not come: ask again")
            try:
                end = base.ask(question, previous=previous, llm=True, on_sentence=self._said.put)
            except KBError as error:
                end = error
            finally:
                self._said.put(end)

        threading.Thread(target=ask, name="answering", daemon=True).start()

    def sentences(self) -> Iterator[str]:
        """Yield what is said, as Markdown shows it, until the answer is whole."""
        while isinstance(said := self._said.get(), str):
            yield f"{markdown_text(said)}\n\n"
        self._end = said

    def result(self) -> Answer:
        """Return the answer; raises what answering raised."""
        if isinstance(self._end, Answer):
            return self._end
        raise self._end or KBError("the answer was not listened to")
