"""Word documents: quotes under their documents, with their sources as footnotes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from kb.exporting.digest import Digest, Quote
from kb.exporting.footnotes import Footnotes
from kb.exporting.ooxml import paragraph, run
from kb.exporting.prose import MARKER, duties, place_in_document
from kb.exporting.safe import lines, one_line
from kb.exporting.wordstyles import NOTE_STYLE, QUOTE_STYLE, new_document

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Longest text of a property of a document (ECMA-376 part 2, 11.1, as Word enforces it).
_LONGEST_PROPERTY = 255


def digest_document(digest: Digest) -> bytes:
    """Write a digest as a Word document."""
    document = new_document()
    footnotes = Footnotes()
    body = document.element.body
    end = body.sectPr
    for made in _paragraphs(digest, footnotes):
        end.addprevious(made)
    footnotes.attach(document)
    about = document.core_properties
    about.title, about.author = one_line(digest.title)[:_LONGEST_PROPERTY], "policykb"
    about.created = about.modified = datetime.now(UTC)
    about.comments = ""
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def _paragraphs(digest: Digest, footnotes: Footnotes) -> Iterator[_Element]:
    yield paragraph("Title", run(one_line(digest.title)))
    yield paragraph(NOTE_STYLE, run(digest.note))
    for line in lines(digest.answer or ""):
        yield _answer_line(line, digest.quotes, footnotes)
    shown = (quote for _, quote in digest.numbered())
    for _, group in groupby(shown, key=lambda quote: quote.document.document_id):
        quotes = list(group)
        yield paragraph("Heading1", run(one_line(quotes[0].document.title)))
        for quote in quotes:
            yield from _quote(quote, footnotes)


def _quote(quote: Quote, footnotes: Footnotes) -> Iterator[_Element]:
    where = place_in_document(quote)
    if where:
        yield paragraph("Heading2", run(where))
    *before, last = lines(quote.text) or [""]
    for line in before:
        yield paragraph(QUOTE_STYLE, run(line))
    yield paragraph(QUOTE_STYLE, run(last), footnotes.add(quote.reference, quote.link))
    if quote.bodies:
        yield paragraph(NOTE_STYLE, run(duties(quote)))


def _answer_line(line: str, quotes: tuple[Quote, ...], footnotes: Footnotes) -> _Element:
    """Return a line of an answer, its markers made into footnotes."""
    bullet = line.startswith("- ")
    pieces = MARKER.split(line.removeprefix("- ") if bullet else line)
    content = []
    for at, piece in enumerate(pieces):
        if at % 2 and int(piece) <= len(quotes):
            quote = quotes[int(piece) - 1]
            content.append(footnotes.add(quote.reference, quote.link))
        elif piece:
            content.append(run(f"[{piece}]" if at % 2 else piece))
    return paragraph("ListBullet" if bullet else "Normal", *content)
