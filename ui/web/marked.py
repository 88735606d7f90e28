"""Document text as safe HTML: everything escaped, what was found marked; `page.css` styles it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

MARKER = re.compile(r"\[(\d{1,3})\]")
#: Part of a page, in percent, that is seen above a mark.
CONTEXT = 6.0
_BREAK = re.compile(r"([\t\n])")
_RAISED = r'<span class="kb-marker">[\1]</span>'


def passage_html(
    text: str,
    phrases: Iterable[str] = (),
    *,
    ranges: Sequence[tuple[int, int]] = (),
    quote: bool = False,
) -> str:
    """Return `text` as an escaped paragraph with phrases, or else ranges of it, marked.

    Ranges are in order and apart, as `kb.matched` gives them.
    """
    classes = "kb-text kb-quote" if quote else "kb-text"
    places = _places(text, phrases) or ranges
    return f'<div class="{classes}" lang="zh">{tabled(_mark(text, places))}</div>'


def answer_html(answer: str) -> str:
    """Return an answer as escaped paragraphs and lists, its `[1]` markers raised."""
    parts = []
    for listed, lines in groupby(answer.split("\n"), key=lambda line: line.startswith("- ")):
        shown = [MARKER.sub(_RAISED, html.escape(line)) for line in lines if line.strip()]
        if listed:
            parts.append(f"<ul>{''.join(f'<li>{line[2:]}</li>' for line in shown)}</ul>")
        else:
            parts += [f"<p>{line}</p>" for line in shown]
    return f'<div class="kb-text kb-answer" lang="zh">{"".join(parts)}</div>'


def asked_html(question: str) -> str:
    """Return a question as a heading."""
    return f'<h2 class="kb-asked" lang="zh">{html.escape(question)}</h2>'


def where_html(*parts: str) -> str:
    """Return the line that says where a passage stands: title › heading › page."""
    joined = " › ".join(html.escape(part) for part in parts if part)
    return f'<div class="kb-where">{joined}</div>'


def sheet_html(png: str, name: str, top: float | None) -> str:
    """Return a page's image, PNG in base64; `top` is where its mark begins, in percent."""
    here = (
        ""
        if top is None
        else f'<span class="kb-here" style="top:{max(0.0, top - CONTEXT):.2f}%"></span>'
    )
    image = f'<img src="data:image/png;base64,{png}" alt="{html.escape(name)}">'
    return f'<figure class="kb-sheet">{image}{here}</figure>'


def pages_html(sheets: Iterable[str], width: int, name: str) -> str:
    """Return page images in a frame that scrolls, `width` in percent of it; `name` is read out."""
    inner = f'<div style="width:{width}%">{"".join(sheets)}</div>'
    label = html.escape(name)
    return f'<div class="kb-pages" tabindex="0" role="region" aria-label="{label}">{inner}</div>'


def words_html(before: str, quote: str, after: str) -> str:
    """Return words around a quote in the same frame, for pages that have no image."""
    here = '<span class="kb-sheet"><span class="kb-here"></span></span>' if quote else ""
    marked = f"{here}{tagged(quote, 'mark')}" if quote else ""
    body = tabled(f"{html.escape(before)}{marked}{html.escape(after)}")
    return f'<div class="kb-pages" tabindex="0"><div class="kb-text" lang="zh">{body}</div></div>'


def block_html(kind: str, text: str) -> str:
    """Return a block of a page and what kind it is."""
    return (
        f'<div class="kb-text kb-block" lang="zh"><small>{html.escape(kind)}</small>'
        f"{tabled(html.escape(text))}</div>"
    )


def tagged(text: str, tag: str) -> str:
    """Return escaped text in a tag, which is closed and opened again around tabs and line ends."""
    return "".join(
        part if part in "\t\n" else f"<{tag}>{html.escape(part)}</{tag}>"
        for part in _BREAK.split(text)
    )


def tabled(shown: str) -> str:
    """Return HTML with its lines of cells, which tabs part, as tables that scroll by themselves.

    No tag of it may span a tab or a line end; all its characters stay. One line with one tab is a
    number set off from its words.
    """
    out = []
    groups = [(cells, list(lines)) for cells, lines in groupby(shown.split("\n"), _has_cells)]
    for at, (cells, lines) in enumerate(groups):
        end = "\n" if at < len(groups) - 1 else ""
        table = cells and (len(lines) > 1 or lines[0].count("\t") > 1)
        out.append(_table(lines, end) if table else "\n".join(lines) + end)
    return "".join(out)


def _has_cells(line: str) -> bool:
    return "\t" in line


def _table(lines: Sequence[str], end: str) -> str:
    rows = (
        "<tr>" + "\t".join(f"<td>{cell}</td>" for cell in line.split("\t")) + "</tr>"
        for line in lines
    )
    body = "\n".join(rows)
    return f'<div class="kb-table" tabindex="0"><table>{body}{end}</table></div>'


def facts_html(facts: Mapping[str, str]) -> str:
    """Return facts by name as an escaped table."""
    rows = (
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    return f'<table class="kb-facts">{"".join(rows)}</table>'


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-.!|$~:" else char for char in text)


def message_text(message: str) -> str:
    """Return a message that Markdown shows as it is, but for commands between backticks."""
    parts = message.split("`")
    if len(parts) % 2 == 0:
        return markdown_text(message)
    return "".join(
        f"`{part}`" if at % 2 and part else markdown_text(part) for at, part in enumerate(parts)
    )


def _places(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Return where phrases stand, longer ones first where they begin alike."""
    wanted = sorted({phrase for phrase in phrases if phrase}, key=len, reverse=True)
    if not wanted:
        return []
    found = re.compile("|".join(map(re.escape, wanted)))
    return [match.span() for match in found.finditer(text)]


def _mark(text: str, places: Sequence[tuple[int, int]]) -> str:
    out, last = [], 0
    for start, end in places:
        out.append(html.escape(text[last:start]))
        out.append(tagged(text[start:end], "mark"))
        last = end
    return "".join(out) + html.escape(text[last:])
