"""Options that many commands share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.types import Filters

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase


def read_date(text: str) -> date:
    """Read a date given on the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date as YYYY-MM-DD") from error


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Where the knowledge base is [default: $POLICYKB_HOME, else your data folder].",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DocumentOption = Annotated[
    str | None, typer.Option("--document", metavar="ID", help="Only this document.")
]
TypeOption = Annotated[
    str | None, typer.Option("--type", metavar="T", help="Only this type, such as 意见.")
]
IssuerOption = Annotated[
    str | None, typer.Option("--issuer", metavar="NAME", help="Only from this body.")
]
MinistryOption = Annotated[
    str | None,
    typer.Option("--ministry", metavar="NAME", help="Only clauses that make it responsible."),
]
SinceOption = Annotated[
    date | None,
    typer.Option("--since", metavar="DATE", parser=read_date, help="Issued on or after."),
]
UntilOption = Annotated[
    date | None,
    typer.Option("--until", metavar="DATE", parser=read_date, help="Issued on or before."),
]
InForceOption = Annotated[
    bool, typer.Option("--in-force", help="Only documents known to be in force.")
]
AsOfOption = Annotated[
    date | None,
    typer.Option(
        "--as-of", metavar="DATE", parser=read_date, help="Only documents in force on this day."
    ),
]
OcrOption = Annotated[
    str | None,
    typer.Option(
        "--ocr",
        metavar="auto|never|always",
        help="When to read page pictures: pages without text, none, all [default: auto].",
    ),
]
LayoutOption = Annotated[
    str | None,
    typer.Option(
        "--layout",
        metavar="auto|never",
        help="When to show pages to the layout model: doubtful ones, none [default: auto].",
    ),
]
TimeoutOption = Annotated[
    float | None,
    typer.Option("--timeout", metavar="S", min=0.1, help="Seconds one file may take."),
]
PasswordOption = Annotated[
    str | None, typer.Option("--password", help="Opens encrypted files.", metavar="TEXT")
]


def filters_of(
    document: str | None,
    type_: str | None,
    issuer: str | None,
    ministry: str | None,
    since: date | None,
    until: date | None,
    in_force: bool,
    as_of: date | None = None,
) -> Filters:
    """Return the filters that were given."""
    return Filters(document, type_, issuer, ministry, since, until, in_force, as_of)


def one_of(value: str | None, choices: tuple[str, ...], option: str) -> None:
    """Refuse a value that is none of the choices, as wrong usage."""
    if value is not None and value not in choices:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(choices)}", param_hint=option)


def open_base(context: typer.Context, home: Path | None) -> KnowledgeBase:
    """Open the knowledge base that --home names, before or after the command."""
    from kb.knowledge_base import KnowledgeBase

    return KnowledgeBase.open(home or context.find_root().obj)
