"""clauses."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, cast

import typer

from kb.cli import options as opt
from kb.cli.exports import ExportOption, LinksOption, check_export, export, say_written
from kb.cli.output import print_json

if TYPE_CHECKING:
    from kb.types import ClauseList, Obligation, RoleFilter

ROLES = ("lead", "participant", "joint", "any")
OBLIGATIONS = ("must", "must-not", "encourage", "explore")


def clauses(
    context: typer.Context,
    ministry: Annotated[
        str | None,
        typer.Option("--ministry", metavar="NAME", help="That make this body responsible."),
    ] = None,
    role: Annotated[
        str,
        typer.Option("--role", metavar="lead|participant|joint|any", help="In this role."),
    ] = "any",
    number: Annotated[
        str | None,
        typer.Option("--number", metavar="N", help="With this number, as 6, 第六条 or （六）."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="WORDS", help='With all these words; "…" keeps some whole.'),
    ] = None,
    obligation: Annotated[
        str | None,
        typer.Option(
            "--obligation", metavar="must|must-not|encourage|explore", help="That bind so."
        ),
    ] = None,
    due_before: Annotated[
        date | None,
        typer.Option(
            "--due-before", metavar="DATE", parser=opt.read_date, help="Due on or before."
        ),
    ] = None,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="List their deadlines, the earliest first.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=0, help="At most N clauses.")
    ] = None,
    offset: Annotated[
        int, typer.Option("--offset", metavar="N", min=0, help="Leave out the first N.")
    ] = 0,
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    as_of: opt.AsOfOption = None,
    export_to: ExportOption = None,
    links: LinksOption = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List clauses by ministry, role, number, words, what they ask, or document."""
    opt.one_of(role, ROLES, "--role")
    opt.one_of(obligation, OBLIGATIONS, "--obligation")
    check_export(export_to)
    filters = opt.filters_of(document, type_, issuer, None, since, until, in_force, as_of)
    with opt.open_base(context, home) as base:
        found = base.clauses(
            ministry=ministry,
            role=cast("RoleFilter", role),
            number=number,
            text=text,
            obligation=cast("Obligation | None", obligation),
            # Any deadline at all will do for a timeline.
            due_before=due_before or (date.max if timeline else None),
            filters=filters,
            limit=limit,
            offset=offset,
        )
        export(base, found, export_to, links)
    if export_to is not None and not as_json:
        say_written(export_to, len(found.clauses), "clause")
    elif timeline:
        _tell_timeline(found, due_before, as_json)
    elif as_json:
        print_json(found)
    else:
        from kb.cli.views import print_clauses

        print_clauses(found)


def _tell_timeline(found: ClauseList, due_before: date | None, as_json: bool) -> None:
    from kb.finder import timeline

    entries = timeline(found.clauses, due_before)
    if as_json:
        print_json({"ministry": found.ministry, "timeline": entries})
    else:
        from kb.cli.views import print_timeline

        print_timeline(found, entries)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(clauses)
