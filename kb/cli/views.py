"""Results as people read them; wide characters line up, document text is never markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kb.cli.output import console, plain
from kb.types import (
    Answer,
    Citation,
    ClauseInfo,
    ClauseList,
    DocumentInfo,
    Evaluation,
    Hit,
    PageText,
    SearchResult,
    VerifyReport,
)

INSET = " " * 4
_ROLES = {"lead": "lead", "participant": "participant", "joint": "jointly"}


def print_documents(documents: Sequence[DocumentInfo]) -> None:
    """Print one row for each document."""
    out = console()
    if not documents:
        out.print("no documents: add some with `policykb ingest PATH`")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("id", "title", "number", "issued", "pages", "passages"):
        kind = "right" if name in {"pages", "passages"} else "left"
        short = name in {"title", "number"}
        table.add_column(
            name,
            justify="right" if kind == "right" else "left",
            no_wrap=True,
            overflow="ellipsis" if short else "fold",
            min_width=None if short else len(name),
            ratio=3 if name == "title" else None,
        )
    for info in documents:
        mark = " (replaced)" if info.superseded_by else ""
        table.add_row(
            info.document_id,
            Text(one_line(info.title) + mark),
            Text(one_line(info.document_number or "")),
            str(info.issued_on or ""),
            str(info.pages),
            str(info.passages),
        )
    out.print(table)


def print_document(info: DocumentInfo) -> None:
    """Print what is known of one document."""
    rows = {
        "id": info.document_id,
        "title": info.title,
        "number": info.document_number,
        "issuers": "、".join(info.issuers),
        "issued on": info.issued_on,
        "type": info.document_type,
        "validity": info.validity,
        "file": info.path,
        "pages": info.pages,
        "passages": info.passages,
        "characters": f"{info.characters:,}, of which {info.characters_indexed:,} in passages",
        "added": info.added_at,
        "replaced by": info.superseded_by,
        "warnings": "\n".join(info.warnings),
    }
    print_pairs({name: str(value) for name, value in rows.items() if value not in {None, ""}})


def print_pairs(rows: dict[str, str]) -> None:
    """Print names and values in two columns."""
    table = Table.grid(padding=(0, 2))
    for name, value in rows.items():
        table.add_row(Text(name, style="bold"), Text(plain(value)))
    console().print(table)


def print_page(page: PageText) -> None:
    """Print a page's running text."""
    console().print(Text(plain(page.text)), soft_wrap=True)


def print_hits(result: SearchResult) -> None:
    """Print ranked passages with where they stand."""
    out = console()
    if not result.hits:
        out.print("nothing found")
    for hit in result.hits:
        _print_hit(out, hit)


def _print_hit(out: Console, hit: Hit) -> None:
    head = Text(f"{hit.rank:>2}  ", style="bold")
    head.append(one_line(hit.title), style="bold")
    head.append(f"  page {hit.page}", style="cyan")
    if hit.clause:
        head.append(f"  {one_line(hit.clause)}", style="cyan")
    head.append(f"  {hit.score:.3f}", style="dim")
    out.print(head)
    if hit.heading_path:
        _inset(out, Text(_path(hit.heading_path), style="dim"))
    _inset(out, Text(plain(hit.text)))
    _inset(out, Text(hit.passage_id, style="dim"), 1)


def print_answer(answer: Answer) -> None:
    """Print an answer and its citations, or that there is no evidence, and what comes nearest."""
    out = console()
    if answer.answered:
        out.print(Text(plain(answer.answer or ""), style="bold"))
        out.print()
        for citation in answer.citations:
            _print_citation(out, citation)
        return
    reason = one_line(answer.reason or "the documents hold no evidence for an answer")
    out.print(Text(f"No answer: {reason}", style="bold yellow"))
    if answer.nearest:
        out.print("\nThe nearest passages:\n")
    for hit in answer.nearest:
        _print_hit(out, hit)


def _print_citation(out: Console, citation: Citation) -> None:
    head = Text(f"[{citation.marker}] ", style="bold")
    head.append(f"《{one_line(citation.title).strip('《》')}》")
    head.append(f" page {citation.page}", style="cyan")
    out.print(head)
    _inset(out, Text(f"“{one_line(citation.quote)}”"), 1)


def print_clauses(found: ClauseList) -> None:
    """Print clauses whole, each with the bodies it makes responsible."""
    out = console()
    if found.ministry is not None:
        via = "、".join(found.ministry.matched_via)
        head = Text(one_line(found.ministry.name), style="bold")
        head.append(f"  matched via {one_line(via)}" if via else "", style="dim")
        out.print(head)
    for clause in found.clauses:
        _print_clause(out, clause)
    out.print(f"{len(found.clauses)} clauses")


def _print_clause(out: Console, clause: ClauseInfo) -> None:
    head = Text(one_line(clause.title), style="bold")
    head.append(f"  page {clause.page}  {one_line(clause.number)}", style="cyan")
    out.print(head)
    if clause.heading_path:
        _inset(out, Text(_path(clause.heading_path), style="dim"))
    _inset(out, Text(plain(clause.text)))
    bodies = "; ".join(
        f"{body.ministry} ({_ROLES[body.role]}{', implicit' if body.implicit else ''})"
        for body in clause.responsibility
    )
    if bodies:
        _inset(out, Text(one_line(bodies), style="green"))
    _inset(out, Text(clause.clause_id, style="dim"), 1)


def print_evaluation(evaluation: Evaluation) -> None:
    """Print measures by name."""
    print_pairs({name: f"{value:.4g}" for name, value in evaluation.metrics.items()})


def print_verification(report: VerifyReport) -> None:
    """Print what was counted and what is wrong."""
    print_pairs({name.replace("_", " "): f"{n:,}" for name, n in report.checked.items()})
    out = console()
    for problem in report.problems:
        mend = " (mended by `policykb verify --repair`)" if problem.repairable else ""
        out.print(
            Text(f"{problem.code}: {one_line(problem.message)}{mend}", style="red"), soft_wrap=True
        )
    if report.ok:
        out.print(Text("all is well", style="green"))


def _inset(out: Console, content: Text, below: int = 0) -> None:
    """Print text set in from the left, without the spaces on the right that rich fills up with."""
    for line in content.wrap(out, out.width - len(INSET)):
        line.rstrip()
        out.print(INSET, line, sep="", soft_wrap=True)
    out.print("\n" * below, end="")


def one_line(text: str) -> str:
    """Return text of a document on one line, safe to print."""
    return " ".join(plain(text).split())


def _path(headings: Sequence[str]) -> str:
    return " › ".join(map(one_line, headings))
