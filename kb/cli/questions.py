"""search, ask, suggest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from kb.cli import options as opt
from kb.cli.exports import ExportOption, LinksOption, check_export, export, say_written
from kb.cli.output import print_json
from kb.types import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kb.knowledge_base import KnowledgeBase
    from kb.types import Sending

MODES = ("hybrid", "lexical", "dense")
FullOption = Annotated[
    bool, typer.Option("--full", help="Show passages whole, not their best lines.")
]

LlmOption = Annotated[
    bool, typer.Option("--llm", help="Let the language model of the settings word the answer.")
]


def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY")],
    k: Annotated[int, typer.Option("-k", metavar="N", min=1, help="Passages to show.")] = 10,
    mode: Annotated[
        str, typer.Option("--mode", metavar="hybrid|lexical|dense", help="How to rank.")
    ] = "hybrid",
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    ministry: opt.MinistryOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    as_of: opt.AsOfOption = None,
    full: FullOption = False,
    export_to: ExportOption = None,
    links: LinksOption = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Rank passages for a query."""
    opt.one_of(mode, MODES, "--mode")
    check_export(export_to)
    filters = opt.filters_of(document, type_, issuer, ministry, since, until, in_force, as_of)
    with opt.open_base(context, home) as base:
        result = base.search(query, k=k, mode=cast("Mode", mode), filters=filters)
        _say_if_empty(base, result.hits)
        export(base, result, export_to, links)
    if as_json:
        print_json(result)
    elif export_to is not None:
        say_written(export_to, len(result.hits), "passage")
    else:
        from kb.cli.found import print_hits

        print_hits(result, full=full)


def ask(
    context: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    ministry: opt.MinistryOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    as_of: opt.AsOfOption = None,
    full: FullOption = False,
    llm: LlmOption = False,
    export_to: ExportOption = None,
    links: LinksOption = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Answer with cited passages, or say there is no evidence."""
    check_export(export_to)
    filters = opt.filters_of(document, type_, issuer, ministry, since, until, in_force, as_of)
    with opt.open_base(context, home) as base:
        answer = base.ask(question, filters=filters, llm=llm, on_sending=_say_what_is_sent)
        _say_if_empty(base, answer.nearest or answer.citations)
        export(base, answer, export_to, links)
    if as_json:
        print_json(answer)
    elif export_to is not None:
        if answer.answered:
            say_written(export_to, len(answer.citations), "citation")
        else:
            say_written(export_to, len(answer.nearest), "passage")
    else:
        from kb.cli.found import print_answer

        print_answer(answer, full=full)


def suggest(
    context: typer.Context,
    prefix: Annotated[str, typer.Argument(metavar="PREFIX")],
    n: Annotated[int, typer.Option("-n", metavar="N", min=1, max=100, help="At most N.")] = 8,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Suggest titles, headings and words that a query may become."""
    with opt.open_base(context, home) as base:
        found = base.suggest(prefix, n)
        _say_if_empty(base, found)
    if as_json:
        print_json({"prefix": prefix, "suggestions": found})
    else:
        from kb.cli.found import print_suggestions

        print_suggestions(found)


def _say_what_is_sent(sending: Sending) -> None:
    from kb.cli.found import say_what_is_sent

    say_what_is_sent(sending)


def _say_if_empty(base: KnowledgeBase, found: Sequence[object]) -> None:
    """Tell a knowledge base without documents from one where nothing fits."""
    if not found and not base.documents():
        text = f"policykb: {base.home} holds no documents: add some with `policykb ingest PATH`"
        typer.echo(text, err=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (search, suggest, ask):
        app.command()(command)
