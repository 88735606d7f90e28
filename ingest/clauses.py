"""The provisions of a document: each article of a law, each measure of an opinion.

A clause is the lowest numbered unit that has text of its own. In a law it is the article, with
its paragraphs and items; in an opinion or notice the measure, "（一）鼓励海外研发合作。…" under
"二、…", down to "1." where those too have headings or responsible bodies. In papers, and in other
texts that nobody issued, it is the section: items numbered within its text are part of it. Titles
of parts and chapters are a clause's path, not clauses. A row of a table that shares out tasks is a
clause as well.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from ingest.body import Paragraph, paragraphs
from ingest.deadlines import read_deadlines
from ingest.headings import RANKS, Heading
from ingest.metadata import RESEARCH_TYPES
from ingest.model import (
    Body,
    Clause,
    Deadline,
    Metadata,
    Obligation,
    Page,
    Responsibility,
    Target,
)
from ingest.numbering import NumberKind, number_key
from ingest.obligations import read_obligations
from ingest.outline import Outline, read_outline
from ingest.provisions import is_frame, items_with_bodies, provisions
from ingest.responsibility import (
    Claim,
    bodies_at_end,
    first_bodies_lead,
    read_cells,
    read_responsibility,
)
from ingest.tables import is_caption
from ingest.targets import read_targets
from ingest.tasktables import TaskRow, task_tables

_CLAIM_OF: dict[str, Claim] = {
    "lead": "lead",
    "participant": "participant",
    "responsible": "responsible",
}
_LETTERS: dict[NumberKind, str] = {
    "annex": "annex",
    "part": "part",
    "subpart": "subpart",
    "chapter": "ch",
    "section": "sec",
    "article": "art",
    "roman": "r",
    "ordinal": "o",
    "paren": "p",
    "plain": "d",
    "decimal": "d",
    "dotted": "d",
    "paren_arabic": "i",
    "circled": "c",
}


def read_clauses(body: Body, pages: Sequence[Page], metadata: Metadata) -> tuple[Clause, ...]:
    """Read a document's clauses in order, each with the bodies it makes responsible.

    Names of bodies are resolved as of the document's date.
    """
    cut = paragraphs(pages)
    return clauses_of(body, cut, read_outline(cut), metadata)


def clauses_of(
    body: Body, cut: Sequence[Paragraph], outline: Outline, metadata: Metadata
) -> tuple[Clause, ...]:
    """Do as `read_clauses`, from paragraphs and an outline already read."""
    research = metadata.document_type in RESEARCH_TYPES
    listed = frozenset[int]() if research else items_with_bodies(outline, cut)
    maker = _ClauseMaker(body, outline, metadata, listed)
    essay = research or _is_unofficial(metadata)
    continuous = _numbered_through(outline)
    law = sum(h.rank == RANKS["article"] for h in outline.headings) > 1
    tables = {} if research else task_tables(cut)
    starts = [_with_caption(cut, index) for index in tables]
    clauses = [
        maker.clause(heading, end)
        for heading, whole in provisions(outline, cut, essay, listed)
        if not (law and is_frame(heading))
        if (end := _before_table(heading, whole, starts)) is not None
        if not continuous or _is_measure(heading, maker, end)
    ]
    clauses += [maker.row(row) for rows in tables.values() for row in rows]
    return tuple(sorted(clauses, key=lambda clause: clause.start))


def _with_caption(cut: Sequence[Paragraph], index: int) -> int:
    """Return where a table starts, its caption included."""
    captioned = index > 0 and is_caption(cut[index - 1])
    return cut[index - captioned].start


def _before_table(heading: Heading, end: int, tables: Sequence[int]) -> int | None:
    """End a clause before a table whose rows are clauses; None where nothing is left of it."""
    start = next((start for start in tables if heading.start < start < end), end)
    return None if start < end and start <= heading.head_end + 1 else start


def _is_unofficial(metadata: Metadata) -> bool:
    """Tell a text that has none of an official document's marks."""
    return not (metadata.document_type or metadata.issuers or metadata.document_number)


def _is_measure(heading: Heading, maker: _ClauseMaker, end: int) -> bool:
    """Tell a measure from a frame, where measures are numbered through the whole document.

    Such a document counts its own measures, （一） to （十八） across 二、 to 七、; a section
    without any, "一、总体要求", is one only if it puts somebody in charge.
    """
    if heading.number is None or heading.number.kind != "ordinal" or heading.children:
        return True
    return bool(maker.responsibility(heading.start, end))


