"""synonyms: show, use, remove."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import console, print_json

app = typer.Typer(
    help="Other names of things, which a search looks for as well.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command()
def show(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Show your own file, as it can be edited and used again."""
    with opt.open_base(context, home) as base:
        text = base.synonyms()
    if as_json:
        print_json({"text": text})
    else:
        console().print(text, end="", markup=False, highlight=False, soft_wrap=True)


@app.command()
def use(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Lines of names with = between.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Search by the names of a file beside the shipped ones, instead of the file used before."""
    with opt.open_base(context, home) as base:
        things = base.use_synonyms(file)
    _tell(f"using other names of {things:,} things of {file.name}", things, as_json=as_json)


@app.command()
def remove(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Go back to the shipped names alone."""
    with opt.open_base(context, home) as base:
        base.remove_synonyms()
    _tell("using the shipped names alone", 0, as_json=as_json)


def _tell(said: str, things: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"things": things})
    else:
        console().print(said, soft_wrap=True)
