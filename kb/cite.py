"""Citations: a quote is a span of a document's text, proved to stand on its page.

A span that crosses pages gives one quote for each page. A quote is taken from the text of its page,
so that it is found there once white space is normalised; one that is not there is dropped and
counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import quote as in_address

from kb.answering.text import squash
from kb.bibliography import reference
from kb.records import ClauseRecord, PageRecord, PassageRecord
from kb.store.protocol import StoreReader
from kb.types import Citation, DocumentInfo


@dataclass(slots=True)
class Quotes:
    """Makes the citations of one answer; `dropped` counts quotes that were not on their page."""

    store: StoreReader
    citations: list[Citation] = field(default_factory=list)
    dropped: int = 0
    _texts: dict[str, str] = field(default_factory=dict)
    _passages: dict[str, list[PassageRecord]] = field(default_factory=dict)
    _documents: dict[str, DocumentInfo | None] = field(default_factory=dict)
    _pages: dict[tuple[str, int], PageRecord | None] = field(default_factory=dict)

    def cite(self, passage: PassageRecord, start: int, end: int) -> tuple[int, ...]:
        """Cite the characters `[start, end)` of a passage's document; return the markers given.

        One marker for each page the span touches, several where the page prints something else
        between its parts; none if it is not on any. A span cited before keeps its markers.
        """
        markers = []
        for page, from_, to in self._by_page(passage, start, end):
            for first, last in self._parts(passage.document_id, page, from_, to):
                marker = self._known(passage.document_id, first, last)
                if marker is None:
                    marker = self._add(passage, page, first, last)
                if marker is not None:
                    markers.append(marker)
        return tuple(markers)

    def _parts(
        self, document_id: str, page: PageRecord, start: int, end: int
    ) -> Iterator[tuple[int, int]]:
        """Part a span, at line breaks, where its page does not print it in one piece.

        A footnote is read before or after the whole of the paragraph that it parts.
        """
        text = self._text(document_id)
        while start < end:
            last = end
            while find_quote(text[start:last], page.text, start - page.start) is None:
                shorter = text.rfind("\n", start, last)
                if shorter <= start:
                    break
                last = shorter
            yield start, last
            start = last + len(text[last:end]) - len(text[last:end].lstrip())

    def cite_clause(self, clause: ClauseRecord) -> tuple[int, ...]:
        """Cite a clause whole, by the passage it begins in; return the markers given."""
        document_id = clause.document_id
        if document_id not in self._passages:
            self._passages[document_id] = self.store.passages(document_id)
        for passage in self._passages[document_id]:
            if passage.start <= clause.start < passage.end:
                place = replace(
                    passage,
                    clause_id=clause.clause_id,
                    clause_number=clause.number,
                    heading_path=clause.heading_path,
                )
                return self.cite(place, clause.start, clause.end)
        self.dropped += 1
        return ()

    def _known(self, document_id: str, start: int, end: int) -> int | None:
        for citation in self.citations:
            within = citation.start <= start and end <= citation.end
            if citation.document_id == document_id and within:
                return citation.marker
        return None

    def _add(self, passage: PassageRecord, page: PageRecord, start: int, end: int) -> int | None:
        quote = find_quote(
            self._text(passage.document_id)[start:end], page.text, start - page.start
        )
        if quote is None:
            self.dropped += 1
            return None
        marker = len(self.citations) + 1
        document = self._document(passage.document_id)
        self.citations.append(
            Citation(
                marker=marker,
                passage_id=passage.passage_id,
                document_id=passage.document_id,
                title=passage.title,
                page=page.number,
                quote=quote,
                boxes=self.store.boxes(passage.document_id, start, end),
                start=start,
                end=end,
                clause=passage.clause_number,
                heading_path=passage.heading_path,
                reference=_reference(document, page.number, passage.clause_number),
                permalink=_permalink(passage, page.number),
            )
        )
        return marker

    def _document(self, document_id: str) -> DocumentInfo | None:
        if document_id not in self._documents:
            self._documents[document_id] = self.store.document(document_id)
        return self._documents[document_id]

    def _by_page(
        self, passage: PassageRecord, start: int, end: int
    ) -> Iterator[tuple[PageRecord, int, int]]:
        """Split a span at page boundaries, white space at the pieces' ends left out."""
        text = self._text(passage.document_id)
        page = self._page(passage.document_id, passage.pages[0] if passage.pages else 1)
        while page is not None and page.start < end:
            following = self._page(passage.document_id, page.number + 1)
            until = following.start if following is not None else len(text)
            from_, to = max(start, page.start), min(end, until)
            while from_ < to and text[from_].isspace():
                from_ += 1
            while to > from_ and text[to - 1].isspace():
                to -= 1
            if from_ < to:
                yield page, from_, to
            page = following

    def _page(self, document_id: str, number: int) -> PageRecord | None:
        if (document_id, number) not in self._pages:
            self._pages[document_id, number] = self.store.page(document_id, number)
        return self._pages[document_id, number]

    def _text(self, document_id: str) -> str:
        if document_id not in self._texts:
            self._texts[document_id] = self.store.document_text(document_id)
        return self._texts[document_id]


def _reference(document: DocumentInfo | None, page: int, clause: str | None) -> str | None:
    return None if document is None else reference(document, page, clause)


def _permalink(passage: PassageRecord, page: int) -> str:
    """Return the path of a passage's clause, else of its page, on a server of this knowledge base.

    Ids are letters, digits, dots and hyphens.
    """
    if passage.clause_id is not None:
        return f"/c/{in_address(passage.clause_id, safe='')}"
    return f"/v1/documents/{in_address(passage.document_id, safe='')}/pages/{page}"


def find_quote(quote: str, page: str, near: int = 0) -> str | None:
    """Return the quote as the page has it, white space aside; None where it does not.

    `near` is where on the page the quote should be; of several places the closest is taken.
    """
    if quote.strip() == quote != "" and page.startswith(quote, max(0, near)):
        return quote
    places = [at for at, sign in enumerate(page) if not sign.isspace()]
    bare, sought = squash(page), squash(quote)
    if not sought:
        return None
    found: list[tuple[int, int]] = []
    at = bare.find(sought)
    while at >= 0:
        found.append((abs(places[at] - near), at))
        at = bare.find(sought, at + 1)
    if not found:
        return None
    _, first = min(found)
    return page[places[first] : places[first + len(sought) - 1] + 1]
