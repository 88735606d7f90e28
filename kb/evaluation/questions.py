"""Measure search and answers on a file of questions with known evidence.

Each line has `question`, `type`, `doc` (stem of the right document's file name, or null), `gold`
(texts one of which the right passage holds; none where the documents do not answer) and `answer`
(a short answer that the answer must contain, or null). Texts are compared after NFKC and without
white space.

`citation_match` is the part of questions with a quote that overlaps gold. `citation_precision` is
the part of an answer's quotes that do, `citation_recall` the part of a question's gold texts that
are quoted; both are means over questions. `refused` is the part of unanswerable questions that are
refused (recall), `refusal_precision` the part of refusals that are right. All are also there by
type, after a colon.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from kb.answering.text import squash
from kb.errors import InvalidInput
from kb.evaluation.beir import Listener
from kb.evaluation.files import FIELD, problem, rows, text_of
from kb.evaluation.metrics import mean
from kb.types import Answer, Citation, Evaluation, Hit

# Hits among which the right passage is looked for; beyond them its reciprocal rank counts as 0.
DEPTH = 50
# Characters of a quote that has to lie within a gold text to count as overlapping it.
SHORTEST_QUOTE = 6

#: Judged of every question that it applies to.
JUDGED = ("answer_match", "citation_match", "citation_precision", "citation_recall")

Search: TypeAlias = Callable[[str, int], Sequence[Hit]]
Ask: TypeAlias = Callable[[str], Answer]
NameOf: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a question file."""

    question: str
    type: str
    document: str | None
    gold: tuple[str, ...]
    answer: str | None

    @property
    def answerable(self) -> bool:
        """Tell whether the documents hold the answer."""
        return bool(self.gold) or self.answer is not None


def read_questions(path: Path) -> list[Asked]:
    """Read a question file; InvalidInput names the line that is wrong."""
    questions = [_asked(row, path, number) for number, row in rows(path)]
    if not questions:
        raise InvalidInput(f"{path} has no questions", field=FIELD)
    return questions


def _asked(row: dict[str, Any], path: Path, number: int) -> Asked:
    gold = row.get("gold") or []
    if not isinstance(gold, list) or not all(isinstance(text, str) for text in gold):
        raise problem(path, number, "has a field 'gold' that is not a list of texts")
    for name in ("doc", "answer"):
        if not isinstance(row.get(name), str | None):
            raise problem(path, number, f"has a field {name!r} that is neither text nor null")
    question = text_of(row, "question", path, number)
    kind = text_of(row, "type", path, number)
    return Asked(question, kind, row.get("doc"), tuple(gold), row.get("answer"))


def evaluate(
    questions: Sequence[Asked],
    search: Search,
    ask: Ask,
    name_of: NameOf,
    on_progress: Listener | None = None,
) -> Evaluation:
    """Search and ask every question; `name_of` gives a document's file name by its id."""
    results = []
    for done, asked in enumerate(questions, start=1):
        results.append(_result(asked, search(asked.question, DEPTH), ask(asked.question), name_of))
        if on_progress is not None:
            on_progress("asking", done, len(questions))
    return Evaluation(_metrics(results), tuple(results))


def _result(
    asked: Asked, hits: Sequence[Hit], answer: Answer, name_of: NameOf
) -> dict[str, object]:
    right = _in_document(asked, name_of)
    gold = [plain(text) for text in asked.gold]
    holding = (hit.rank for hit in hits if right(hit.document_id) and _holds(plain(hit.text), gold))
    cited = [citation for citation in answer.citations if right(citation.document_id)]
    exact = [citation for citation in cited if _overlaps(citation, gold)]
    quoted = [text for text in gold if any(_overlaps(citation, [text]) for citation in cited)]
    return {
        "question": asked.question,
        "type": asked.type,
        "answerable": asked.answerable,
        "rank": next(holding, None) if gold else None,
        "searched": bool(gold),
        "answered": answer.answered,
        "refused": not answer.answered,
        "expected": asked.answer,
        "answer": answer.answer,
        "answer_match": None if asked.answer is None else _contains(answer, asked.answer),
        "citation_match": bool(exact) if gold else None,
        "citation_precision": _part(len(exact), len(answer.citations)) if gold else None,
        "citation_recall": _part(len(quoted), len(gold)),
        "gold": list(asked.gold),
        "document": asked.document,
        "quotes": [citation.quote for citation in answer.citations],
        "reason": answer.reason,
    }


def _in_document(asked: Asked, name_of: NameOf) -> Callable[[str], bool]:
    return lambda document_id: (
        asked.document is None or PurePath(name_of(document_id)).stem == asked.document
    )


def _holds(text: str, gold: Iterable[str]) -> bool:
    return any(sought in text for sought in gold)


def _contains(answer: Answer, expected: str) -> bool:
    return answer.answer is not None and plain(expected) in plain(answer.answer)


def _overlaps(citation: Citation, gold: Iterable[str]) -> bool:
    quote = plain(citation.quote)
    return any(text in quote or (len(quote) >= SHORTEST_QUOTE and quote in text) for text in gold)


def _part(some: int, of: int) -> float | None:
    return some / of if of else None


def _metrics(results: Sequence[dict[str, Any]]) -> dict[str, float]:
    metrics = _measures(results, "")
    for kind in sorted({row["type"] for row in results}):
        metrics |= _measures([row for row in results if row["type"] == kind], f":{kind}")
    refused = [float(not row["answerable"]) for row in results if row["refused"]]
    if refused:
        metrics["refusal_precision"] = mean(refused)
    if "refused" in metrics:
        metrics["refusal_recall"] = metrics["refused"]
    return metrics


def _measures(results: Sequence[dict[str, Any]], suffix: str) -> dict[str, float]:
    metrics = _ranking([row for row in results if row["searched"]], suffix)
    for name in JUDGED:
        judged = [float(row[name]) for row in results if row[name] is not None]
        if judged:
            metrics[name + suffix] = mean(judged)
    for name, answerable in (("refused", False), ("wrongly_refused", True)):
        asked = [float(row["refused"]) for row in results if row["answerable"] is answerable]
        if asked:
            metrics[name + suffix] = mean(asked)
    return metrics


def _ranking(results: Sequence[dict[str, Any]], suffix: str) -> dict[str, float]:
    if not results:
        return {}
    ranks = [row["rank"] for row in results]
    return {
        f"hit@1{suffix}": mean([float(rank == 1) for rank in ranks]),
        f"hit@5{suffix}": mean([float(rank is not None and rank <= 5) for rank in ranks]),
        f"mrr{suffix}": mean([1 / rank if rank else 0.0 for rank in ranks]),
    }


def plain(text: str) -> str:
    """Return the text as it is compared: NFKC, without white space."""
    return squash(unicodedata.normalize("NFKC", text))
