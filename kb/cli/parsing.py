"""parse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from kb.cli import options as opt
from kb.cli.documents import LAYOUT_MODES, OCR_MODES
from kb.cli.output import console, print_json
from kb.types import LayoutMode, OcrMode


def parse(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    ocr: opt.OcrOption = None,
    layout: opt.LayoutOption = None,
    timeout: opt.TimeoutOption = None,
    password: opt.PasswordOption = None,
    home: opt.HomeOption = None,  # noqa: ARG001 - every command takes it; this one needs none
    as_json: opt.JsonOption = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="OUT", help="Write a web page of what was read and where."),
    ] = None,
) -> None:
    """Print what is read from one file; no knowledge base."""
    from kb.parsing import TIMEOUT, parse_file

    opt.one_of(ocr, OCR_MODES, "--ocr")
    opt.one_of(layout, LAYOUT_MODES, "--layout")
    mode = cast("OcrMode", ocr or "auto")
    parsed = parse_file(
        file,
        ocr=mode,
        layout=cast("LayoutMode", layout or "auto"),
        password=password,
        timeout=timeout or TIMEOUT,
    )
    if html is not None:
        from kb.inspection import write_inspection

        write_inspection(html, parsed, file, password=password)
    if as_json:
        print_json(parsed)
        return
    if html is not None:
        console().print(f"wrote {html}", soft_wrap=True)
        return
    from rich.text import Text

    from kb.cli.layout import one_line, pairs, readable

    about = parsed.metadata
    pairs(
        {
            "title": about.title,
            "number": about.document_number,
            "issuers": "、".join(about.issuers),
            "addressees": "、".join(about.addressees),
            "issued on": about.issued_on,
            "effective on": about.effective_on,
            "type": about.document_type,
            "validity": about.validity,
            "language": about.language,
            "clauses": len(parsed.clauses),
            "references": len(parsed.references),
        }
    )
    out = console()
    for warning in parsed.warnings:
        console(error=True).print(f"policykb: {one_line(warning)}")
    for page in parsed.pages:
        out.print(Text(f"\n── page {page.number} ({page.source})", style="cyan"))
        out.print(Text(readable(page.text)), soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command()(parse)
