"""Documents behind a server: listed, shown, put right, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import quote

from kb import (
    NO_FILTERS,
    Box,
    CorrectedField,
    Correction,
    DocumentInfo,
    Fact,
    Filters,
    PageText,
    ParsedFile,
    Relation,
    Sentence,
    jsonable,
)
from ui.client import plain_filters
from ui.facade import Style
from ui.remote.link import Remote

#: Documents asked for at a time, and marks that one picture may have.
PAGE = 1000
MOST_MARKS = 200


class RemoteDocuments(Remote):
    """Documents, as `kb.KnowledgeBase` has them."""

    def documents(
        self, filters: Filters = NO_FILTERS, *, replaced: bool = False
    ) -> tuple[DocumentInfo, ...]:
        """Return the documents, newest first; replaced versions too where asked."""
        path: str | None = "/v1/documents"
        within = {"replaced": replaced, "collection": list(filters.collections)}
        asked: dict[str, Any] | None = plain_filters(filters) | {"limit": PAGE} | within
        found: list[DocumentInfo] = []
        while path is not None:
            response = self.link.send("GET", path, params=asked)
            found += self.link.read(list[DocumentInfo], response)
            path, asked = response.links.get("next", {}).get("url"), None
        return tuple(found)

    def document(self, document_id: str) -> DocumentInfo:
        """Return one document; NotFound."""
        return self.link.get(DocumentInfo, place_of(document_id))

    def collections(self) -> dict[str, int]:
        """Return the collections the key sees, each with how many documents are in it."""
        return self.link.get(dict[str, int], "/v1/collections")

    def page_text(self, document_id: str, page: int) -> PageText:
        """Return a page's running text; NotFound."""
        return self.link.get(PageText, f"{place_of(document_id)}/pages/{page}")

    def page_image(
        self, document_id: str, page: int, *, scale: float = 1.5, highlights: Sequence[Box] = ()
    ) -> bytes:
        """Return a page drawn as PNG, marked where `highlights` are on it; NotFound."""
        marks = [
            f"{box.x0:.2f},{box.y0:.2f},{box.x1:.2f},{box.y1:.2f}"
            for box in highlights
            if box.page == page
        ]
        asked = {"scale": scale, "highlight": marks[:MOST_MARKS]}
        path = f"{place_of(document_id)}/pages/{page}.png"
        return self.link.send("GET", path, params=asked).content

    def original(self, document_id: str) -> tuple[str, bytes]:
        """Return a document's file name and bytes as they were added; NotFound."""
        name = self.document(document_id).name
        return name, self.link.send(
            "GET", f"{place_of(document_id)}/original", timeout=None
        ).content

    def parsed(self, document_id: str) -> ParsedFile:
        """Have a document's file read again there; return its pages, blocks and all; NotFound."""
        response = self.link.send("GET", f"{place_of(document_id)}/parsed", timeout=None)
        return self.link.read(ParsedFile, response)

    def lineage(self, document_id: str) -> tuple[Relation, ...]:
        """Return what a document says of others, then what others there say of it; NotFound."""
        return self.link.get(tuple[Relation, ...], f"{place_of(document_id)}/lineage")

    def sentence_at(self, document_id: str, start: int, end: int) -> Sentence:
        """Return the sentence that characters of a document stand in; NotFound, InvalidInput."""
        return self.link.get(Sentence, f"{place_of(document_id)}/sentence", start=start, end=end)

    def reference(
        self,
        document_id: str,
        *,
        page: int | None = None,
        clause: str | None = None,
        style: Style = "gbt7714",
    ) -> str:
        """Return a reference to a document, or to a page or clause of it; NotFound."""
        path = f"{place_of(document_id)}/reference"
        found = self.link.get(dict[str, str], path, page=page, clause=clause, style=style)
        return found["reference"]

    def corrections(self, document_id: str) -> tuple[Correction, ...]:
        """Return the facts of a document that were corrected, and what was read; NotFound."""
        found = self.link.get(list[dict[str, Any]], f"{place_of(document_id)}/corrections")
        return tuple(
            Correction(
                each["field"],
                _fact(each["field"], each["value"]),
                _fact(each["field"], each["as_read"]),
            )
            for each in found
        )

    def correct(self, document_id: str, changes: Mapping[CorrectedField, Fact]) -> DocumentInfo:
        """Correct facts of a document; returns it as it is now; NotFound, InvalidInput."""
        if not changes:
            return self.document(document_id)
        sent = jsonable(dict(changes))
        return self.link.read(
            DocumentInfo, self.link.change("PATCH", place_of(document_id), json=sent)
        )

    def remove(self, document_ids: Sequence[str]) -> tuple[str, ...]:
        """Remove documents one by one; returns their ids; NotFound leaves the rest."""
        for document_id in document_ids:
            self.link.change("DELETE", place_of(document_id))
        return tuple(document_ids)


def place_of(document_id: str) -> str:
    """Return where a server has a document."""
    return f"/v1/documents/{quote(document_id, safe='')}"


def _fact(field: str, plain: Any) -> Fact:
    """Return a fact as it was before it was JSON."""
    if field == "issued_on" and plain is not None:
        return date.fromisoformat(str(plain))
    if field == "issuers":
        return tuple(map(str, plain or ()))
    return None if plain is None else str(plain)
