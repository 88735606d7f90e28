"""What is compared: a document of the knowledge base, a file, or an upload, read alike."""

from __future__ import annotations

import tempfile
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kb.comparing.types import ComparedDocument, Upload
from kb.errors import InvalidInput
from kb.records import ClauseRecord
from kb.types import Box, DocumentInfo

if TYPE_CHECKING:
    from kb.store.protocol import StoreReader

#: A document's id, a file on this disk, or an upload.
Given: TypeAlias = str | Path | Upload


@dataclass(frozen=True, slots=True)
class Source:
    """A document's text, and where its clauses, pages and characters stand.

    `page_starts[i]` is where page `i + 1` begins; `clauses` are in order, none within another.
    """

    about: ComparedDocument
    text: str
    page_starts: tuple[int, ...]
    clauses: Sequence[ClauseRecord]
    boxes: Callable[[int, int], tuple[Box, ...]]

    def page_at(self, offset: int) -> int:
        """Return the page a character is on."""
        return max(bisect_right(self.page_starts, offset), 1)

    def clause_at(self, offset: int) -> str | None:
        """Return the number of the clause a character is in, None outside every clause."""
        at = bisect_right(self.clauses, offset, key=lambda clause: clause.start) - 1
        if at < 0 or offset >= self.clauses[at].end:
            return None
        return self.clauses[at].number or None


def source_of(given: Given, store: StoreReader | None = None) -> Source:
    """Read what is given: a `str` is a document's id, a `Path` a file; uploads are never kept.

    Raises NotFound for an id that is not in the store, FileProblem for a file that cannot be read.
    """
    if isinstance(given, Path):
        return _parsed(given)
    if isinstance(given, Upload):
        return _uploaded(given)
    if store is None:
        message = f"{given!r} is no file, and there is no knowledge base to look for a document in"
        raise InvalidInput(message, field="document")
    return stored(store, given)


def stored(store: StoreReader, document_id: str) -> Source:
    """Read a document of the knowledge base; NotFound."""
    from kb.library import document

    info = document(store, document_id)
    clauses = store.clauses_of(document_id)
    return Source(
        about=_about(info, len(clauses)),
        text=store.document_text(document_id),
        page_starts=tuple(page.start for page in store.pages(document_id)),
        clauses=clauses,
        boxes=lambda start, end: store.boxes(document_id, start, end),
    )


def _uploaded(upload: Upload) -> Source:
    from kb.selecting import safe_name

    name = safe_name(upload.name)
    with tempfile.TemporaryDirectory(prefix="policykb-") as folder:
        path = Path(folder) / name
        path.write_bytes(upload.data)
        return _parsed(path)


def _parsed(path: Path) -> Source:
    from ingest import boxes
    from kb.documents import new_document
    from kb.parsing import read_document

    document, sha256 = read_document(path)
    new = new_document(document, name=path.name, sha256=sha256, suffix="", ocr="auto")

    def placed(start: int, end: int) -> tuple[Box, ...]:
        found = boxes(document.body, start, end)
        return tuple(Box(box.page, box.x0, box.y0, box.x1, box.y1) for box in found)

    return Source(
        about=_about(new.info, len(new.clauses)),
        text=new.text,
        page_starts=tuple(page.start for page in new.pages),
        clauses=new.clauses,
        boxes=placed,
    )


def _about(info: DocumentInfo, clauses: int) -> ComparedDocument:
    return ComparedDocument(
        document_id=info.document_id,
        title=info.title,
        document_number=info.document_number,
        name=info.name,
        pages=info.pages,
        clauses=clauses,
    )
