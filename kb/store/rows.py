"""Rows to records, and records to rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import sqlalchemy as sa

from ingest.numbering import number_key
from kb.records import (
    ClauseRecord,
    LineRecord,
    NewDocument,
    PageRecord,
    PassageRecord,
    ReferenceRecord,
    StoredFile,
)
from kb.store.codec import pack_boxes, pack_lines, unpack_boxes
from kb.titles import number_key as number_key_of
from kb.titles import title_key, title_keys
from kb.types import Deadline, DocumentInfo, Obligation, ResponsibleBody

Row: TypeAlias = "sa.Row[Any]"
Values: TypeAlias = dict[str, Any]
#: Raised when reading finds facts of a new kind, so that documents read before are known. 2: dates
#: of effect, addressees, languages, obligations, deadlines, targets and relations.
FACTS = 2


def to_document(row: Row, issuers: Sequence[str]) -> DocumentInfo:
    """Read a row of `documents`."""
    return DocumentInfo(
        document_id=row.document_id,
        path=row.path,
        name=row.name,
        title=row.title,
        document_number=row.document_number,
        issuers=tuple(issuers),
        issued_on=row.issued_on,
        document_type=row.document_type,
        validity=row.validity,
        pages=row.page_count,
        passages=row.passage_count,
        characters=row.characters,
        characters_indexed=row.characters_indexed,
        warnings=tuple(row.warnings),
        added_at=row.added_at,
        superseded_by=row.superseded_by,
        effective_on=row.effective_on,
        addressees=tuple(row.addressees),
        language=row.language,
    )


def to_stored_file(row: Row) -> StoredFile:
    """Read what a row of `documents` says of its file."""
    return StoredFile(
        row.document_id,
        row.sha256,
        row.suffix,
        row.name,
        row.ocr,
        bool(row.partial),
        row.facts < FACTS,
    )


def to_page(row: Row) -> PageRecord:
    """Read a row of `pages`."""
    return PageRecord(
        row.document_id, row.number, row.width, row.height, row.source, row.text, row.start
    )


def to_passage(row: Row) -> PassageRecord:
    """Read a row of `passages` joined with its document's title."""
    return PassageRecord(
        key=row.key,
        passage_id=row.passage_id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        start=row.start,
        end=row.end,
        text=row.text,
        heading_path=tuple(row.heading_path),
        clause_id=row.clause_id,
        clause_number=row.clause_number,
        pages=tuple(row.pages),
        boxes=unpack_boxes(row.boxes),
        title=row.title,
    )


def to_clause(
    row: Row,
    title: str,
    bodies: Sequence[ResponsibleBody],
    obligations: Sequence[Obligation],
    deadlines: Sequence[Deadline],
) -> ClauseRecord:
    """Read a row of `clauses`, and what other tables have of it."""
    return ClauseRecord(
        clause_id=row.clause_id,
        document_id=row.document_id,
        ordinal=row.ordinal,
        number=row.number,
        heading_path=tuple(row.heading_path),
        start=row.start,
        end=row.end,
        text=row.text,
        page=row.page,
        boxes=unpack_boxes(row.boxes),
        responsibility=tuple(bodies),
        title=title,
        obligations=tuple(obligations),
        deadlines=tuple(deadlines),
        targets=tuple(row.targets),
    )


def to_reference(row: Row) -> ReferenceRecord:
    """Read a row of `relations`."""
    return ReferenceRecord(
        kind=row.kind,
        title=row.title,
        number=row.number,
        as_written=row.as_written,
        start=row.start,
        end=row.end,
        page=row.page,
        clause_ordinal=row.clause_ordinal,
    )


def document_values(document: NewDocument, path: str) -> Values:
    """Return the row of `documents` for a parsed file."""
    info = document.info
    return {
        "document_id": info.document_id,
        "sha256": document.sha256,
        "suffix": document.suffix,
        "path": path,
        "name": info.name,
        "title": info.title,
        "document_number": info.document_number,
        "number_key": number_key_of(info.document_number) if info.document_number else None,
        "issued_on": info.issued_on,
        "effective_on": info.effective_on,
        "addressees": list(info.addressees),
        "language": info.language,
        "document_type": info.document_type,
        "validity": info.validity,
        "page_count": info.pages,
        "passage_count": info.passages,
        "characters": info.characters,
        "characters_indexed": info.characters_indexed,
        "warnings": list(info.warnings),
        "ocr": document.ocr,
        "partial": document.partial,
        "added_at": info.added_at,
        "superseded_by": None,
        "facts": FACTS,
    }


