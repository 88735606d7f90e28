"""Facets: what documents can be chosen by, and how many of them, or of the hits, each has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from kb import DocumentInfo, Filters, Hit

Counts: TypeAlias = Mapping[str, int]
#: Facets that are facts of a document.
NAMES: Final = ("document", "type", "issuer", "year")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen of the facets; empty means any."""

    document: str = ""
    type: str = ""
    issuer: str = ""
    ministry: str = ""
    year: str = ""
    in_force: bool = False

    @property
    def filters(self) -> Filters:
        """The filters it stands for."""
        year = int(self.year) if self.year.isascii() and self.year.isdecimal() else None
        known = year is not None and 1 <= year <= 9999
        return Filters(
            document=self.document or None,
            type=self.type or None,
            issuer=self.issuer or None,
            ministry=self.ministry or None,
            since=date(year, 1, 1) if known and year else None,
            until=date(year, 12, 31) if known and year else None,
            in_force=self.in_force,
        )

    def __len__(self) -> int:
        """Return how many facets are chosen."""
        parts = (self.document, self.type, self.issuer, self.ministry, self.year, self.in_force)
        return sum(map(bool, parts))


def of_documents(documents: Iterable[DocumentInfo]) -> dict[str, Counts]:
    """Count documents by each fact."""
    return _counted((document, 1) for document in documents)


def of_hits(hits: Iterable[Hit], documents: Mapping[str, DocumentInfo]) -> dict[str, Counts]:
    """Count hits by each fact of their documents."""
    per_document = Counter(hit.document_id for hit in hits)
    return _counted(
        (documents[one], count) for one, count in per_document.items() if one in documents
    )


def _counted(documents: Iterable[tuple[DocumentInfo, int]]) -> dict[str, Counts]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in NAMES}
    for document, count in documents:
        for name, value in _facts(document):
            counts[name][value] += count
    return {name: dict(counted.most_common()) for name, counted in counts.items()}


def _facts(document: DocumentInfo) -> Iterator[tuple[str, str]]:
    yield "document", document.document_id
    if document.document_type:
        yield "type", document.document_type
    for issuer in document.issuers:
        yield "issuer", issuer
    if document.issued_on:
        yield "year", str(document.issued_on.year)
