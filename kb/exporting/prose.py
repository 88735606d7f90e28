"""Markdown: quotes under their documents, with the sources as footnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from kb.exporting.columns import ROLES, body_names
from kb.exporting.digest import Digest, Quote
from kb.exporting.safe import lines, markdown, one_line

MARKER = re.compile(r"\[([1-9][0-9]{0,3})\]")
_ESCAPED_MARKER = re.compile(r"\\\[([1-9][0-9]{0,3})\\\]")


def digest_markdown(digest: Digest) -> bytes:
    """Write a digest as Markdown with footnotes, as GitHub and Pandoc know them."""
    parts = [f"# {markdown(digest.title)}", markdown(digest.note)]
    if digest.answer is not None:
        parts += [_answer_line(line, len(digest.quotes)) for line in lines(digest.answer)]
    for _, group in groupby(digest.numbered(), key=lambda each: each[1].document.document_id):
        quotes = list(group)
        parts.append(f"## {markdown(quotes[0][1].document.title)}")
        for place, quote in quotes:
            parts += _quote(place, quote)
    notes = "\n".join(_note(place, quote) for place, quote in enumerate(digest.quotes, 1))
    return ("\n\n".join(filter(None, (*parts, notes))) + "\n").encode()


def place_in_document(quote: Quote) -> str:
    """Say where in its document a quote stands: its headings, then its number."""
    return " › ".join(map(one_line, filter(None, (*quote.heading_path, quote.number))))


def duties(quote: Quote) -> str:
    """Name the bodies a quote makes responsible, by role."""
    named = ((name, body_names(quote.bodies, role)) for role, name in ROLES.items())
    return "；".join(f"{name}：{one_line(bodies)}" for name, bodies in named if bodies)


def _quote(place: int, quote: Quote) -> Iterator[str]:
    where = place_in_document(quote)
    if where:
        yield f"### {markdown(where)}"
    quoted = [markdown(line) for line in lines(quote.text)] or [""]
    quoted[-1] += f"[^{place}]"
    yield "\n>\n".join(f"> {line}" for line in quoted)
    if quote.bodies:
        yield markdown(duties(quote))


def _note(place: int, quote: Quote) -> str:
    text = markdown(quote.reference)
    if quote.link is None:
        return f"[^{place}]: {text}"
    return f"[^{place}]: {text} [打开](<{quote.link}>)"


def _answer_line(line: str, quotes: int) -> str:
    """Return a line of an answer, its markers made into references to the footnotes."""
    bullet = "- " if line.startswith("- ") else ""

    def referred(marker: re.Match[str]) -> str:
        return f"[^{marker[1]}]" if int(marker[1]) <= quotes else marker[0]

    return bullet + _ESCAPED_MARKER.sub(referred, markdown(line.removeprefix(bullet)))
