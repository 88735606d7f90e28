"""registry: list, show, unknown, use, remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import console, print_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kb.types import BodyCard, BodyInfo, RegistryReport, UnknownBody

app = typer.Typer(
    help="The bodies that documents make responsible, and what they are called.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("list")
def list_bodies(
    context: typer.Context,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Only this kind, as ministry.")
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List the bodies known, `*` before those of your own file."""
    with opt.open_base(context, home) as base:
        found = base.registry(kind=kind)
    if as_json:
        print_json({"bodies": found})
    else:
        _print_bodies(found)


@app.command()
def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Any name of the body.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Show a body: its names, what it came from and became, and how many clauses name it."""
    with opt.open_base(context, home) as base:
        found = base.body(name)
    if as_json:
        print_json(found)
    else:
        _print_card(found)


@app.command()
def unknown(
    context: typer.Context,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write a registry file to fill in."),
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List the bodies kept as written because the registry does not know them."""
    from kb.registry import template

    with opt.open_base(context, home) as base:
        found = base.unknown_bodies()
    if csv is not None:
        _write(csv, template(body.as_written for body in found))
    if as_json:
        print_json({"bodies": found})
    else:
        _print_unknown(found, csv)


@app.command()
def use(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file of bodies.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Add the bodies of a CSV file, and resolve the clauses stored anew.

    Its rows replace shipped ones of the same name, and the file used before.
    """
    with opt.open_base(context, home) as base:
        report = base.use_registry(file)
    if as_json:
        print_json(report)
        return
    _print_report(f"using {report.bodies:,} bodies of {file.name}", report)
    console().print(
        "Words that were not seen to be a body are found when their documents are read again: "
        "`policykb ingest --force PATH`",
        soft_wrap=True,
    )


@app.command()
def remove(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Go back to the shipped bodies alone, and resolve the clauses stored anew."""
    with opt.open_base(context, home) as base:
        report = base.remove_registry()
    if as_json:
        print_json(report)
    else:
        _print_report("using the shipped bodies alone", report)


def _write(path: Path, text: str) -> None:
    from kb.seams import errors_mapped

    # With its mark, spreadsheets know the file for UTF-8.
    with errors_mapped():
        path.write_text(text, encoding="utf-8-sig", newline="")


def _print_bodies(found: Sequence[BodyInfo]) -> None:
    from kb.cli.layout import one_line, table

    rows = [
        (
            "*" if body.own else "",
            one_line(body.name),
            one_line("、".join(body.names)),
            one_line(body.kind),
            f"{body.since or ''}–{body.until or ''}" if body.since or body.until else "",
            one_line("、".join(body.successors)),
        )
        for body in found
    ]
    table(("", "name", "also", "kind", "existed", "became"), rows, flexible=2, spare=5)
    console().print(f"{len(found):,} {'body' if len(found) == 1 else 'bodies'}")


def _print_card(card: BodyCard) -> None:
    from kb.cli.layout import pairs

    body = card.body
    rows: dict[str, object] = {
        "name": card.name if card.known else f"{card.name} (not in the registry)",
        "matched via": " → ".join((*card.matched_via, card.name)) if card.matched_via else None,
    }
    if body is not None:
        rows |= {
            "also": "、".join(body.names),
            "kind": body.kind + (" (own row)" if body.own else ""),
            "part of": body.parent,
            "since": body.since,
            "until": body.until,
            "source": body.source,
            "checked in": body.checked,
        }
    rows |= {
        "came from": "\n".join(map(_dated, card.predecessors)),
        "became": "\n".join(map(_dated, card.successors)),
        "written": "、".join(f"{name} ({count:,})" for name, count in card.written.items()),
        "clauses": _by_role(card.clauses),
    }
    pairs(rows)


def _dated(body: BodyInfo) -> str:
    dates = f" ({body.since or '…'} to {body.until or 'now'})" if body.since or body.until else ""
    return body.name + dates


def _by_role(counts: Mapping[str, int]) -> str:
    return (
        f"{counts['any']:,}: {counts['lead']:,} as lead, {counts['participant']:,} as participant, "
        f"{counts['joint']:,} jointly"
    )


def _print_unknown(found: Sequence[UnknownBody], csv: Path | None) -> None:
    from kb.cli.layout import one_line, table

    rows = [
        (
            one_line(body.as_written),
            str(body.clauses),
            str(body.documents),
            body.clause_id,
            one_line(body.title),
            str(body.page),
        )
        for body in found
    ]
    out = console()
    if rows:
        head = ("name", "clauses", "documents", "for example", "document", "page")
        table(head, rows, flexible=4, spare=2)
    else:
        out.print("every body named is in the registry")
    if csv is not None:
        out.print(f"wrote {csv}: fill it in, then `policykb registry use {csv}`", soft_wrap=True)


def _print_report(said: str, report: RegistryReport) -> None:
    console().print(
        f"{said}; {report.renamed:,} of {report.resolved:,} bodies in clauses stand for another "
        f"now, in {report.documents:,} documents; {report.unknown:,} names are unknown",
        soft_wrap=True,
    )