def _numbered_through(outline: Outline) -> bool:
    """Tell whether （一）（二）… runs on from one 一、二、 to the next instead of restarting."""
    parents = [
        heading.children[0].number.value
        for heading in outline.headings
        if heading.number
        and heading.number.kind == "ordinal"
        and heading.children
        and heading.children[0].number
        and heading.children[0].number.kind == "paren"
    ]
    return len(parents) > 1 and sum(value > 1 for value in parents) * 2 >= len(parents)


class _Asked(TypedDict):
    obligations: tuple[Obligation, ...]
    deadlines: tuple[Deadline, ...]
    targets: tuple[Target, ...]


class _ClauseMaker:
    """Make clauses of one document, giving each a number path that no other has."""

    def __init__(
        self, body: Body, outline: Outline, metadata: Metadata, listed: frozenset[int]
    ) -> None:
        self.body = body
        self.outline = outline
        self.on = metadata.issued_on
        self.effective = metadata.effective_on
        self.research = metadata.document_type in RESEARCH_TYPES
        self.prefix = title_key(metadata.title)
        self.used: Counter[str] = Counter()
        self.first_leads = not self.research and first_bodies_lead(body.text)
        self.listed = listed

    def clause(self, heading: Heading, end: int) -> Clause:
        raw = self.body.text[heading.start : end]
        start = heading.start + len(raw) - len(raw.lstrip())
        text = raw.strip()
        responsibility = self.responsibility(start, end)
        if not responsibility and heading.start in self.listed:
            responsibility = bodies_at_end(text, self.on)
        return Clause(
            clause_id=self._id(number_path(heading)),
            number=heading.number.text if heading.number else "",
            heading_path=heading.path,
            start=start,
            end=start + len(text),
            text=text,
            responsibility=responsibility,
            **self._asked(text, start),
        )

    def row(self, row: TaskRow) -> Clause:
        """Make a clause of a row of a task table, under the section that the table stands in."""
        raw = self.body.text[row.start : row.end]
        start = row.start + len(raw) - len(raw.lstrip())
        text = raw.strip()
        above = [h for h in self.outline.headings if h.start < row.start < h.end]
        path = (*above[-1].path, above[-1].label) if above else ()
        key = number_key(row.number)
        name = key if key.replace("-", "").replace(".", "").isdigit() else str(row.ordinal)
        claims = [(_CLAIM_OF[role], cell) for role, cell in row.bodies if role in _CLAIM_OF]
        return Clause(
            clause_id=self._id(f"t{row.table}.r{name}"),
            number=row.number,
            heading_path=(*path, row.section) if row.section else path,
            start=start,
            end=start + len(text),
            text=text,
            responsibility=read_cells(claims, self.on, first_leads=self.first_leads),
            **self._asked(text, start),
        )

    def _asked(self, text: str, start: int) -> _Asked:
        """Read what a clause asks, and by when; offsets become those of the body."""
        if self.research:
            return _Asked(obligations=(), deadlines=(), targets=())
        deadlines = read_deadlines(text, self.on, self.effective)
        return _Asked(
            obligations=read_obligations(text),
            deadlines=tuple(each.shifted(start) for each in deadlines),
            targets=tuple(each.shifted(start) for each in read_targets(text, deadlines)),
        )

    def responsibility(self, start: int, end: int) -> tuple[Responsibility, ...]:
        if self.research:
            return ()
        return read_responsibility(self.body.text[start:end], self.on, first_leads=self.first_leads)

    def _id(self, path: str) -> str:
        self.used[path] += 1
        again = f"_{self.used[path]}" if self.used[path] > 1 else ""
        return f"{self.prefix}-{path}{again}"


def number_path(heading: Heading) -> str:
    """Write a heading's numbers from the outermost down, as in "o2.p1" or "art120-1".

    An article's path is its own number, because articles run through the whole law.
    """
    chain = [heading]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    numbers = [h.number for h in reversed(chain) if h.number is not None]
    if numbers[-1].kind == "article":
        numbers = [n for n in numbers if n.kind in {"annex", "article"}]
    if numbers[-1].kind == "dotted":
        numbers = [n for n in numbers if n.kind not in {"plain", "decimal", "dotted"}]
        numbers.append(heading.number) if heading.number else None
    return ".".join(_LETTERS[n.kind] + "-".join(str(value) for value in n.values) for n in numbers)


def title_key(title: str) -> str:
    """Return twelve hexadecimal digits that depend on a title's letters and digits only."""
    plain = unicodedata.normalize("NFKC", title).casefold()
    letters = "".join(char for char in plain if char.isalnum())
    return hashlib.blake2b(letters.encode(), digest_size=6).hexdigest()
