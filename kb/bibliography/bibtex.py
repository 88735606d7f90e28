"""BibTeX entries: escaped for LaTeX, under a key that stays."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from kb.bibliography.facts import Facts, Mark

_ENTRIES: dict[Mark, str] = {"S": "standard", "J": "article", "R": "techreport"}
#: BibTeX counts braces whether escaped or not, so that `\{` alone would end no field.
_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{char: f"\\{char}" for char in "$&#_%"},
    }
)


def bibtex(facts: Facts) -> str:
    """Write a BibTeX entry; `mark` is the letter of GB/T 7714 that Chinese styles print."""
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(facts))
    return f"@{_ENTRIES.get(facts.mark, 'misc')}{{{key(facts)},\n{lines}}}"


def key(facts: Facts) -> str:
    """Return the entry's key: the same for the same document, page and clause, and ASCII."""
    page = "" if facts.page is None else f"-p{facts.page}"
    clause = "" if facts.clause is None else f"-c{zlib.crc32(facts.clause.encode()):08x}"
    return f"policykb-{facts.document_id}{page}{clause}"


def escaped(text: str) -> str:
    """Return text as LaTeX prints it, with braces that balance."""
    return text.translate(_ESCAPED)


def _fields(facts: Facts) -> Iterator[tuple[str, str]]:
    authors = " and ".join(f"{{{escaped(name)}}}" for name in facts.issuers)
    if authors:
        yield "author", authors
    if authors and facts.mark == "R":
        yield "institution", escaped("、".join(facts.issuers))
    yield "title", f"{{{escaped(facts.title)}}}"
    if facts.number:
        yield "number", escaped(facts.number)
    if facts.issued_on:
        yield "year", str(facts.issued_on.year)
        yield "month", str(facts.issued_on.month)
        yield "day", str(facts.issued_on.day)
    if facts.page is not None:
        yield "pages", str(facts.page)
    if facts.clause:
        yield "note", escaped(facts.clause)
    if facts.language:
        yield "language", escaped(facts.language)
    yield "mark", facts.mark
