"""One file's pages, blocks, metadata and clauses, with no knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kb.records import ClauseRecord, ReferenceRecord
from kb.seams import errors_mapped
from kb.types import Box, ClauseInfo, LayoutMode, OcrMode, Progress, ProgressListener, RelationKind

if TYPE_CHECKING:
    from ingest import Block, Document, Page

TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class ParsedMetadata:
    """What a document says about itself; None or empty where it does not say."""

    title: str
    document_number: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    document_type: str | None
    validity: Literal["in-force", "repealed", "unknown"]
    effective_on: date | None = None
    addressees: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedReference:
    """Another document that one names, by title, number or both, and where it does."""

    kind: RelationKind
    title: str | None
    number: str | None
    as_written: str
    page: int
    clause_id: str | None


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """A run of text of one kind; its box has no area where the format has no geometry.

    A table has its rows also as Markdown and as HTML, text escaped.
    """

    kind: str
    text: str
    box: Box
    markdown: str | None = None
    html: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """One page: its running text, and everything printed on it in reading order.

    `width` and `height` are in points, 0 where the format has no pages.
    """

    number: int
    text: str
    source: Literal["text", "layout", "ocr"]
    blocks: tuple[ParsedBlock, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """What was read from one file."""

    metadata: ParsedMetadata
    pages: tuple[ParsedPage, ...]
    clauses: tuple[ClauseInfo, ...]
    warnings: tuple[str, ...]
    references: tuple[ParsedReference, ...] = ()


def parse_file(
    path: Path,
    *,
    ocr: OcrMode = "auto",
    layout: LayoutMode = "auto",
    password: str | None = None,
    timeout: float = TIMEOUT,
    on_progress: ProgressListener | None = None,
) -> ParsedFile:
    """Read one file in a child process; FileProblem says why it cannot be read.

    `timeout` is in seconds. `on_progress` is told of every page.
    """
    document, sha256 = read_document(
        path,
        ocr=ocr,
        layout=layout,
        password=password,
        timeout=timeout,
        on_progress=on_progress,
    )
    return _parsed(document, path, sha256, ocr)


def read_document(
    path: Path,
    *,
    ocr: OcrMode = "auto",
    layout: LayoutMode = "auto",
    password: str | None = None,
    timeout: float = TIMEOUT,
    on_progress: ProgressListener | None = None,
) -> tuple[Document, str]:
    """Do as `parse_file`; return the document with its body, and its file's SHA-256."""
    from ingest import FileProgress, Limits, ParseOptions, UnreadableFile, parse_files

    def moved(event: FileProgress) -> None:
        if on_progress is not None:
            page, pages = event.progress.page, event.progress.pages
            on_progress(Progress(str(path), "parsing", page, pages, 0, 1))

    with errors_mapped():
        options = ParseOptions(ocr=ocr, layout=layout, password=password)
        limits = Limits(timeout=timeout)
        [result] = parse_files([path], options, limits, workers=1, on_progress=moved)
        if result.document is None:
            raise result.error or UnreadableFile(f"{path} cannot be read")
        return result.document, result.sha256 or ""


def _parsed(document: Document, path: Path, sha256: str, ocr: OcrMode) -> ParsedFile:
    from kb.documents import new_document

    new = new_document(document, name=path.name, sha256=sha256, suffix="", ocr=ocr)
    info = new.info
    metadata = ParsedMetadata(
        info.title,
        info.document_number,
        info.issuers,
        info.issued_on,
        info.document_type,
        info.validity,
        info.effective_on,
        info.addressees,
        info.language,
    )
    pages = tuple(map(_page, document.pages))
    clauses = tuple(map(clause_info, new.clauses))
    references = tuple(_reference(each, clauses) for each in new.references)
    return ParsedFile(metadata, pages, clauses, info.warnings, references)


def _reference(reference: ReferenceRecord, clauses: Sequence[ClauseInfo]) -> ParsedReference:
    ordinal = reference.clause_ordinal
    return ParsedReference(
        reference.kind,
        reference.title,
        reference.number,
        reference.as_written,
        reference.page,
        None if ordinal is None else clauses[ordinal].clause_id,
    )


def clause_info(clause: ClauseRecord) -> ClauseInfo:
    """Return a stored clause as it is shown."""
    return ClauseInfo(
        clause_id=clause.clause_id,
        document_id=clause.document_id,
        title=clause.title,
        number=clause.number,
        heading_path=clause.heading_path,
        text=clause.text,
        page=clause.page,
        boxes=clause.boxes,
        responsibility=clause.responsibility,
        obligations=clause.obligations,
        deadlines=clause.deadlines,
        targets=clause.targets,
    )


def _page(page: Page) -> ParsedPage:
    blocks = tuple(_block(page.number, block) for block in page.blocks)
    return ParsedPage(page.number, page.text, page.source, blocks, page.width, page.height)


def _block(page: int, block: Block) -> ParsedBlock:
    # The contract has no kind of its own for a table of contents.
    kind = "list" if block.kind == "toc" else block.kind
    box = block.box
    shown = Box(page, 0, 0, 0, 0) if box is None else Box(page, box.x0, box.y0, box.x1, box.y1)
    if block.table is None:
        return ParsedBlock(kind, block.text, shown)
    from ingest import table_html, table_markdown

    return ParsedBlock(
        kind, block.text, shown, table_markdown(block.table), table_html(block.table)
    )
