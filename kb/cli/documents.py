"""ingest, list, show, remove."""

from __future__ import annotations

from typing import Annotated, cast

import typer

from kb.cli import SOME_FAILED
from kb.cli import options as opt
from kb.cli.output import console, print_json
from kb.jsonable import jsonable
from kb.types import LayoutMode, OcrMode

OCR_MODES = ("auto", "never", "always")
LAYOUT_MODES = ("auto", "never")


def ingest(
    context: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders, globs.")],
    ocr: opt.OcrOption = None,
    layout: opt.LayoutOption = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help="Files read at a time."),
    ] = None,
    timeout: opt.TimeoutOption = None,
    password: opt.PasswordOption = None,
    force: Annotated[bool, typer.Option("--force", help="Read unchanged files again.")] = False,
    collection: Annotated[
        str, typer.Option("--collection", metavar="NAME", help="File them under this name.")
    ] = "",
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Add files, folders (recursively) or globs to the knowledge base."""
    from kb.cli.progress import IngestDisplay

    opt.one_of(ocr, OCR_MODES, "--ocr")
    opt.one_of(layout, LAYOUT_MODES, "--layout")
    with opt.open_base(context, home) as base, IngestDisplay() as display:
        try:
            report = base.ingest(
                paths,
                ocr=cast("OcrMode | None", ocr),
                layout=cast("LayoutMode | None", layout),
                workers=workers,
                timeout=timeout,
                password=password,
                force=force,
                collection=collection,
                on_progress=display,
            )
        except KeyboardInterrupt:
            display.interrupted()
            raise
    if as_json:
        print_json(report)
    else:
        console().print(display.summary())
    if report.failed:
        raise typer.Exit(SOME_FAILED if report.failed < len(report.documents) else 1)


def list_documents(
    context: typer.Context,
    document: opt.DocumentOption = None,
    type_: opt.TypeOption = None,
    issuer: opt.IssuerOption = None,
    ministry: opt.MinistryOption = None,
    since: opt.SinceOption = None,
    until: opt.UntilOption = None,
    in_force: opt.InForceOption = False,
    as_of: opt.AsOfOption = None,
    replaced: Annotated[
        bool, typer.Option("--replaced", help="Also versions that newer ones have replaced.")
    ] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """List the documents, newest first."""
    filters = opt.filters_of(document, type_, issuer, ministry, since, until, in_force, as_of)
    with opt.open_base(context, home) as base:
        found = base.documents(filters, replaced=replaced)
    if as_json:
        print_json({"documents": found})
    else:
        from kb.cli.views import print_documents

        print_documents(found)


def show(
    context: typer.Context,
    document_id: Annotated[str, typer.Argument(metavar="ID", help="As `policykb list` shows it.")],
    page: Annotated[
        int | None, typer.Option("--page", metavar="N", min=1, help="Print a page's text.")
    ] = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Describe one document, or print one of its pages."""
    with opt.open_base(context, home) as base:
        info = base.document(document_id)
        text = None if page is None else base.page_text(document_id, page)
        relations = base.lineage(document_id) if page is None else ()
    if as_json:
        print_json(text or {**jsonable(info), "relations": relations})
    elif text is not None:
        from kb.cli.views import print_page

        print_page(text)
    else:
        from kb.cli.views import print_document

        print_document(info, relations)


def remove(
    context: typer.Context,
    document_ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="As `policykb list` shows them.")
    ],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Remove documents from the knowledge base and every index."""
    with opt.open_base(context, home) as base:
        removed = base.remove(document_ids)
    if as_json:
        print_json({"removed": removed})
    else:
        console().print(f"removed {' '.join(removed)}")


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(ingest)
    app.command("list")(list_documents)
    app.command()(show)
    app.command()(remove)
