"""Read a sample's source: TOML front matter between `+++` lines, then Markdown."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from corpus.figures import bar_chart

CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩"
_DEFINITION = re.compile(r"^\[\^(\d+)\]: (.+)\n", re.MULTILINE)
_REFERENCE = re.compile(r"\[\^(\d+)\]")
_FIGURE = re.compile(r"<p><img src=\"figure:(\w+)\" alt=\"\" /></p>")
_CAPTION = re.compile(r"<p>(?=表\d+ )")
_NOTE = re.compile(r"<p>(?=资料来源：)")
_CLAUSE = re.compile(r"<p>(（[一二三四五六七八九十]+）[^。]+。)")


@dataclass(frozen=True, slots=True)
class Source:
    """One sample's settings and text, as its author wrote them."""

    stem: str
    meta: dict[str, Any]
    markdown: str

    @property
    def layout(self) -> str:
        """Return which of the layouts sets this sample."""
        return str(self.meta["layout"])

    @property
    def title(self) -> str:
        """Return the document's title."""
        return str(self.meta["title"])


def load_source(path: Path) -> Source:
    """Read one source file.

    Raises ValueError where the front matter is missing or lacks a title or layout.
    """
    parts = path.read_text(encoding="utf-8").split("+++\n", 2)
    if len(parts) != 3:
        raise ValueError(f"{path.name}: front matter missing; begin the file with a +++ block")
    meta = tomllib.loads(parts[1])
    for field in ("title", "layout"):
        if field not in meta:
            raise ValueError(f"{path.name}: front matter lacks `{field}`; add it")
    return Source(stem=path.stem, meta=meta, markdown=parts[2].strip() + "\n")


def markdown_parser() -> MarkdownIt:
    """Return the Markdown dialect of the sources: CommonMark, raw HTML and pipe tables."""
    return MarkdownIt("commonmark", {"html": True}).enable("table")


def body_html(source: Source) -> str:
    """Render the text as HTML, with captions, source lines, clauses and figures marked by class."""
    html = markdown_parser().render(_inline_footnotes(source.markdown))
    html = _CAPTION.sub('<p class="caption">', html)
    html = _NOTE.sub('<p class="note">', html)
    html = _CLAUSE.sub(r'<p class="clause"><b>\1</b>', html)
    figures = {figure["id"]: figure for figure in source.meta.get("figure", [])}
    return _FIGURE.sub(lambda match: bar_chart(figures[match[1]]), html)


def _inline_footnotes(markdown: str) -> str:
    """Put each footnote's text on its reference, where the paginator finds it."""
    notes = {match[1]: match[2] for match in _DEFINITION.finditer(markdown)}

    def mark(match: re.Match[str]) -> str:
        number = CIRCLED[int(match[1]) - 1]
        return f'<sup class="ref" data-note="{number} {notes[match[1]]}">{number}</sup>'

    return _REFERENCE.sub(mark, _DEFINITION.sub("", markdown))
