"""Read a PDF into pages of blocks, as a person would read it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingest.errors import EncryptedFile, LimitExceeded, UnreadableFile
from ingest.model import Block, BlockKind, Page
from ingest.ocr import REMEDY, ocr_available
from ingest.pdf.blocks import Draft, finish, settle
from ingest.pdf.contents import mark_contents
from ingest.pdf.doubt import LEAST
from ingest.pdf.flow import link
from ingest.pdf.furniture import find_furniture
from ingest.pdf.geometry import RawPage
from ingest.pdf.headings import Style, find_title
from ingest.pdf.layout import Layout, lay_out
from ingest.pdf.legible import doubtful
from ingest.pdf.model import Guide, LayoutModel
from ingest.pdf.recognised import recognise
from ingest.pdf.repair import latin_words
from ingest.pdf.spans import read_page
from ingest.pdf.turn import turned_back, turned_shape

if TYPE_CHECKING:
    from ingest.ocr import OcrEngine

OcrMode = Literal["auto", "never", "always"]
Progress = Callable[[int, int], None]
#: More pages than any report or code of law; a file over it is more likely an attack.
MAX_PAGES = 5000
#: Fewer characters than this that run another way are a label or a stamp.
MIN_TURNED = 60


def read_pdf(
    data: bytes | Path,
    *,
    name: str,
    password: str | None = None,
    on_page: Progress | None = None,
    ocr: OcrEngine | None = None,
    ocr_mode: OcrMode = "auto",
    max_pages: int = MAX_PAGES,
    model: LayoutModel | None = None,
    least: float = LEAST,
    skip: Collection[int] = (),
) -> tuple[list[Page], list[str]]:
    """Read a PDF: its pages in reading order, and warnings about what could not be read.

    `name` is what messages call the file. `model` is asked about pages of less confidence than
    `least`; those it decides have the source "layout". Raises EncryptedFile, LimitExceeded or
    UnreadableFile; a page that cannot be read is kept empty, with a warning that names it, and
    pages in `skip` are kept empty without one.
    """
    document = _open(data, name, password)
    try:
        count = _page_count(document, name, max_pages)
        warnings: list[str] = []
        raw = list(_raw_pages(document, count, warnings, on_page, skip))
        furniture = find_furniture(raw)
        kept = doubtful(raw, furniture)
        if ocr_mode == "always" and ocr is not None:
            kept = [page if rest is None else rest for page, rest in zip(raw, kept, strict=True)]
        if any(rest is not None for rest in kept):
            engine = ocr if ocr_mode != "never" else None
            raw = _replaced(document, raw, kept, engine, warnings)
            furniture = find_furniture(raw)
        style = Style.of([piece for page in raw for piece in page.pieces])
        layouts = [lay_out(page, kinds, style) for page, kinds in zip(raw, furniture, strict=True)]
        if model is not None:
            _decide(document, raw, furniture, layouts, style, Guide(model), warnings, least)
        return _assemble(raw, furniture, layouts, style), warnings
    finally:
        document.close()


def _open(data: bytes | Path, name: str, password: str | None) -> Any:
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    try:
        if isinstance(data, Path):
            document = pymupdf.open(data, filetype="pdf")
        else:
            document = pymupdf.open(stream=data, filetype="pdf")
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise UnreadableFile(f"{name} is not a readable PDF: {error}") from error
    if document.needs_pass and not document.authenticate(password or ""):
        document.close()
        how = "the password given is wrong" if password else "give its password with --password"
        raise EncryptedFile(f"{name} is encrypted; {how}")
    return document


def _page_count(document: Any, name: str, max_pages: int) -> int:
    try:
        count = int(document.page_count)
    except (RuntimeError, ValueError) as error:
        raise UnreadableFile(f"{name} is a damaged PDF: {error}") from error
    if not count:
        raise UnreadableFile(f"{name} has no pages; the file is damaged or empty")
    if count > max_pages:
        raise LimitExceeded(
            f"{name} has {count} pages, more than the limit of {max_pages}; "
            "raise the page limit or split the file"
        )
    return count


def _raw_pages(
    document: Any,
    count: int,
    warnings: list[str],
    on_page: Progress | None,
    skip: Collection[int],
) -> Iterator[RawPage]:
    import pymupdf

    if on_page:
        on_page(0, count)
    for index in range(count):
        raw = RawPage(index + 1, 0.0, 0.0)
        if index + 1 in skip:
            yield raw
            continue
        try:
            page = document[index]
            raw = read_page(page, index + 1, bool(document.get_page_images(index)))
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            warnings.append(f"page {index + 1} could not be read: {error}")
        yield raw
        if on_page:
            on_page(index + 1, count)


def _replaced(
    document: Any,
    raw: Sequence[RawPage],
    kept: Sequence[RawPage | None],
    engine: OcrEngine | None,
    warnings: list[str],
) -> list[RawPage]:
    """Return the pages, those to be read by OCR read so; where that fails, what is kept of them."""
    import pymupdf

    pages: list[RawPage] = []
    missing: list[int] = []
    for page, rest in zip(raw, kept, strict=True):
        if rest is None:
            pages.append(page)
            continue
        read = rest
        if engine is None:
            missing.append(page.number)
        else:
            try:
                read = recognise(document[page.number - 1], page, rest.stamps, engine)
            except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
                warnings.append(f"page {page.number} could not be read by OCR: {error}")
        pages.append(read if read.pieces or read.turned else rest)
    if missing:
        remedy = "read with --ocr auto" if ocr_available() else REMEDY
        warnings.append(f"{ranges(missing)}: no usable text; {remedy}")
    return pages


def ranges(numbers: Sequence[int]) -> str:
    """Name ascending pages as a person would: page 3; pages 1-4, 9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    named = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"pages {named}" if len(numbers) > 1 else f"page {named}"


