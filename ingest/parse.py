"""One file to a Document: detect, read, assemble the text, metadata, clauses, passages."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.errors import LimitExceeded, UnreadableFile
from ingest.formats import Format, detect, naming, read_unpaged
from ingest.ministries import Registry, using
from ingest.model import Document, Page
from ingest.ocr import REMEDY, LazyOcr, OcrUnavailable, ocr_available

OcrMode = Literal["auto", "never", "always"]
LayoutMode = Literal["auto", "never"]
Stage = Literal["reading", "pages", "ocr", "structure"]


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """How to parse a file, and how much of it to take on.

    `ocr`: "auto" reads pictures of pages without usable text, "always" of every page, "never"
    of none. `layout`: "auto" asks the layout model about PDF pages that geometry doubts, "never"
    leaves them to geometry. `max_bytes` and `max_pages` bound a file; `ocr_threads` is what one
    page may use. Pages in `skip` are left out, with a warning that says `why`.
    `registry` has the bodies to know; None means the one in force (`ingest.ministries`).
    """

    ocr: OcrMode = "auto"
    password: str | None = None
    max_bytes: int = 1 << 30
    max_pages: int = 5000
    ocr_threads: int = 2
    layout: LayoutMode = "auto"
    skip: frozenset[int] = frozenset()
    why: str = ""
    registry: Registry | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the parsing of a file stands: page `page` of `pages` done (0 of 0 where unknown).

    The stage "reading" is told of again once the number of pages is known.

    In the stage "ocr", `page` counts the pages read by OCR, the one begun included.
    """

    stage: Stage
    page: int = 0
    pages: int = 0


OnProgress = Callable[[Progress], None]


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hex; a document's id is its first 16 digits."""
    return hashlib.sha256(data).hexdigest()


def parse_file(
    path: str | Path, options: ParseOptions | None = None, on_progress: OnProgress | None = None
) -> Document:
    """Parse a file, whatever its format.

    Raises a `DocumentError` whose message names the file and what fixes it.
    """
    options = options or ParseOptions()
    path = Path(path)
    return parse_bytes(path.name, read_bytes(path, options.max_bytes), options, on_progress)


def read_bytes(path: Path, max_bytes: int = ParseOptions().max_bytes) -> bytes:
    """Read a file once, so that what is hashed is what is parsed.

    Raises `UnreadableFile` when it is missing, not a file, not permitted or changes meanwhile,
    `LimitExceeded` when it is larger than `max_bytes`.
    """
    try:
        before = path.stat()
        if path.is_dir():
            raise UnreadableFile(f"{path} is a folder, not a file: give a file in it")
        if not path.is_file():
            raise UnreadableFile(f"{path} is not a regular file: give a document")
        if before.st_size > max_bytes:
            raise LimitExceeded(
                f"{path.name} is {before.st_size >> 20} MiB, over the limit of "
                f"{max_bytes >> 20} MiB: split it or raise the size limit"
            )
        data = path.read_bytes()
        after = path.stat()
    except FileNotFoundError as error:
        raise UnreadableFile(f"{path}: no such file") from error
    except PermissionError as error:
        raise UnreadableFile(f"{path}: not permitted to read it; check its permissions") from error
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise UnreadableFile(f"{path!r} is not a file name: {error}") from error
    if len(data) != before.st_size or after.st_mtime_ns != before.st_mtime_ns:
        raise UnreadableFile(f"{path.name} changed while it was being read: try it again")
    return data


def parse_bytes(
    name: str,
    data: bytes,
    options: ParseOptions | None = None,
    on_progress: OnProgress | None = None,
) -> Document:
    """Parse a file's content; `name` tells its suffix and stands in messages.

    Raises as `parse_file` does.
    """
    options = options or ParseOptions()
    report = on_progress or (lambda _: None)
    report(Progress("reading"))
    kind = detect(name, data)
    pages, warnings = _read(kind, name, data, options, report)
    report(Progress("structure", len(pages), len(pages)))
    with using(options.registry):
        return structure(name, pages, warnings)


def structure(name: str, pages: list[Page], warnings: list[str]) -> Document:
    """Make a document of pages: its running text, metadata, clauses and passages."""
    from ingest.abstracts import part_labels
    from ingest.body import assemble, paragraphs
    from ingest.clauses import clauses_of
    from ingest.metadata import read_metadata
    from ingest.outline import read_outline
    from ingest.passages import passages_of
    from ingest.references import read_references

    pages = part_labels(pages)
    body = assemble(pages)
    metadata = read_metadata(pages, body, name)
    cut = paragraphs(pages)
    outline = read_outline(cut)
    clauses = clauses_of(body, cut, outline, metadata)
    passages = passages_of(body, cut, outline, clauses)
    references = read_references(cut, metadata)
    return Document(metadata, tuple(pages), clauses, passages, tuple(warnings), references, body)


def _read(
    kind: Format, name: str, data: bytes, options: ParseOptions, report: OnProgress
) -> tuple[list[Page], list[str]]:
    if kind not in {"pdf", "ofd"}:
        return read_unpaged(kind, data, name)
    from ingest.mupdf import import_pymupdf
    from ingest.pdf import ranges, read_pdf
    from ingest.pdf.model import PymupdfLayout

    import_pymupdf()
    left_out: tuple[str, ...] = ()
    if kind == "ofd":
        from ingest.formats.ofd import ofd_to_pdf

        with naming(name):
            converted = ofd_to_pdf(data, max_pages=options.max_pages)
        data, left_out = converted.pdf, converted.warnings
    pages, warnings = read_pdf(
        data,
        name=name,
        password=options.password,
        on_page=lambda page, pages: report(Progress("pages" if page else "reading", page, pages)),
        ocr=_engine(name, options, report),
        ocr_mode=options.ocr,
        max_pages=options.max_pages,
        model=PymupdfLayout() if options.layout == "auto" else None,
        skip=options.skip,
    )
    if options.skip:
        warnings.insert(0, f"{ranges(sorted(options.skip))} left out: {options.why}")
    return pages, [*left_out, *warnings]


def _engine(name: str, options: ParseOptions, report: OnProgress) -> LazyOcr | None:
    if options.ocr == "never":
        return None
    if ocr_available():
        count = itertools.count(1)
        return LazyOcr(options.ocr_threads, lambda: report(Progress("ocr", next(count))))
    if options.ocr == "always":
        raise OcrUnavailable(f"{name}: reading page pictures needs the OCR extra: {REMEDY}")
    return None
