"""Tables: where each row is in the text, what it says by itself, and how tables are written out."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from itertools import groupby

from ingest.body import Paragraph
from ingest.model import Table

_CAPTION = re.compile(
    r"[\s\u3000]*(?:续?表|专栏|Table|图表)\s*[\d０-９一二三四五六七八九十]+(?:[-—.．]\d+)*(?:[\s\u3000:：.．]|\S)"
)
_NOTE = re.compile(r"[\s\u3000]*(?:资料来源|数据来源|来源|注|说明|备注)\s*\d*\s*[:：]")
_NUMBER = re.compile(r"[-−+]?[\d,，.．]+\s*[%％‰]?")


def is_caption(paragraph: Paragraph) -> bool:
    """Tell whether a paragraph is the caption of a table below it."""
    if paragraph.table is not None or len(paragraph.text) > 80:
        return False
    text = paragraph.text.rstrip()
    return _CAPTION.match(text) is not None and not text.endswith(("。", "；", "，"))


def is_note(text: str) -> bool:
    """Tell whether a text below a table is its note or source."""
    return len(text) <= 300 and _NOTE.match(text) is not None


def row_spans(paragraph: Paragraph) -> list[tuple[int, int]]:
    """Place each row of a table in the body: adjoining spans that together are the paragraph.

    The rows' cells are looked for in order; rows that cannot be found share the span of the next.
    """
    table, text = paragraph.table, paragraph.text
    rows = table.rows if table else ()
    lines = text.split("\n")
    if len(lines) == len(rows):
        ends, at = list[int](), 0
        for line in lines:
            at += len(line) + 1
            ends.append(at)
    else:
        ends = _search_rows(text, rows)
    if not ends:
        return [(paragraph.start, paragraph.end)]
    ends[-1] = len(text)
    starts = [0, *ends[:-1]]
    return [
        (paragraph.start + start, paragraph.start + min(end, len(text)))
        for start, end in zip(starts, ends, strict=True)
    ]


def _search_rows(text: str, rows: Sequence[Sequence[str]]) -> list[int]:
    ends: list[int] = []
    at = 0
    for row in rows:
        for cell in row:
            found = text.find(cell.strip(), at) if cell.strip() else -1
            if found >= 0:
                at = found + len(cell.strip())
        line_end = text.find("\n", at)
        ends.append(line_end + 1 if line_end >= 0 else len(text))
        at = max(at, ends[-1] if line_end >= 0 else at)
    return ends


def row_texts(paragraph: Paragraph) -> list[str]:
    """Write each row so that it stands by itself: every cell behind its column's heading.

    A heading row gives an empty text, unless the table has no other.
    """
    table = paragraph.table
    if table is None or not table.rows:
        return [" ".join(paragraph.text.split())]
    headings = _column_headings(table)
    texts = [
        "" if index < table.header_rows else _row_text(row, headings)
        for index, row in enumerate(table.rows)
    ]
    if not any(texts):
        return [" ".join(filter(None, map(_flat, row))) for row in table.rows]
    return texts


def _column_headings(table: Table) -> list[str]:
    """Join a column's heading cells, top down, leaving out repeats of merged cells."""
    width = max(len(row) for row in table.rows)
    headings: list[str] = []
    for column in range(width):
        cells = [_flat(row[column]) for row in table.headings if column < len(row)]
        headings.append(" ".join(dict.fromkeys(filter(None, cells))))
    return headings


def _row_text(row: Sequence[str], headings: Sequence[str]) -> str:
    """Put headings before the cells that need them: all but a row's own label."""
    parts: list[str] = []
    for column, cell in enumerate(row):
        plain = _flat(cell)
        heading = headings[column] if column < len(headings) else ""
        if plain and (column or _NUMBER.fullmatch(plain)):
            parts.append(f"{heading} {plain}".strip())
        elif plain:
            parts.append(plain)
    return " ".join(parts)


def _flat(text: str) -> str:
    return " ".join(text.split())


def table_markdown(table: Table) -> str:
    """Return a table as GitHub-flavoured Markdown; its headings' rows are joined into one.

    A table that goes on from the page before has the headings printed there.
    """
    width = max((len(row) for row in table.rows), default=0)
    if not width:
        return ""
    head = _column_headings(table)
    lines = [_markdown_row(head, width), "|" + " --- |" * width]
    lines += [_markdown_row(row, width) for row in table.rows[table.header_rows :]]
    return "\n".join(lines)


def _markdown_row(cells: Sequence[str], width: int) -> str:
    plain = [_flat(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in cells]
    return "| " + " | ".join(plain + [""] * (width - len(plain))) + " |"


def table_html(table: Table) -> str:
    """Return a table as HTML, its text escaped; headings that repeat side by side are one cell."""
    head = "".join(map(_heading_row, table.headings))
    body = "".join(
        "<tr>" + "".join(f"<td>{_escaped(cell)}</td>" for cell in row) + "</tr>"
        for row in table.rows[table.header_rows :]
    )
    head = f"<thead>{head}</thead>" if head else ""
    return f"<table>{head}<tbody>{body}</tbody></table>"


def _heading_row(row: Sequence[str]) -> str:
    cells = [(text, len(list(same))) for text, same in groupby(row)]
    return (
        "<tr>"
        + "".join(
            f'<th colspan="{across}">{_escaped(text)}</th>'
            if across > 1 and text
            else f"<th>{_escaped(text)}</th>" * across
            for text, across in cells
        )
        + "</tr>"
    )


def _escaped(text: str) -> str:
    return html.escape(text, quote=True).replace("\n", "<br>")