def title_values(document_id: str, title: str) -> list[Values]:
    """Return the rows of `titles`."""
    return [{"document_id": document_id, "key": key} for key in title_keys(title)]


def page_values(document: NewDocument) -> list[Values]:
    """Return the rows of `pages`."""
    return [
        {
            "document_id": document.info.document_id,
            "number": page.number,
            "width": page.width,
            "height": page.height,
            "source": page.source,
            "text": page.text,
            "start": page.start,
        }
        for page in document.pages
    ]


def line_values(document: NewDocument) -> list[Values]:
    """Return the rows of `lines`, one for each page with printed lines."""
    return [
        {
            "document_id": document.info.document_id,
            "page": page,
            "start": min(line.start for line in lines),
            "end": max(line.end for line in lines),
            "data": pack_lines(lines),
        }
        for page, lines in _by_page(document.lines)
    ]


def _by_page(lines: Sequence[LineRecord]) -> Iterator[tuple[int, list[LineRecord]]]:
    ordered = sorted(lines, key=lambda line: (line.box.page, line.start))
    for page, group in groupby(ordered, key=lambda line: line.box.page):
        yield page, list(group)


def clause_values(document: NewDocument) -> list[Values]:
    """Return the rows of `clauses`."""
    return [
        {
            "document_id": document.info.document_id,
            "ordinal": clause.ordinal,
            "clause_id": clause.clause_id,
            "number": clause.number,
            "number_key": number_key(clause.number)[:64],
            "heading_path": list(clause.heading_path),
            "start": clause.start,
            "end": clause.end,
            "text": clause.text,
            "page": clause.page,
            "boxes": pack_boxes(clause.boxes),
            "targets": list(clause.targets),
        }
        for clause in document.clauses
    ]


def responsibility_values(document: NewDocument) -> list[Values]:
    """Return the rows of `responsibilities`."""
    return [
        {
            "document_id": document.info.document_id,
            "clause_ordinal": clause.ordinal,
            "position": position,
            "ministry": body.ministry,
            "as_written": body.as_written,
            "role": body.role,
            "implicit": body.implicit,
        }
        for clause in document.clauses
        for position, body in enumerate(clause.responsibility)
    ]


def obligation_values(document: NewDocument) -> list[Values]:
    """Return the rows of `obligations`."""
    return [
        {
            "document_id": document.info.document_id,
            "clause_ordinal": clause.ordinal,
            "position": position,
            "obligation": obligation,
        }
        for clause in document.clauses
        for position, obligation in enumerate(dict.fromkeys(clause.obligations))
    ]


def deadline_values(document: NewDocument) -> list[Values]:
    """Return the rows of `deadlines`."""
    return [
        {
            "document_id": document.info.document_id,
            "clause_ordinal": clause.ordinal,
            "position": position,
            "due": deadline.due,
            "as_written": deadline.as_written,
        }
        for clause in document.clauses
        for position, deadline in enumerate(clause.deadlines)
    ]


def relation_values(document: NewDocument) -> list[Values]:
    """Return the rows of `relations`."""
    return [
        {
            "document_id": document.info.document_id,
            "position": position,
            "kind": reference.kind,
            "title": reference.title,
            "number": reference.number,
            "title_key": title_key(reference.title) if reference.title else None,
            "number_key": number_key_of(reference.number) if reference.number else None,
            "as_written": reference.as_written,
            "start": reference.start,
            "end": reference.end,
            "page": reference.page,
            "clause_ordinal": reference.clause_ordinal,
        }
        for position, reference in enumerate(document.references)
    ]


def passage_values(document: NewDocument) -> list[Values]:
    """Return the rows of `passages`; the store gives the keys."""
    return [
        {
            "passage_id": passage.passage_id,
            "document_id": document.info.document_id,
            "ordinal": passage.ordinal,
            "start": passage.start,
            "end": passage.end,
            "text": passage.text,
            "search_text": passage.search_text,
            "heading_path": list(passage.heading_path),
            "clause_id": passage.clause_id,
            "clause_number": passage.clause_number,
            "pages": list(passage.pages),
            "boxes": pack_boxes(passage.boxes),
        }
        for passage in document.passages
    ]
