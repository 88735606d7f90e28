"""chat: questions one after another."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import typer

from kb.cli import options as opt
from kb.cli.output import print_json_line
from kb.cli.questions import FullOption, LlmOption
from kb.errors import InvalidInput

_PROMPT = "? "


def chat(
    context: typer.Context,
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    ministry: opt.MinistryOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    full: FullOption = False,
    llm: LlmOption = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Answer questions one after another, each understood with the one before it."""
    from kb.cli.found import print_answer, say_what_is_sent
    from kb.conversation import Conversation

    filters = opt.filters_of(document, type_, issuer, ministry, since, until, in_force)
    with opt.open_base(context, home) as base:
        talk = Conversation(base, filters, llm, on_sending=say_what_is_sent)
        for question in _questions():
            try:
                answer = talk.ask(question)
            except InvalidInput as error:
                typer.echo(f"policykb: {error.message}", err=True)
                continue
            if as_json:
                print_json_line(answer)
            else:
                print_answer(answer, full=full)
                typer.echo()


def _questions() -> Iterator[str]:
    """Yield the lines of stdin that are not blank, asking for each on a terminal."""
    asks = sys.stdin.isatty()
    while True:
        if asks:
            typer.echo(_PROMPT, nl=False, err=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(chat)
