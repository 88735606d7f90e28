"""What is exported, whatever the format: quotes with their places, and the sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.answering.text import squash
from kb.bibliography import reference
from kb.exporting.links import Link
from kb.types import (
    Answer,
    Citation,
    ClauseInfo,
    ClauseList,
    Deadline,
    DocumentInfo,
    Hit,
    Obligation,
    ResponsibleBody,
    SearchResult,
)

#: Finds a document by its id.
Lookup = Callable[[str], DocumentInfo]


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a document, where they stand, and whom they make responsible."""

    document: DocumentInfo
    page: int
    number: str
    heading_path: tuple[str, ...]
    text: str
    reference: str
    link: str | None
    bodies: tuple[ResponsibleBody, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A document that quotes are from."""

    document: DocumentInfo
    reference: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Digest:
    """Quotes under a title; in an `answer`, markers as [1] name them by their place."""

    kind: Literal["clauses", "hits", "answer"]
    title: str
    note: str
    quotes: tuple[Quote, ...]
    sources: tuple[Source, ...]
    answer: str | None = None

    def numbered(self) -> Iterator[tuple[int, Quote]]:
        """Yield each quote that the answer does not have word for word, with its place from 1."""
        said = squash(self.answer or "")
        for place, quote in enumerate(self.quotes, 1):
            if not said or squash(quote.text) not in said:
                yield place, quote


class Gatherer:
    """Makes digests of what was found; each document is looked up once."""

    def __init__(self, lookup: Lookup, link: Link) -> None:
        self._lookup = lookup
        self._link = link
        self._known: dict[str, DocumentInfo] = {}

    def of_clauses(self, found: ClauseList) -> Digest:
        """Gather clauses; NotFound where a document was removed since, as for all of these."""
        quotes = tuple(map(self._of_clause, found.clauses))
        ministry = found.ministry
        title = "条款摘编" if ministry is None else f"{ministry.name}相关条款"
        via = "" if ministry is None else "、".join(ministry.matched_via)
        return self._digest("clauses", title, f"又作：{via}" if via else "", quotes)

    def of_hits(self, found: SearchResult) -> Digest:
        """Gather the passages that a search found."""
        return self._digest("hits", found.query, "检索结果", tuple(map(self._of_hit, found.hits)))

    def of_answer(self, answer: Answer) -> Digest:
        """Gather an answer's citations; of a refusal, the nearest passages."""
        if answer.answered:
            quotes = tuple(map(self._of_citation, answer.citations))
            return self._digest("answer", answer.question, "", quotes, answer.answer)
        note = "文件中没有可以作答的依据；以下是最接近的段落"
        quotes = tuple(map(self._of_hit, answer.nearest))
        return self._digest("hits", answer.question, note, quotes)

    def document(self, document_id: str) -> DocumentInfo:
        """Return a document by its id; NotFound."""
        if document_id not in self._known:
            self._known[document_id] = self._lookup(document_id)
        return self._known[document_id]

    def sources(self, document_ids: Sequence[str]) -> tuple[Source, ...]:
        """Return documents as sources, each once, in order."""
        infos = map(self.document, dict.fromkeys(document_ids))
        return tuple(Source(info, reference(info), self._link(info, 1, None)) for info in infos)

    def link(self, document_id: str, page: int, clause_id: str | None) -> str | None:
        """Return where a place can be opened, if anywhere."""
        return self._link(self.document(document_id), page, clause_id)

    def _digest(
        self,
        kind: Literal["clauses", "hits", "answer"],
        title: str,
        note: str,
        quotes: tuple[Quote, ...],
        answer: str | None = None,
    ) -> Digest:
        sources = self.sources([quote.document.document_id for quote in quotes])
        counts = f"{len(quotes)} 条，出自 {len(sources)} 份文件"
        return Digest(kind, title, "；".join(filter(None, (note, counts))), quotes, sources, answer)

    def _of_clause(self, clause: ClauseInfo) -> Quote:
        info = self.document(clause.document_id)
        return Quote(
            document=info,
            page=clause.page,
            number=clause.number,
            heading_path=clause.heading_path,
            text=clause.text,
            reference=reference(info, clause.page, clause.number),
            link=self._link(info, clause.page, clause.clause_id),
            bodies=clause.responsibility,
            obligations=clause.obligations,
            deadlines=clause.deadlines,
        )

    def _of_hit(self, hit: Hit) -> Quote:
        return self._passage(hit, hit.text)

    def _of_citation(self, citation: Citation) -> Quote:
        return self._passage(citation, citation.quote)

    def _passage(self, place: Hit | Citation, text: str) -> Quote:
        info = self.document(place.document_id)
        return Quote(
            document=info,
            page=place.page,
            number=place.clause or "",
            heading_path=place.heading_path,
            text=text,
            reference=reference(info, place.page, place.clause),
            link=self._link(info, place.page, None),
        )