def _decide(
    document: Any,
    raw: Sequence[RawPage],
    furniture: Sequence[dict[int, BlockKind]],
    layouts: list[Layout],
    style: Style,
    guide: Guide,
    warnings: list[str],
    least: float,
) -> None:
    """Lay out anew, by what the model sees, the pages of text of less confidence than `least`."""
    for i, page in enumerate(raw):
        if page.source != "text" or layouts[i].confidence >= least:
            continue
        areas = guide.areas(document[i], page.number, len(page.pieces))
        if areas:
            page.source = "layout"
            layouts[i] = lay_out(page, furniture[i], style, areas)
    missed, why = guide.missed
    if missed:
        warnings.append(f"{ranges(missed)}: layout doubtful, read by geometry alone: {why}")


def _assemble(
    raw: Sequence[RawPage],
    furniture: Sequence[dict[int, BlockKind]],
    layouts: Sequence[Layout],
    style: Style,
) -> list[Page]:
    sideways = [_sideways(page, style) for page in raw]
    drafts = [
        layout.drafts + turned.drafts for layout, turned in zip(layouts, sideways, strict=True)
    ]
    find_title(drafts, style)
    mark_contents(drafts)
    words = latin_words([piece.text for page in raw for piece in page.pieces])
    for page_drafts in drafts:
        for draft in page_drafts:
            settle(draft, words)
    link(drafts, words)
    return [
        _page(page, layout, turned, kinds)
        for page, layout, turned, kinds in zip(raw, layouts, sideways, furniture, strict=True)
    ]


def _sideways(page: RawPage, style: Style) -> Layout:
    """Lay out the text that runs another way; a few words of it are labels."""
    if not page.turned:
        return Layout()
    if page.pieces and sum(len(piece.text) for piece in page.turned) < MIN_TURNED:
        return Layout(aside=[Draft(list(page.turned), 0.0, 0.0, "figure_text")])
    width, height = page.width, page.height
    shapes = [turned_shape(shape, page.turn, width, height) for shape in page.shapes]
    if page.turn % 2:
        width, height = height, width
    return lay_out(RawPage(page.number, width, height, page.turned, shapes), {}, style)


def _page(raw: RawPage, layout: Layout, turned: Layout, kinds: dict[int, BlockKind]) -> Page:
    top: list[Block] = []
    bottom: list[Block] = []
    for piece in raw.pieces:
        kind = kinds.get(piece.order)
        if kind:
            block = _apart(Draft([piece], piece.x0, piece.x1, kind), raw.number)
            (top if piece.middle < raw.height / 2 else bottom).append(block)
    blocks = [finish(draft, raw.number) for draft in layout.drafts]
    blocks += [_apart(draft, raw.number) for draft in layout.aside]
    sideways = [_apart(draft, raw.number) for draft in turned.drafts + turned.aside]
    blocks += [turned_back(block, raw.turn, raw.width, raw.height) for block in sideways]
    return Page(raw.number, raw.width, raw.height, (*top, *blocks, *bottom), raw.source)


def _apart(draft: Draft, page: int) -> Block:
    settle(draft)
    return finish(draft, page)
