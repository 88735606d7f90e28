"""model: show, list, use, import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import console, print_json

app = typer.Typer(help="The encoder in use.", rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def model(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Show the encoder in use; list, use or import one."""
    if context.invoked_subcommand is None:
        show(context, home, as_json)


@app.command()
def show(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """Show the encoder in use, and whether it made the index."""
    with opt.open_base(context, home) as base:
        found = base.model()
    if as_json:
        print_json(found)
        return
    from kb.cli.layout import pairs

    fits = "yes" if found.index_matches else "no: run `policykb rebuild`"
    pairs(
        {
            "model": found.name,
            "dimension": str(found.dimension),
            "fingerprint": found.fingerprint,
            "fits the index": fits,
            "passages indexed": str(found.index_passages),
        }
    )


@app.command("list")
def list_models(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """List the encoders at hand: shipped and imported."""
    with opt.open_base(context, home) as base:
        in_use, names = base.model().name, base.models()
    if as_json:
        print_json({"in_use": in_use, "models": names})
        return
    for name in dict.fromkeys((*names, in_use)):
        console().print(f"{'*' if name == in_use else ' '} {name}")


@app.command()
def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="default, a folder or a hub name.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Switch to another encoder; says what to rebuild.

    A name of the model hub that is not on this machine yet is fetched.
    """
    with opt.open_base(context, home) as base:
        to_do = base.use_model(name)
    if as_json:
        print_json({"model": name, "to_do": to_do or None})
    else:
        console().print(f"using {name}" + (f"; {to_do}" if to_do else ""))


@app.command("import")
def import_model(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A sentence-transformers folder.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Copy an encoder's folder in, to be used by its name."""
    with opt.open_base(context, home) as base:
        name = base.import_model(folder)
    if as_json:
        print_json({"imported": name})
    else:
        console().print(f"imported {name}: switch to it by `policykb model use {name}`")
