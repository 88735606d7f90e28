"""An inspection page of one parsed file: each page's picture beside its blocks in reading order.

The page is whole in itself: style and pictures are in it, it runs no script, and a content
security policy keeps it from loading anything. Document text is escaped wherever it stands.
"""

from __future__ import annotations

import base64
import html
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path

from kb.parsing import ParsedBlock, ParsedFile, ParsedPage
from kb.seams import errors_mapped
from kb.types import ClauseInfo, ResponsibleBody

#: Pages shown with their picture: each takes 0.1 to 0.3 MB of the page; more have boxes alone.
MAX_PICTURES = 100
_PICTURE_WIDTH = 1000.0
_FURNITURE = frozenset({"header", "footer", "page_number", "figure_text"})
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_ROLES = {"lead": "leads", "participant": "takes part", "joint": "jointly"}

#: Gives a page's picture as PNG, by its number and its width in points; None where there is none.
Picture = Callable[[int, float], bytes | None]


def inspection_page(parsed: ParsedFile, name: str, picture: Picture) -> str:
    """Return the inspection page of a parsed file as one HTML document."""
    title = parsed.metadata.title or name
    body = "\n".join(
        (
            _top(parsed, title, name),
            _legend(parsed),
            "<main>",
            *(_page(page, picture) for page in parsed.pages),
            _clauses(parsed.clauses),
            "</main>",
        )
    )
    style = resources.files("kb").joinpath("inspection.css").read_text("utf-8")
    return (
        '<!doctype html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def write_inspection(
    target: Path, parsed: ParsedFile, source: Path, *, password: str | None = None
) -> None:
    """Write the inspection page of a file that was parsed; `KBError` says why it cannot be."""
    with errors_mapped():
        page = inspection_page(parsed, source.name, pictures_of(source, password))
        target.write_text(page, encoding="utf-8", errors="replace")


def pictures_of(source: Path, password: str | None = None) -> Picture:
    """Return what draws the pages of a file; pages that cannot be drawn have no picture."""
    from ingest import DocumentError, render_page

    data = source.read_bytes()

    def picture(number: int, width: float) -> bytes | None:
        if number > MAX_PICTURES or width <= 0:
            return None
        try:
            return render_page(data, number, scale=_PICTURE_WIDTH / width, password=password)
        except DocumentError:
            return None

    return picture


def _safe(text: str) -> str:
    """Escape document text; control characters and those that turn its direction become spaces."""
    return html.escape(_printable(text), quote=True)


def _printable(text: str) -> str:
    return "".join(
        char if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} else " "
        for char in text
    )


def _top(parsed: ParsedFile, title: str, name: str) -> str:
    about = parsed.metadata
    blocks = sum(len(page.blocks) for page in parsed.pages)
    facts = {
        "document number": about.document_number,
        "issuers": "、".join(about.issuers),
        "issued on": str(about.issued_on or ""),
        "type": about.document_type,
        "validity": about.validity,
        "pages": str(len(parsed.pages)),
        "blocks": str(blocks),
        "clauses": str(len(parsed.clauses)),
    }
    rows = "".join(
        f"<div><dt>{label}</dt><dd>{_safe(value)}</dd></div>"
        for label, value in facts.items()
        if value
    )
    told = "".join(f"<li>{_safe(warning)}</li>" for warning in parsed.warnings)
    warnings = f'<ul class="warnings">{told}</ul>' if told else ""
    return (
        f'<div class="top"><h1>{_safe(title)}</h1><p class="file dim">{_safe(name)}</p>'
        f"<dl>{rows}</dl>{warnings}</div>"
    )


def _legend(parsed: ParsedFile) -> str:
    counts = Counter(block.kind for page in parsed.pages for block in page.blocks)
    keys = "".join(
        f'<span class="key {kind}">{_label(kind)} {count}</span>'
        for kind, count in counts.most_common()
    )
    return f'<nav class="legend"><div>{keys}</div></nav>'


