"""Documents, clauses and measures as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from kb.cli.layout import counted, inset, one_line, pairs, path_of, place_of, readable, table
from kb.cli.output import console
from kb.types import ClauseInfo, ClauseList, DocumentInfo, Evaluation, PageText, VerifyReport

_CHECKED = {"lexical": "in the word index", "dense": "in the vector index"}
_ROLES = {"lead": "lead", "participant": "participant", "joint": "jointly"}


def print_documents(documents: Sequence[DocumentInfo]) -> None:
    """Print one row for each document."""
    out = console()
    if not documents:
        out.print("no documents: add some with `policykb ingest PATH`")
        return
    rows = [
        (
            info.document_id,
            one_line(info.title) + (" (replaced)" if info.superseded_by else ""),
            one_line(info.document_number or ""),
            str(info.issued_on or ""),
            str(info.pages),
            str(info.passages),
        )
        for info in documents
    ]
    table(("id", "title", "number", "issued", "pages", "passages"), rows, flexible=1, spare=2)


def print_document(info: DocumentInfo) -> None:
    """Print what is known of one document."""
    rows: dict[str, object] = {
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
    pairs(rows)


def print_page(page: PageText) -> None:
    """Print a page's running text."""
    console().print(Text(readable(page.text)), soft_wrap=True)


def print_clauses(found: ClauseList) -> None:
    """Print clauses whole, each with the bodies it makes responsible."""
    out = console()
    if found.ministry is not None:
        inset(out, Text(one_line(found.ministry.name), style="bold"), first="")
        for chain in found.ministry.chains:
            via = " → ".join(map(one_line, chain))
            inset(out, Text(f"matched via {via}", style="dim"))
    for clause in found.clauses:
        _print_clause(out, clause)
    out.print(counted(len(found.clauses), "clause"))


def _print_clause(out: Console, clause: ClauseInfo) -> None:
    place = place_of(clause.page, clause.number)
    inset(out, Text.assemble((one_line(clause.title), "bold"), "  ", (place, "cyan")), first="")
    if clause.heading_path:
        inset(out, Text(path_of(clause.heading_path), style="dim"))
    inset(out, Text(readable(clause.text)))
    bodies = "; ".join(
        f"{body.ministry} ({_ROLES[body.role]}{', implicit' if body.implicit else ''})"
        for body in clause.responsibility
    )
    if bodies:
        inset(out, Text(one_line(bodies), style="green"))
    inset(out, Text(clause.clause_id, style="dim"))
    out.print()


def print_evaluation(evaluation: Evaluation) -> None:
    """Print measures by name."""
    pairs({name: f"{value:.4g}" for name, value in evaluation.metrics.items()})


def print_verification(report: VerifyReport) -> None:
    """Print what was counted and what is wrong."""
    pairs({_CHECKED.get(name, name.replace("_", " ")): n for name, n in report.checked.items()})
    out = console()
    for problem in report.problems:
        mend = " (mended by `policykb verify --repair`)" if problem.repairable else ""
        out.print(
            Text(f"{problem.code}: {one_line(problem.message)}{mend}", style="red"), soft_wrap=True
        )
    if report.ok:
        out.print(Text("all is well", style="green"))
