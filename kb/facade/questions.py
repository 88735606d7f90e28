"""Questions: search, ask, and how well both do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kb import library
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import NO_FILTERS, Answer, Evaluation, Filters, Mode, SearchResult, Suggestion

if TYPE_CHECKING:
    from index import PassageIndex
    from kb.evaluation.beir import Listener as OnMeasured
    from kb.finding.suggest import Suggester
    from kb.llm.answering import OnSending, OnSentence
    from kb.llm.client import ChatModel


class Questions(Opened):
    """What a knowledge base is asked."""

    _suggester: tuple[int, Suggester] | None = None

    @errors_mapped()
    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query; InvalidInput, IndexProblem, NotFound for a document filter."""
        from kb.search import search

        library.check_filters(self._home.store, filters)
        return search(self.context, query, k=k, mode=mode, filters=filters)

    @errors_mapped()
    def suggest(self, prefix: str, n: int = 8) -> tuple[Suggestion, ...]:
        """Return at most `n` titles, headings and words that a query may be about to become.

        Titles and headings are read at the first call and after a change. InvalidInput for `n`
        outside 1 to 100.
        """
        from kb.finding.suggest import Suggester, checked_count

        store, n = self._home.store, checked_count(n)
        if self._suggester is None or self._suggester[0] != store.revision():
            titles = [(one.document_id, one.title) for one in store.documents()]
            self._suggester = store.revision(), Suggester(titles, store.headings())
        return self._suggester[1].suggest(prefix, n, self._words())

    def _words(self) -> PassageIndex | None:
        """Return the index whose words may be suggested."""
        return self.context.index

    @errors_mapped()
    def ask(
        self,
        question: str,
        *,
        filters: Filters = NO_FILTERS,
        previous: Answer | None = None,
        llm: bool = False,
        on_sending: OnSending | None = None,
        on_sentence: OnSentence | None = None,
    ) -> Answer:
        """Answer with verified citations, or refuse with the nearest passages.

        `previous` is the answer that the question may follow. With `llm` the language model of the
        settings words the answer: `on_sending` is told what is sent where, before it is, and
        `on_sentence` each sentence that its citations support. InvalidInput where none is set.
        """
        from kb.answer import Model, ask

        library.check_filters(self._home.store, filters)
        model = Model(self._chat(), on_sending, on_sentence) if llm else None
        return ask(self.context, question, filters=filters, previous=previous, model=model)

    def _chat(self) -> ChatModel:
        from kb.llm.client import chat_client

        settings = self._home.settings
        return chat_client(settings.llm_url, settings.llm_model, settings.llm_timeout, os.environ)

    @errors_mapped()
    def evaluate_questions(self, path: Path, on_progress: OnMeasured | None = None) -> Evaluation:
        """Measure search and answers on a file of questions.

        `on_progress` is told what is done, how many and of how many. InvalidInput names the line
        that is wrong.
        """
        from kb.evaluate import evaluate_questions

        self._check_whole()
        return evaluate_questions(self.context, path, on_progress)

    @errors_mapped()
    def evaluate_retrieval(self, folder: Path) -> Evaluation:
        """Measure retrieval on a BEIR folder, over its own corpus."""
        from kb.evaluate import evaluate_retrieval

        self._check_whole()
        return evaluate_retrieval(self.context, folder)