def _page(page: ParsedPage, picture: Picture) -> str:
    sheet = _sheet(page, picture) if page.width > 0 and page.height > 0 else ""
    blocks = "\n".join(_block(page, index, block) for index, block in enumerate(page.blocks, 1))
    empty = '<p class="dim">Nothing was read from this page.</p>' if not page.blocks else ""
    return (
        f'<section class="page" id="p{page.number}"><header><h2>Page {page.number}</h2>'
        f'<span class="dim">{_SOURCES[page.source]}</span></header>'
        f'<div class="spread{"" if sheet else " alone"}">{sheet}'
        f'<ol class="blocks">{blocks}{empty}</ol></div></section>'
    )


_SOURCES = {
    "text": "from the text layer",
    "layout": "from the text layer, ordered by a layout model",
    "ocr": "read by OCR",
}


def _sheet(page: ParsedPage, picture: Picture) -> str:
    """Return the page's picture with the boxes of its blocks, numbered in reading order."""
    png = picture(page.number, page.width)
    image = ""
    if png is not None:
        data = base64.b64encode(png).decode("ascii")
        image = f'<img alt="page {page.number}" src="data:image/png;base64,{data}">'
    # Marks keep their size on the screen, whatever the page measures.
    unit = page.width / 600
    boxes = "".join(_boxes(page, unit))
    return (
        f'<div class="sheet">{image}<svg viewBox="0 0 {page.width:.2f} {page.height:.2f}">'
        f"{_path(page)}{boxes}</svg></div>"
    )


def _path(page: ParsedPage) -> str:
    """Return the line that leads from block to block of the running text."""
    points = " ".join(
        f"{block.box.x0:.1f},{block.box.y0:.1f}"
        for block in page.blocks
        if block.kind not in _FURNITURE and block.box.x1 > block.box.x0
    )
    return f'<polyline points="{points}"/>' if " " in points else ""


def _boxes(page: ParsedPage, unit: float) -> Iterator[str]:
    for index, block in enumerate(page.blocks, 1):
        box = block.box
        if box.x1 <= box.x0 or box.y1 <= box.y0:
            continue
        beside = box.x0 - 8 * unit
        yield (
            f'<a class="{block.kind}" id="p{page.number}m{index}" href="#p{page.number}b{index}">'
            f'<rect x="{box.x0:.2f}" y="{box.y0:.2f}" width="{box.x1 - box.x0:.2f}" '
            f'height="{box.y1 - box.y0:.2f}"/>'
            f'<circle cx="{beside:.2f}" cy="{box.y0:.2f}" r="{7 * unit:.2f}"/>'
            f'<text x="{beside:.2f}" y="{box.y0 + 2.9 * unit:.2f}" font-size="{8 * unit:.2f}">'
            f"{index}</text></a>"
        )


def _block(page: ParsedPage, index: int, block: ParsedBlock) -> str:
    words = f'<div class="words">{_safe(block.text)}</div>'
    if block.html is not None:
        words = f'<div class="scroll">{_printable(block.html)}</div>'
    return (
        f'<li class="block {block.kind}" id="p{page.number}b{index}">'
        f'<a class="number" href="#p{page.number}m{index}">{index}</a>'
        f'<div><div class="kind">{_label(block.kind)}</div>{words}</div></li>'
    )


def _clauses(clauses: tuple[ClauseInfo, ...]) -> str:
    if not clauses:
        return ""
    rows = "\n".join(map(_clause, clauses))
    return (
        '<section class="page" id="clauses"><header><h2>Clauses</h2></header><div class="scroll">'
        '<table class="clauses"><tr><th>number</th><th>under</th><th>text</th>'
        f"<th>responsible</th><th>page</th></tr>\n{rows}</table></div></section>"
    )


def _clause(clause: ClauseInfo) -> str:
    bodies = "".join(map(_body, clause.responsibility))
    return (
        f"<tr><td>{_safe(clause.number)}</td>"
        f'<td class="dim">{_safe(" › ".join(clause.heading_path))}</td>'
        f'<td class="words">{_safe(clause.text)}</td><td>{bodies}</td>'
        f'<td><a href="#p{clause.page}">{clause.page}</a></td></tr>'
    )


def _body(body: ResponsibleBody) -> str:
    implied = " implicit" if body.implicit else ""
    return (
        f'<span class="chip {body.role}{implied}" title="as written: {_safe(body.as_written)}">'
        f"{_safe(body.ministry)} · {_ROLES[body.role]}</span>"
    )


def _label(kind: str) -> str:
    return kind.replace("_", " ")
