"""Passages and answers as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from kb.answering.text import squash
from kb.cli.layout import counted, inset, one_line, path_of, place_of, readable
from kb.cli.output import console
from kb.marks import matched
from kb.types import Answer, Citation, Hit, SearchResult, Sending, Suggestion

#: Lines of a passage that are shown unless all of it is asked for.
LINES = 5
_MARKER = re.compile(r"\[\d+\]")
_BULLET = "- "


def print_hits(result: SearchResult, *, full: bool = False) -> None:
    """Print ranked passages with where they stand, what the query asked for marked."""
    out = console()
    if result.corrected is not None:
        inset(out, Text(f"Searched instead for: {one_line(result.corrected)}", "dim"), first="")
    for note in result.notes:
        inset(out, Text(one_line(note), "dim"), first="")
    if not result.hits:
        out.print("nothing found")
    _print_hits(out, result.hits, result.query, full=full)


def print_suggestions(found: Sequence[Suggestion]) -> None:
    """Print suggestions, one a line, each with what it is."""
    for one in found:
        console().print(Text.assemble(one_line(one.text), (f"  {one.kind}", "dim")))


def print_answer(answer: Answer, *, full: bool = False) -> None:
    """Print an answer and where it stands, or that there is no evidence, and what comes nearest."""
    out = console()
    if answer.asked is not None:
        inset(out, Text(f"Understood as: {one_line(answer.asked)}", "dim"), first="")
    if answer.written is not None and answer.written.note:
        inset(out, Text(one_line(answer.written.note), "dim"), first="")
    if answer.answered:
        body = readable(answer.answer or "")
        _print_body(out, body)
        out.print()
        for citation in answer.citations:
            _print_citation(out, citation, body)
        return
    reason = one_line(answer.reason or "the documents hold no evidence for an answer")
    inset(out, Text(f"No answer: {reason}", "bold yellow"), first="")
    if answer.nearest:
        out.print("\nThe nearest passages:\n")
    _print_hits(out, answer.nearest, answer.question, full=full)


def say_what_is_sent(sending: Sending) -> None:
    """Say on stderr what is about to be sent to a language model, and where."""
    what = f"the question and {counted(sending.passages, 'passage')}"
    where = f"{one_line(sending.model)} at {one_line(sending.host)}"
    text = f"policykb: sending {what} ({sending.characters:,} characters) to {where}"
    console(error=True).print(Text(text, "dim"), soft_wrap=True)


def _print_hits(out: Console, hits: Sequence[Hit], query: str, *, full: bool) -> None:
    for number, hit in enumerate(hits):
        if number:
            out.print()
        _print_hit(out, hit, query, None if full else LINES)


def _print_hit(out: Console, hit: Hit, query: str, most: int | None) -> None:
    head = Text.assemble(
        (one_line(hit.title), "bold"),
        "  ",
        (place_of(hit.page, hit.clause), "cyan"),
        (f"  {hit.score:.3f}", "dim"),
    )
    inset(out, head, first=f"{hit.rank:>2}  ")
    text = Text(readable(hit.text))
    headings = list(hit.heading_path)
    if headings and squash(text.plain).startswith(squash(headings[-1])):
        del headings[-1]
    if headings:
        inset(out, Text(path_of(headings), "dim"))
    for start, end in matched(query, text.plain):
        text.stylize("bold magenta", start, end)
    inset(out, text, most=most)
    for other in hit.also_in:
        inset(out, Text(f"also in {one_line(other.title)}, page {other.page}", "dim"))
    inset(out, Text(hit.passage_id, "dim"))


def _print_body(out: Console, body: str) -> None:
    """Print an answer, the short one before its grounds in bold."""
    short, _, _ = body.partition("\n\n")
    for paragraph in body.split("\n"):
        bullet = _BULLET if paragraph.startswith(_BULLET) else ""
        text = Text(paragraph[len(bullet) :], "bold" if paragraph == short else "")
        text.highlight_regex(_MARKER, "cyan")
        inset(out, text, first=bullet)


def _print_citation(out: Console, citation: Citation, body: str) -> None:
    """Print where a quote stands, and the quote unless the answer has it word for word."""
    place = place_of(citation.page, citation.clause, citation.heading_path)
    title = one_line(citation.title)
    named = title if title.startswith("《") else f"《{title}》"
    first = f"[{citation.marker}] "
    inset(out, Text.assemble(named, ", ", (place, "cyan")), first=first)
    if squash(citation.quote) not in squash(body):
        inset(out, Text(f"“{one_line(citation.quote)}”"), first=" " * len(first))
