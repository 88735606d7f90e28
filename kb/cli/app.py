"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from kb.cli import (
    care,
    chat,
    clauses,
    comparing,
    documents,
    evaluation,
    exports,
    keys,
    models,
    parsing,
    questions,
    registry,
    servers,
    synonyms,
)
from kb.cli.options import HomeOption

app = typer.Typer(
    name="policykb",
    add_completion=False,
    # Plain help: the framed one costs a tenth of a second more.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Turn Chinese policy and research documents into a knowledge base that answers with the "
    "exact cited passage.",
)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"policykb {version('policykb')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    home: HomeOption = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Note the home for the command that follows; without one, show the help."""
    context.obj = home
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


for module in (documents, questions, clauses, chat, exports, parsing, comparing, care, servers):
    module.register(app)
app.add_typer(evaluation.app, name="eval")
app.add_typer(models.app, name="model")
app.add_typer(registry.app, name="registry")
app.add_typer(synonyms.app, name="synonyms")
app.add_typer(keys.app, name="key")
