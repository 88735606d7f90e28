"""Turn what `ingest` read into what the store keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from ingest import body as placed
from ingest.model import Box as ParsedBox
from ingest.model import Clause, Document, Passage
from ingest.passages import Coverage, coverage
from kb.records import (
    ClauseRecord,
    LineRecord,
    NewDocument,
    NewPassage,
    PageRecord,
    ReferenceRecord,
)
from kb.types import Box, Deadline, DocumentInfo, ResponsibleBody

#: Hexadecimal digits of a file's SHA-256 that name its document.
ID_LENGTH = 16
#: How `ingest.pdf` words its warning of pages it left empty for want of OCR.
NO_USABLE_TEXT = "no usable text"
#: What warnings say of pages that are not in.
_MISSING = (NO_USABLE_TEXT, "left out", "could not be read")
#: Characters in no passage that are worth a warning; a table of contents' own heading is fewer.
WORTH_TELLING = 20


def document_id_of(sha256: str) -> str:
    """Return the id of the document with this content."""
    return sha256[:ID_LENGTH]


def new_document(
    document: Document, *, name: str, sha256: str, suffix: str, ocr: str
) -> NewDocument:
    """Return everything the store keeps of a parsed file."""
    document_id = document_id_of(sha256)
    passages = tuple(_passages(document, document_id))
    info = _info(document, document_id, name)
    return NewDocument(
        info=info,
        sha256=sha256,
        suffix=suffix,
        ocr=ocr,
        partial=not passages or _is_partial(document),
        text=document.body.text,
        pages=tuple(_pages(document, document_id)),
        lines=tuple(_lines(document)),
        clauses=tuple(_clauses(document, document_id)),
        passages=passages,
        references=tuple(_references(document)),
    )


def _is_partial(document: Document) -> bool:
    """Tell whether some page is not in, for whatever reason."""
    return any(said in warning for warning in document.warnings for said in _MISSING)


def lacks_text(document: Document) -> bool:
    """Tell whether some page holds text that only OCR could read, and it did not."""
    return any(NO_USABLE_TEXT in warning for warning in document.warnings)


def _info(document: Document, document_id: str, name: str) -> DocumentInfo:
    metadata = document.metadata
    found = coverage(document.body, document.passages, document.pages)
    warnings = [*document.warnings, *_lost(found)]
    return DocumentInfo(
        document_id=document_id,
        path="",
        name=name,
        title=metadata.title,
        document_number=metadata.document_number,
        issuers=metadata.issuers,
        issued_on=metadata.issued_on,
        document_type=metadata.document_type,
        validity=metadata.validity,
        pages=len(document.pages),
        passages=len(document.passages),
        characters=found.total,
        characters_indexed=found.indexed,
        warnings=tuple(warnings),
        added_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        effective_on=metadata.effective_on,
        addressees=metadata.addressees,
        language=metadata.language,
    )


def _lost(found: Coverage) -> Iterator[str]:
    """Warn of text that was read and is in no passage; tables of contents are left out by rule."""
    missing = found.total - found.indexed
    if missing > WORTH_TELLING:
        yield f"{missing} characters that were read are in no passage: no search finds them"


def _pages(document: Document, document_id: str) -> Iterator[PageRecord]:
    for page, start in zip(document.pages, document.body.page_starts, strict=True):
        yield PageRecord(
            document_id, page.number, page.width, page.height, page.source, page.text, start
        )


def _lines(document: Document) -> Iterator[LineRecord]:
    for line in document.body.lines:
        if line.box is not None:
            yield LineRecord(line.start, line.end, _box(line.box), line.stops)


def _clauses(document: Document, document_id: str) -> Iterator[ClauseRecord]:
    for ordinal, clause in enumerate(document.clauses):
        yield ClauseRecord(
            clause_id=clause.clause_id,
            document_id=document_id,
            ordinal=ordinal,
            number=clause.number,
            heading_path=clause.heading_path,
            start=clause.start,
            end=clause.end,
            text=clause.text,
            page=placed.page_at(document.body, clause.start),
            boxes=_boxes(document, clause.start, clause.end),
            responsibility=bodies_of(clause),
            title=document.metadata.title,
            obligations=clause.obligations,
            deadlines=tuple(Deadline(each.due, each.as_written) for each in clause.deadlines),
            targets=tuple(target.as_written for target in clause.targets),
        )


def _references(document: Document) -> Iterator[ReferenceRecord]:
    clauses = document.clauses
    for reference in document.references:
        within = (i for i, c in enumerate(clauses) if c.start <= reference.start < c.end)
        yield ReferenceRecord(
            kind=reference.kind,
            title=reference.title,
            number=reference.number,
            as_written=reference.as_written,
            start=reference.start,
            end=reference.end,
            page=placed.page_at(document.body, reference.start),
            clause_ordinal=next(within, None),
        )


def bodies_of(clause: Clause) -> tuple[ResponsibleBody, ...]:
    """Return the bodies a clause makes responsible, each role of each once."""
    return tuple(
        dict.fromkeys(
            ResponsibleBody(body.ministry, body.as_written, body.role, body.implicit)
            for body in clause.responsibility
        )
    )


def _passages(document: Document, document_id: str) -> Iterator[NewPassage]:
    body = document.body
    for ordinal, passage in enumerate(document.passages):
        yield NewPassage(
            passage_id=_passage_id(document_id, passage),
            ordinal=ordinal,
            start=passage.start,
            end=passage.end,
            text=passage.text,
            search_text=passage.search_text,
            heading_path=passage.heading_path,
            clause_id=passage.clause_id,
            clause_number=passage.clause_number,
            pages=placed.pages_of(body, passage.start, passage.end),
            boxes=_boxes(document, passage.start, passage.end),
        )


def _passage_id(document_id: str, passage: Passage) -> str:
    """Name a passage by its document, its clause's number path, and its characters."""
    path = (passage.clause_id or "").partition("-")[2] or "text"
    return f"{document_id}.{path}.{passage.start}-{passage.end}"


def _boxes(document: Document, start: int, end: int) -> tuple[Box, ...]:
    return _shown(placed.boxes(document.body, start, end))


def _shown(boxes: Iterable[ParsedBox]) -> tuple[Box, ...]:
    return tuple(_box(box) for box in boxes)


def _box(box: ParsedBox) -> Box:
    return Box(box.page, box.x0, box.y0, box.x1, box.y1)
