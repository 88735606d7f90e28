"""verify, rebuild, backup, restore, migrate."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kb.cli import FAILED, SOME_FAILED
from kb.cli import options as opt
from kb.cli.output import console, print_json
from kb.types import Progress, ProgressListener

if TYPE_CHECKING:
    from kb.knowledge_base import KnowledgeBase
    from kb.moving import MoveProgress, OnMove
    from kb.types import IngestReport


def verify(
    context: typer.Context,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be made again from the store.")
    ] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Compare the store, the originals and both indexes."""
    with opt.open_base(context, home) as base:
        report = base.verify(repair=repair)
    if as_json:
        print_json(report)
    else:
        from kb.cli.views import print_verification

        print_verification(report)
    if not report.ok:
        raise typer.Exit(FAILED)


def rebuild(
    context: typer.Context,
    reparse: Annotated[
        bool,
        typer.Option("--reparse", help="First read again what an older version has read."),
    ] = False,
    password: opt.PasswordOption = None,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Make the index anew from the store."""
    with opt.open_base(context, home) as base:
        again = _reread(base, password) if reparse else None
        count = base.rebuild(_indexing() if sys.stderr.isatty() else None)
    if as_json:
        told = {} if again is None else {"documents": again.documents}
        print_json({"passages": count, **told})
    else:
        from kb.cli.layout import counted

        console().print(f"indexed {counted(count, 'passage')}")
    if again is not None and again.failed:
        raise typer.Exit(SOME_FAILED)


def _reread(base: KnowledgeBase, password: str | None) -> IngestReport:
    from kb.cli.progress import IngestDisplay

    with IngestDisplay() as display:
        return base.reread(password=password, on_progress=display)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it exists.")] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Write the knowledge base into one file, while others go on working with it."""
    with opt.open_base(context, home) as base:
        report = base.back_up(file, force=force)
    if as_json:
        print_json(report)
    else:
        from kb.cli.layout import counted

        size = f"{report.size / (1 << 20):.1f} MiB"
        console().print(f"{report.path}: {counted(report.documents, 'document')}, {size}")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    force: Annotated[
        bool, typer.Option("--force", help="Move a knowledge base that is there aside first.")
    ] = False,
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Make a knowledge base of a backup; nothing that is there is overwritten."""
    from kb.config import default_home
    from kb.restoring import restore as restore_home
    from kb.seams import errors_mapped

    named: Path | None = home or context.find_root().obj
    place = (named or default_home()).expanduser().absolute()
    with errors_mapped():
        report = restore_home(file, place, force=force)
    with opt.open_base(context, place) as base:
        base.rebuild()
    if as_json:
        print_json(report)
    else:
        from kb.cli.layout import counted

        console().print(f"{report.path}: {counted(report.documents, 'document')} restored")
        if report.kept_aside:
            console().print(f"what was there is in {report.kept_aside}")


def migrate(
    context: typer.Context,
    to: Annotated[
        Path, typer.Option("--to", metavar="CONFIG", help="The policykb.toml to move to.")
    ],
    home: opt.HomeOption = None,
    as_json: opt.JsonOption = False,
) -> None:
    """Bring the knowledge base onto other back ends, going on where it was cut short."""
    with opt.open_base(context, home) as base:
        report = base.move(to, _moving() if sys.stderr.isatty() else None)
    if as_json:
        print_json(report)
    else:
        from kb.cli.views import print_move

        print_move(report)
    if not report.ok:
        raise typer.Exit(FAILED)


def _moving() -> OnMove:
    """Return what says how far a move is, at what rate, and when it will be done."""

    def moved(at: MoveProgress) -> None:
        left = "" if at.eta_seconds is None else f", {at.eta_seconds:.0f} s left"
        end = "\n" if at.done >= at.total else ""
        text = f"\r{at.stage} {at.done} of {at.total}, {at.per_second:.1f}/s{left}   {end}"
        sys.stderr.write(text)

    return moved


def _indexing() -> ProgressListener:
    """Return what says how far indexing is, at what rate."""
    started = time.monotonic()

    def indexed(progress: Progress) -> None:
        rate = progress.page / max(time.monotonic() - started, 1e-3)
        end = "\n" if progress.page == progress.pages else ""
        text = f"\rindexing {progress.page} of {progress.pages} passages, {rate:.0f}/s {end}"
        sys.stderr.write(text)

    return indexed


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(verify)
    app.command()(rebuild)
    app.command()(backup)
    app.command()(restore)
    app.command()(migrate)
