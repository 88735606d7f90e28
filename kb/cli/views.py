"""Documents, clauses and measures as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from kb.cli.layout import counted, inset, one_line, pairs, path_of, place_of, readable, table
from kb.cli.output import console
from kb.types import (
    ClauseInfo,
    ClauseList,
    DocumentInfo,
    Evaluation,
    PageText,
    Relation,
    TimelineEntry,
    VerifyReport,
)

if TYPE_CHECKING:
    from kb.evaluation.compare import Compared
    from kb.moving import MoveReport

_CHECKED = {"lexical": "in the word index", "dense": "in the vector index"}
_OBLIGATIONS = {
    "must": "must",
    "must-not": "must not",
    "encourage": "encouraged",
    "explore": "to be explored",
}
#: How many bodies are listed with their counts below clauses.
MOST_COUNTED = 20
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


def print_document(info: DocumentInfo, relations: Sequence[Relation] = ()) -> None:
    """Print what is known of one document, and what it and others say of one another."""
    rows: dict[str, object] = {
        "id": info.document_id,
        "title": info.title,
        "number": info.document_number,
        "issuers": "、".join(info.issuers),
        "addressees": "、".join(info.addressees),
        "issued on": info.issued_on,
        "effective on": info.effective_on,
        "type": info.document_type,
        "language": info.language,
        "validity": info.validity,
        "repealed by": _repealed(info),
        "file": info.path,
        "pages": info.pages,
        "passages": info.passages,
        "characters": f"{info.characters:,}, of which {info.characters_indexed:,} in passages",
        "added": info.added_at,
        "replaced by": info.superseded_by,
        "warnings": "\n".join(info.warnings),
    }
    pairs(rows)
    for direction, head in (("out", "What it says of others:"), ("in", "What others say of it:")):
        said = [each for each in relations if each.direction == direction]
        if said:
            console().print(f"\n{head}")
            _print_relations(said)


def _repealed(info: DocumentInfo) -> str | None:
    if info.repealed_by is None or info.repealed_on is None:
        return info.repealed_by
    return f"{info.repealed_by} from {info.repealed_on} on"


def _print_relations(relations: Sequence[Relation]) -> None:
    """Print each document that is named, how, and where; the same said again on the same line."""
    places: dict[tuple[str, ...], dict[str, None]] = {}
    for each in relations:
        other = "".join(filter(None, (_titled(each.title), each.number)))
        row = (each.kind, one_line(other), each.document_id or "not here")
        places.setdefault(row, {})[place_of(each.page, each.clause)] = None
    rows = [(*row, "; ".join(where)) for row, where in places.items()]
    table(("", "document", "id", "where"), rows, flexible=1, spare=3)


def _titled(title: str | None) -> str | None:
    return title if title is None or title.startswith("《") else f"《{title}》"


def print_page(page: PageText) -> None:
    """Print a page's running text."""
    console().print(Text(readable(page.text)), soft_wrap=True)


def print_timeline(found: ClauseList, entries: Sequence[TimelineEntry]) -> None:
    """Print deadlines, the clauses that set them, and where these stand."""
    out = console()
    _print_ministry(out, found)
    rows = [
        (
            str(entry.due),
            one_line(entry.as_written),
            f"{one_line(entry.title)}, {place_of(entry.page, entry.number)}",
            entry.clause_id,
        )
        for entry in entries
    ]
    if rows:
        table(("due", "written", "set by", "clause id"), rows, flexible=2, spare=3)
    out.print(counted(len(entries), "deadline"))


def print_clauses(found: ClauseList) -> None:
    """Print clauses whole, each with the bodies it makes responsible, and counts of all."""
    out = console()
    _print_ministry(out, found)
    for clause in found.clauses:
        _print_clause(out, clause)
    _print_counts(out, found)


def _print_ministry(out: Console, found: ClauseList) -> None:
    if found.ministry is not None:
        inset(out, Text(one_line(found.ministry.name), style="bold"), first="")
        for chain in found.ministry.chains:
            via = " → ".join(map(one_line, chain))
            inset(out, Text(f"matched via {via}", style="dim"))


def _print_counts(out: Console, found: ClauseList) -> None:
    """Print how many clauses match, and which bodies they make responsible."""
    shown = len(found.clauses)
    of_all = "" if shown == found.total else f", {shown:,} of them shown"
    out.print(f"{counted(found.total, 'clause')}{of_all}")
    most = found.counts[:MOST_COUNTED]
    rows = [
        (one_line(each.name), *map(str, (each.lead, each.participant, each.joint, each.total)))
        for each in most
    ]
    if rows:
        out.print()
        table(("body", "lead", "participant", "jointly", "clauses"), rows, flexible=0, spare=3)
    if len(most) < len(found.counts):
        out.print(f"and {len(found.counts) - len(most):,} more")


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
    asked = [_OBLIGATIONS[each] for each in clause.obligations]
    asked += [f"by {each.due} ({each.as_written})" for each in clause.deadlines]
    if asked or clause.targets:
        inset(out, Text(one_line("; ".join((*asked, *clause.targets))), style="yellow"))
    inset(out, Text(clause.clause_id, style="dim"))
    out.print()


def print_evaluation(evaluation: Evaluation) -> None:
    """Print measures by name."""
    pairs({name: f"{value:.4g}" for name, value in evaluation.metrics.items()})


def print_comparison(differences: Sequence[Compared]) -> None:
    """Print how two runs differ, one measure a line."""
    for one in differences:
        interval = f"95 % {one.low:+.4f} to {one.high:+.4f}, p {one.p:.4f}"
        counts = f"{one.better} of {one.queries} better, {one.worse} worse"
        line = f"{one.measure}: {one.other:.4f} to {one.mean:.4f}, {one.difference:+.4f}"
        console().print(f"{line} ({interval}; {counts})", soft_wrap=True)


def print_move(report: MoveReport) -> None:
    """Print what was brought over, and what differs."""
    out = console()
    passed = report.documents - report.copied
    out.print(
        f"{report.home}: {counted(report.copied, 'document')} and "
        f"{counted(report.originals_copied, 'original')} brought over, "
        f"{counted(passed, 'document')} there already, in {report.seconds:.0f} s",
        soft_wrap=True,
    )
    for problem in report.problems:
        out.print(Text(f"{problem.code}: {one_line(problem.message)}", style="red"), soft_wrap=True)
    if report.ok:
        out.print(Text("both hold the same", style="green"))


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
