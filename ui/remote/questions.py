"""Questions to a server: searched, answered, compared, exported, measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from pydantic import TypeAdapter

from kb import (
    NO_FILTERS,
    Answer,
    BodyInfo,
    ClauseInfo,
    ClauseList,
    Diff,
    DraftCheck,
    Evaluation,
    Filters,
    Matrix,
    MinistryCount,
    MinistryMatch,
    Mode,
    Neighbour,
    Obligation,
    RoleFilter,
    SearchResult,
    Suggestion,
    Upload,
)
from ui.client import plain_filters
from ui.facade import OnMeasured
from ui.remote.link import PATIENCE, Remote, shares_told

#: Clauses asked for at a time.
PAGE: Final = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class _Clauses:
    """A page of clauses, as a server lists them."""

    ministry: MinistryMatch | None
    total: int
    counts: tuple[MinistryCount, ...]
    clauses: tuple[ClauseInfo, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class _Suggestions:
    """What a query may become, as a server lists it."""

    found: tuple[Suggestion, ...]


class RemoteQuestions(Remote):
    """Questions, as `kb.KnowledgeBase` takes them."""

    def search(
        self, query: str, *, k: int = 10, mode: Mode = "hybrid", filters: Filters = NO_FILTERS
    ) -> SearchResult:
        """Rank passages for a query."""
        body = {"query": query, "k": k, "mode": mode, "filters": plain_filters(filters)}
        return self.link.read(SearchResult, self.link.send("POST", "/v1/search", json=body))

    def suggest(self, prefix: str, n: int = 8) -> tuple[Suggestion, ...]:
        """Return what a query may be about to become."""
        return self.link.get(_Suggestions, "/v1/suggest", q=prefix[:200], n=n).found

    def neighbours(
        self, passage_id: str, *, before: int = 1, after: int = 1
    ) -> tuple[Neighbour, ...]:
        """Return the passages around one, in their order; NotFound."""
        path = f"/v1/passages/{quote(passage_id, safe='')}/neighbours"
        return self.link.get(tuple[Neighbour, ...], path, before=before, after=after)

    def ask(
        self,
        question: str,
        *,
        filters: Filters = NO_FILTERS,
        previous: Answer | None = None,
        llm: bool = False,
        on_sentence: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer with verified citations, or refuse with the nearest passages.

        What `previous` was asked, as it was understood, is what the question may follow. With
        `llm`, `on_sentence` is told each sentence as it comes.
        """
        earlier = [] if previous is None else [previous.asked or previous.question]
        body = {
            "question": question,
            "filters": plain_filters(filters),
            "llm": llm,
            "earlier": earlier,
        }
        if llm and on_sentence is not None:
            return self._heard(body, on_sentence)
        return self.link.read(
            Answer, self.link.send("POST", "/v1/ask", json=body, timeout=PATIENCE)
        )

    def _heard(self, body: dict[str, Any], on_sentence: Callable[[str], None]) -> Answer:
        def say(kind: str, data: str) -> None:
            if kind == "sentence":
                on_sentence(TypeAdapter(dict[str, str]).validate_json(data)["text"])

        said = self.link.heard("/v1/ask", "answer", say, json=body)
        return TypeAdapter(Answer).validate_json(said)

    def clauses(
        self,
        *,
        ministry: str | None = None,
        role: RoleFilter = "any",
        number: str | None = None,
        text: str | None = None,
        obligation: Obligation | None = None,
        due_before: date | None = None,
        filters: Filters = NO_FILTERS,
        limit: int | None = None,
        offset: int = 0,
    ) -> ClauseList:
        """Return the clauses that all of this holds for, in document order."""
        asked = plain_filters(filters) | {"role": role, "number": number, "text": text}
        asked |= {"obligation": obligation, "due_before": due_before}
        if ministry is not None:
            asked["ministry"] = ministry
        found: list[ClauseInfo] = []
        while True:
            left = PAGE if limit is None else limit - len(found)
            place = {"limit": max(1, min(PAGE, left)), "offset": offset + len(found)}
            page = self.link.get(_Clauses, "/v1/clauses", **asked, **place)
            found += page.clauses[: max(0, left)]
            if not page.clauses or len(found) == limit or offset + len(found) >= page.total:
                return ClauseList(page.ministry, tuple(found), page.total, page.counts)

    def clause(self, clause_id: str, document: str | None = None) -> ClauseInfo:
        """Return one clause by its id; NotFound."""
        path = f"/v1/clauses/{quote(clause_id, safe='')}"
        return self.link.get(ClauseInfo, path, document=document)

    def matrix(self, filters: Filters = NO_FILTERS) -> Matrix:
        """Return which body has which part in which clause."""
        return self.link.get(Matrix, "/v1/matrix", **plain_filters(filters))

    def registry(self, *, kind: str | None = None) -> tuple[BodyInfo, ...]:
        """Return the bodies known, of one kind where asked."""
        return self.link.get(tuple[BodyInfo, ...], "/v1/registry", kind=kind)

    def diff(self, old: str | Upload, new: str | Upload) -> Diff:
        """Compare two versions clause by clause, each a document's id or a file."""
        sides = {"old": old, "new": new}
        files = {name: tuple(side) for name, side in sides.items() if isinstance(side, Upload)}
        ids = {f"{name}_id": side for name, side in sides.items() if isinstance(side, str)}
        if not files:
            return self.link.get(Diff, "/v1/diff", old=old, new=new)
        sent: dict[str, Any] = {"files": files, "data": ids, "timeout": None}
        return self.link.read(Diff, self.link.send("POST", "/v1/diff", **sent))

    def check(self, draft: str | Upload) -> DraftCheck:
        """Say of every quotation, title and number in a draft whether it is right."""
        sent: dict[str, Any] = {"timeout": None}
        if isinstance(draft, str):
            sent["data"] = {"document_id": draft}
        else:
            sent["files"] = {"file": tuple(draft)}
        return self.link.read(DraftCheck, self.link.send("POST", "/v1/check", **sent))

    def evaluate_questions(self, path: Path, on_progress: OnMeasured | None = None) -> Evaluation:
        """Measure search and answers on a file of questions, which needs a key of scope admin."""

        def measured(done: int, total: int) -> None:
            if on_progress is not None:
                on_progress(path.name, done, total)

        files = {"file": (path.name, path.read_bytes())}
        said = self.link.heard("/v1/eval", "evaluation", shares_told(measured), files=files)
        return TypeAdapter(Evaluation).validate_json(said)
