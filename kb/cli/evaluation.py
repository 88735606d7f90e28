"""eval questions, eval retrieval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import print_json
from kb.types import Evaluation

app = typer.Typer(help="Measure search and answers.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Measure search and answers."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


@app.command()
def questions(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="REPORT", help="Write a web page of every miss."),
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Measure search and answers on a file of questions, one JSON object a line."""
    with opt.open_base(context, home) as base:
        found = base.evaluate_questions(file)
    if html is not None:
        from kb.evaluation.report import write_report

        write_report(html, found, file.name)
    _print(found, as_json=as_json)


@app.command()
def retrieval(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Measure retrieval on a BEIR folder, over its own corpus."""
    with opt.open_base(context, home) as base:
        _print(base.evaluate_retrieval(folder), as_json=as_json)


def _print(evaluation: Evaluation, *, as_json: bool) -> None:
    if as_json:
        print_json(evaluation)
    else:
        from kb.cli.views import print_evaluation

        print_evaluation(evaluation)
