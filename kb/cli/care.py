"""verify, rebuild."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kb.cli import FAILED
from kb.cli import options as opt
from kb.cli.output import console, print_json
from kb.types import Progress


def verify(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be made again from the store.")
    ] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Compare the store, the originals and both indexes."""
    with opt.open_base(context, home) as base:
        report = base.verify(repair=repair)
    if as_json:
        print_json(report)
    else:
        from kb.cli.views import print_verification

        print_verification(report)
    if not report.ok:
        raise typer.Exit(FAILED)


def rebuild(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Make the index anew from the store."""
    with opt.open_base(context, home) as base:
        count = base.rebuild(_indexed if sys.stderr.isatty() else None)
    if as_json:
        print_json({"passages": count})
    else:
        from kb.cli.layout import counted

        console().print(f"indexed {counted(count, 'passage')}")


def _indexed(progress: Progress) -> None:
    end = "\n" if progress.page == progress.pages else ""
    sys.stderr.write(f"\rindexing {progress.page} of {progress.pages} passages{end}")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(verify)
    app.command()(rebuild)
