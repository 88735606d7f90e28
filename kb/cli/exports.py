"""matrix, cite; and --export, for the commands that find something."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from kb.cli import options as opt
from kb.cli.output import console, print_json

if TYPE_CHECKING:
    from kb.bibliography import Style
    from kb.exporting import Exportable, ExportKind
    from kb.knowledge_base import KnowledgeBase

STYLES = ("gbt7714", "bibtex", "plain")
ExportOption = Annotated[
    Path | None,
    typer.Option("--export", metavar="FILE", help="Write to .xlsx, .docx, .csv or .md."),
]
LinksOption = Annotated[
    str | None,
    typer.Option(
        "--links", metavar="URL", help="Link exports to this server [public_url, else the files]."
    ),
]


def check_export(path: Path | None, kinds: tuple[ExportKind, ...] | None = None) -> None:
    """Refuse a file that cannot be exported to before anything is looked for."""
    if path is not None:
        from kb.exporting import KINDS, kind_of

        kind_of(path, kinds or KINDS)


def export(base: KnowledgeBase, found: Exportable, path: Path | None, links: str | None) -> None:
    """Write what was found to a file, if one was asked for."""
    if path is not None:
        base.export(found, path, base_url=links)


def say_written(path: Path, number: int, name: str) -> None:
    """Tell that a file was written, and how much of what is in it."""
    from kb.cli.layout import counted, one_line

    console().print(f"wrote {one_line(str(path))}: {counted(number, name)}", soft_wrap=True)


def matrix(
    context: typer.Context,
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    ministry: opt.MinistryOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    as_of: opt.AsOfOption = None,
    export_to: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write to .xlsx, .csv or .md."),
    ] = None,
    links: LinksOption = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Show which body has which part in which clause."""
    from kb.exporting import MATRIX_KINDS

    check_export(export_to, MATRIX_KINDS)
    filters = opt.filters_of(document, type_, issuer, ministry, since, until, in_force, as_of)
    with opt.open_base(context, home) as base:
        found = base.matrix(filters)
        export(base, found, export_to, links)
    if as_json:
        print_json(found)
    elif export_to is not None:
        say_written(export_to, len(found.clauses), "clause")
    else:
        from kb.cli.grids import print_matrix

        print_matrix(found)


def cite(
    context: typer.Context,
    document_id: Annotated[str, typer.Argument(metavar="ID", help="As `policykb list` shows it.")],
    page: Annotated[
        int | None, typer.Option("--page", metavar="N", min=1, help="A page of it.")
    ] = None,
    clause: Annotated[
        str | None, typer.Option("--clause", metavar="N", help="A clause, as 6, 第六条 or （六）.")
    ] = None,
    style: Annotated[
        str, typer.Option("--style", metavar="gbt7714|bibtex|plain", help="How it is written.")
    ] = "gbt7714",
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Print a reference to a document, as lists of sources want it."""
    opt.one_of(style, STYLES, "--style")
    with opt.open_base(context, home) as base:
        text = base.reference(document_id, page=page, clause=clause, style=cast("Style", style))
    if as_json:
        print_json({"document_id": document_id, "style": style, "reference": text})
    else:
        from rich.text import Text

        from kb.cli.layout import readable

        console().print(Text(readable(text)), soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (matrix, cite):
        app.command()(command)
