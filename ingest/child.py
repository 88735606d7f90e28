"""What runs in a child process of `ingest.worker`: parse one file after another, and report."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

from ingest.errors import DocumentError, LimitExceeded, UnreadableFile
from ingest.model import Document
from ingest.parse import ParseOptions, Progress, fingerprint, parse_bytes, read_bytes
from ingest.rescue import Attempt

# Room in the address space above what the resident limit allows: thread stacks, mapped models,
# allocator arenas are reserved and never touched.
_RESERVED = 4 << 30
# A hung child whose parent is gone ends itself after this many times its file's limit.
_PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Done:
    """A file is parsed."""

    document: Document
    sha256: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A file cannot be parsed."""

    error: DocumentError
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A file's parsing has moved on."""

    progress: Progress


def serve(
    pipe: Connection, options: ParseOptions, memory: int | None, timeout: float | None
) -> None:
    """Parse each path that comes over `pipe` until it closes."""
    # Ctrl-C reaches every process of the terminal; the parent alone decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _silence()
    _bound_memory(memory)
    while True:
        try:
            path, threads, attempt = pipe.recv()
        except (EOFError, OSError):
            return
        _alarm(timeout)
        message = _parse(path, _amended(options, threads, attempt), pipe)
        _alarm(None)
        try:
            pipe.send(message)
        except (BrokenPipeError, ConnectionResetError):
            return


def _amended(options: ParseOptions, threads: int, attempt: Attempt) -> ParseOptions:
    """Return the options for one file at one of its tries."""
    return replace(
        options,
        ocr_threads=threads,
        skip=attempt.skip,
        why=attempt.why,
        layout=attempt.layout or options.layout,
    )


def _parse(path: Path, options: ParseOptions, pipe: Connection) -> Done | Failed:
    sha256: str | None = None
    try:
        data = read_bytes(path, options.max_bytes)
        sha256 = fingerprint(data)
        document = parse_bytes(path.name, data, options, lambda step: pipe.send(Moved(step)))
        return Done(document, sha256)
    except DocumentError as error:
        return Failed(error, sha256)
    except MemoryError:
        return Failed(
            LimitExceeded(f"{path.name} needs more memory than one file may take: split the file"),
            sha256,
        )
    except Exception as error:  # noqa: BLE001 - the per-file boundary: no file may end the run
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return Failed(
            UnreadableFile(
                f"{path.name} could not be parsed ({type(error).__name__}: {error}, at {place}): "
                "please report it; printing it to a new PDF may help"
            ),
            sha256,
        )


def _silence() -> None:
    """Send what native libraries print nowhere: the parent's terminal and stdout are its own."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def _bound_memory(memory: int | None) -> None:
    """Make allocation fail before the whole machine suffers, if the parent's watch is too slow."""
    if memory is None or sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = memory + _RESERVED
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _alarm(timeout: float | None) -> None:
    """Have the system end this process if it hangs and no parent is left to do so."""
    if hasattr(signal, "alarm"):
        signal.alarm(int(timeout * _PATIENCE) + 60 if timeout else 0)
