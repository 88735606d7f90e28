"""Evaluate a knowledge base, or its retrieval, on files of known answers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kb.answer import ask
from kb.context import Context
from kb.evaluation import beir, questions
from kb.evaluation.beir import Listener
from kb.search import search
from kb.types import Evaluation


def evaluate_questions(
    context: Context, path: Path, on_progress: Listener | None = None
) -> Evaluation:
    """Measure search and answers of a knowledge base on a question file.

    Raises InvalidInput where the file is missing or wrong, naming the line.
    """

    @cache
    def name_of(document_id: str) -> str:
        document = context.store.document(document_id)
        return document.name if document is not None else ""

    return questions.evaluate(
        questions.read_questions(path),
        lambda query, k: search(context, query, k=k).hits,
        lambda question: ask(context, question),
        name_of,
        on_progress,
    )


def evaluate_retrieval(
    context: Context, folder: Path, on_progress: Listener | None = None
) -> Evaluation:
    """Measure retrieval with the settings' models on a BEIR folder, over its own corpus.

    Nothing is added to the knowledge base. Raises InvalidInput where a file is missing or wrong.
    """
    from index import load_segmenter

    return beir.evaluate_folder(
        folder,
        context.encoder,
        load_segmenter(),
        on_progress,
        pair_reader=context.pair_reader,
        reads_again=context.reads_again,
    )
