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
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="REPORT", help="Write a web page of every miss."),
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="RUN", help="Test against a run printed by --json."),
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Measure retrieval on a BEIR folder, over its own corpus."""
    from kb.evaluation.compare import compare as compared
    from kb.evaluation.compare import read_run

    other = read_run(compare) if compare is not None else None
    with opt.open_base(context, home) as base:
        found = base.evaluate_retrieval(folder)
    if html is not None:
        from kb.evaluation.retrieval_report import write_retrieval_report

        write_retrieval_report(html, found, folder.name)
    differences = compared(found, other) if other is not None else ()
    if as_json:
        more = {"compared": differences} if other is not None else {}
        print_json({"metrics": found.metrics, "rows": found.rows} | more)
        return
    from kb.cli.views import print_comparison, print_evaluation

    print_evaluation(found)
    print_comparison(differences)


def _print(evaluation: Evaluation, *, as_json: bool) -> None:
    if as_json:
        print_json(evaluation)
    else:
        from kb.cli.views import print_evaluation

        print_evaluation(evaluation)
