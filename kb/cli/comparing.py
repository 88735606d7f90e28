"""diff, check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli import options as opt
from kb.cli.output import console, print_json

if TYPE_CHECKING:
    from kb.comparing.types import Diff

#: What an id looks like: the first digits of a SHA-256.
_ID = re.compile(r"[0-9a-f]{16}")


def diff(
    context: typer.Context,
    old: Annotated[str, typer.Argument(metavar="OLD")],
    new: Annotated[str, typer.Argument(metavar="NEW")],
    unchanged: Annotated[
        bool, typer.Option("--unchanged", help="Print unchanged clauses too.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="OUT", help="Write both versions side by side."),
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Compare two versions clause by clause: files, or documents by their ids."""
    found = _compared(context, home, _given(old), _given(new))
    if html is not None:
        from kb.comparing.page import diff_page
        from kb.exporting.writing import write_file
        from kb.seams import errors_mapped

        with errors_mapped():
            write_file(html, diff_page(found).encode("utf-8", "replace"))
    if as_json:
        print_json(found)
    elif html is not None:
        console().print(f"wrote {html}", soft_wrap=True)
    else:
        from kb.cli.compared import print_diff

        print_diff(found, unchanged=unchanged)


def check(
    context: typer.Context,
    draft: Annotated[str, typer.Argument(metavar="FILE")],
    everything: Annotated[bool, typer.Option("--all", help="Print what is exact too.")] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Say of each quotation, title and number in a draft if it is exact, altered or not found."""
    with opt.open_base(context, home) as base:
        found = base.check(_given(draft))
        empty = not base.documents()
    if empty:
        console(error=True).print(
            "policykb: the knowledge base is empty: add documents with `policykb ingest PATH`"
        )
    if as_json:
        print_json(found)
    else:
        from kb.cli.compared import print_check

        print_check(found, everything=everything)


def _given(argument: str) -> str | Path:
    """Tell a document's id from a file; a file that has an id's name is a file."""
    path = Path(argument).expanduser()
    return argument if _ID.fullmatch(argument) and not path.exists() else path


def _compared(context: typer.Context, home: Path | None, old: str | Path, new: str | Path) -> Diff:
    """Compare, opening a knowledge base only where a document of it is asked for."""
    if isinstance(old, Path) and isinstance(new, Path):
        from kb.comparing.diff import compare_files

        return compare_files(old, new)
    with opt.open_base(context, home) as base:
        return base.diff(old, new)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(diff)
    app.command()(check)
