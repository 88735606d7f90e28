"""key: make, list, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import console, plain, print_json

app = typer.Typer(
    help="The keys of the service, and what they may do.",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command()
def make(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what the key is for.")],
    scopes: Annotated[
        list[str], typer.Option("--scope", metavar="read|write|admin", help="May be given again.")
    ],
    collections: Annotated[
        list[str] | None,
        typer.Option("--collection", metavar="C", help="Only these; may be given again."),
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Make a key and print its token, which is shown this once."""
    with opt.open_base(context, home) as base:
        made = base.make_key(name, scopes, collections or ())
    if as_json:
        print_json({**_row(made.key), "token": made.token})
        return
    console(error=True).print(f"key {made.key.key_id}; its token is shown this once:")
    console().print(made.token, soft_wrap=True)


@app.command("list")
def list_keys(
    context: typer.Context, home: opt.HomeOption = None, as_json: opt.JsonOption = False
) -> None:
    """List the keys there are, revoked ones too; never their tokens."""
    with opt.open_base(context, home) as base:
        found = base.keys()
    if as_json:
        print_json({"keys": [_row(key) for key in found]})
        return
    from rich.table import Table

    table = Table(
        *["key", "name", "scopes", "collections", "made", "revoked"], box=None, pad_edge=False
    )
    for key in found:
        within = ", ".join(key.collections) or "all"
        row = (key.name, " ".join(key.scopes), within, key.created_at, key.revoked_at or "")
        table.add_row(key.key_id, *map(plain, row))
    console().print(table)


@app.command()
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `policykb key list` shows it.")],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """End a key: it opens nothing from now on."""
    with opt.open_base(context, home) as base:
        ended = base.revoke_key(key_id)
    if as_json:
        print_json(_row(ended))
    else:
        console().print(f"revoked {ended.key_id} ({plain(ended.name)})")


def _row(key: object) -> dict[str, object]:
    from kb.jsonable import jsonable

    return dict(jsonable(key))
