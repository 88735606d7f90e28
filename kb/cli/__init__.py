"""The command line: `policykb`.

Exit status: 0 done, 1 an error the message explains, 2 wrong usage, 3 some files failed and the
rest are in, 130 stopped by Ctrl-C. Results go to stdout; errors (one line), warnings and progress
to stderr.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from types import TracebackType

from kb.errors import InvalidInput, KBError

DEBUG = "POLICYKB_DEBUG"
FAILED, WRONG_USAGE, SOME_FAILED, INTERRUPTED = 1, 2, 3, 130


def main() -> None:
    """Run the command line and leave with its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Whatever the terminal's own encoding, Chinese must get through a pipe.
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.excepthook = _unexpected
    _log_to_stderr()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    from typer.exceptions import TyperException
    from typer.main import get_command

    from kb.cli.app import app

    command = get_command(app)
    try:
        status = command.main(list(arguments), prog_name="policykb", standalone_mode=False)
    except TyperException as error:
        _say(_with_hint(error))
        return error.exit_code
    except KBError as error:
        return report_failure(error)
    return status if isinstance(status, int) else 0


def report_failure(error: KBError) -> int:
    """Write one line to stderr that says why a program ends, and return its exit status.

    Raises the error instead where the environment asks for tracebacks (POLICYKB_DEBUG).
    """
    if os.environ.get(DEBUG):
        raise error
    _say(error.message)
    return WRONG_USAGE if isinstance(error, InvalidInput) else FAILED


def _with_hint(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    message = str(getattr(error, "format_message", error.__str__)()).rstrip(".")
    return f"{message}: see `{context.command_path} --help`" if context else message


def _say(message: str) -> None:
    from kb.cli.output import plain

    sys.stderr.write(f"policykb: {' '.join(plain(message).split())}\n")


def _unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Report what nobody foresaw: one line, and how to see the rest."""
    if issubclass(kind, KeyboardInterrupt):
        sys.exit(INTERRUPTED)
    if os.environ.get(DEBUG):
        sys.__excepthook__(kind, error, trace)
    else:
        _say(f"unexpected {kind.__name__}: {error}; run with {DEBUG}=1 for the traceback")


def _log_to_stderr() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("policykb: %(message)s"))
    for package in ("kb", "ingest", "index"):
        logging.getLogger(package).addHandler(handler)
