"""What a parsed document is made of.

    Document
      pages: Page ...        what was printed, page by page, in human reading order
        blocks: Block ...    a title, heading, paragraph, table row group, header, ...
          lines: Line ...    printed lines, each with its box and the characters it holds
      body: Body             the running text of the whole document, and where each character stands

Coordinates are PDF points, origin top left, pages from 1. Formats without pages (txt, md, html,
docx) are one page numbered 1 whose lines have no boxes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

BlockKind = Literal[
    "title",
    "heading",
    "paragraph",
    "list",
    "table",
    "caption",
    "footnote",
    "header",
    "footer",
    "page_number",
    "figure_text",
    "toc",
]
PageSource = Literal["text", "layout", "ocr"]
Role = Literal["lead", "participant", "joint"]
Validity = Literal["in-force", "repealed", "unknown"]
#: How strongly a clause binds: 应当/必须; 不得/禁止; 鼓励/支持/引导; 探索/研究.
Obligation = Literal["must", "must-not", "encourage", "explore"]
#: What one document says of another: 依据; 贯彻落实; 修订; 废止; 转发/印发; any other mention.
RelationKind = Literal["basis", "implements", "amends", "repeals", "forwards", "cites"]

#: Block kinds that are printed on a page but are not part of its running text.
FURNITURE: frozenset[BlockKind] = frozenset({"header", "footer", "page_number", "figure_text"})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: points, origin top left, page numbers from 1."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: the characters `[start, end)` of its block's text, and their box.

    `stops` are known `(offset, x)` positions inside the line, ascending, offsets in the same
    coordinates as `start`; positions between two stops are interpolated. `box` is None where the
    format has no geometry.
    """

    start: int
    end: int
    box: Box | None
    stops: tuple[tuple[int, float], ...] = ()

    def shifted(self, by: int) -> Line:
        """Return the same line with every offset moved by `by` characters."""
        stops = tuple((offset + by, x) for offset, x in self.stops)
        return Line(self.start + by, self.end + by, self.box, stops)


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells, row by row; `header_rows` leading rows are column headings.

    A table that goes on from the page before without headings of its own has `carried`: those
    printed there.
    """

    rows: tuple[tuple[str, ...], ...]
    header_rows: int = 1
    carried: tuple[tuple[str, ...], ...] = ()

    @property
    def headings(self) -> tuple[tuple[str, ...], ...]:
        """The rows of column headings, its own or those of the page before."""
        return self.rows[: self.header_rows] or self.carried


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text of one kind on one page, with its printed lines.

    `level` is a heading's depth (1 = highest) where known. `continues` says that the next body
    block (usually on the next page or column; footnotes, captions and tables between are passed
    over) carries on this one's sentence, so that the two are joined without a break.
    """

    kind: BlockKind
    text: str
    box: Box | None
    lines: tuple[Line, ...] = ()
    level: int | None = None
    continues: bool = False
    table: Table | None = None

    @property
    def is_body(self) -> bool:
        """Tell whether the block belongs to the page's running text."""
        return self.kind not in FURNITURE


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size in points, where its text came from, and its blocks in reading order."""

    number: int
    width: float
    height: float
    blocks: tuple[Block, ...]
    source: PageSource = "text"

    @property
    def text(self) -> str:
        """The page's running text: body blocks separated by a newline."""
        return "\n".join(block.text for block in self.blocks if block.is_body and block.text)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says about itself; None or empty where it does not say."""

    title: str
    document_number: str | None = None
    issuers: tuple[str, ...] = ()
    issued_on: date | None = None
    document_type: str | None = None
    validity: Validity = "unknown"
    effective_on: date | None = None
    addressees: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Responsibility:
    """One body made responsible by a clause, in the clause's own words."""

    ministry: str
    as_written: str
    role: Role
    implicit: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date by which a clause wants something done, the last day of what it names.

    "到2025年" is due on 2025-12-31; `start` and `end` are characters of the body.
    """

    due: date
    as_written: str
    start: int
    end: int

    def shifted(self, by: int) -> Deadline:
        """Return the same with its offsets moved by `by` characters."""
        return Deadline(self.due, self.as_written, self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Target:
    """A quantity that a clause wants reached ("达到60%以上"), in characters of the body."""

    as_written: str
    start: int
    end: int

    def shifted(self, by: int) -> Target:
        """Return the same with its offsets moved by `by` characters."""
        return Target(self.as_written, self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Reference:
    """Another document that this one names, by title, by number or both, in characters of the body.

    `title` is without its brackets; `number` is written as `Metadata.document_number` is.
    """

    kind: RelationKind
    title: str | None
    number: str | None
    as_written: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered provision: characters `[start, end)` of the body, with its place in the tree.

    `clause_id` is stable: it depends on the document's title and the clause's numbers, not on the
    file's format or layout.
    """

    clause_id: str
    number: str
    heading_path: tuple[str, ...]
    start: int
    end: int
    text: str
    responsibility: tuple[Responsibility, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A unit of search: characters `[start, end)` of the body, never cutting a sentence.

    `text` is `body.text[start:end]`; `search_text` is what is indexed when that differs (a table
    row with its column headings, full-width forms unified), else empty.
    """

    start: int
    end: int
    text: str
    heading_path: tuple[str, ...] = ()
    clause_id: str | None = None
    clause_number: str | None = None
    search_text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: pages as printed, and the structure read from them."""

    metadata: Metadata
    pages: tuple[Page, ...]
    clauses: tuple[Clause, ...] = ()
    passages: tuple[Passage, ...] = ()
    warnings: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    body: Body = field(default_factory=lambda: Body("", (), ()))


@dataclass(frozen=True, slots=True)
class Body:
    """A document's running text, and where each of its characters is printed.

    `lines` are the printed lines in document coordinates, ascending by `start`. `page_starts[i]`
    is the offset at which page `i + 1` begins. Made by `ingest.body.assemble`.
    """

    text: str
    lines: tuple[Line, ...]
    page_starts: tuple[int, ...]

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)
