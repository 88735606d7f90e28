"""Questions: search, ask, and how well both do."""

from __future__ import annotations

from pathlib import Path

from kb import library
from kb.facade.base import Opened
from kb.seams import errors_mapped
from kb.types import NO_FILTERS, Answer, Evaluation, Filters, Mode, SearchResult


class Questions(Opened):
    """What a knowledge base is asked."""

    @errors_mapped()
    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query; InvalidInput, IndexProblem, NotFound for a document filter."""
        from kb.search import search

        library.check_filters(self._home.store, filters)
        return search(self.context, query, k=k, mode=mode, filters=filters)

    @errors_mapped()
    def ask(self, question: str, *, filters: Filters = NO_FILTERS) -> Answer:
        """Answer with verified citations, or refuse with the nearest passages."""
        from kb.answer import ask

        library.check_filters(self._home.store, filters)
        return ask(self.context, question, filters=filters)

    @errors_mapped()
    def evaluate_questions(self, path: Path) -> Evaluation:
        """Measure search and answers on a file of questions."""
        from kb.evaluate import evaluate_questions

        return evaluate_questions(self.context, path)

    @errors_mapped()
    def evaluate_retrieval(self, folder: Path) -> Evaluation:
        """Measure retrieval on a BEIR folder, over its own corpus."""
        from kb.evaluate import evaluate_retrieval

        return evaluate_retrieval(self.context, folder)
