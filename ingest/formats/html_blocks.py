"""An HTML element's content as blocks, in the order it is shown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from lxml import etree

from ingest.formats.blocks import (
    heading_level,
    is_phrase,
    join_lines,
    paragraph,
    squeeze,
    text_block,
)
from ingest.formats.numbers import list_number
from ingest.formats.tables import Cell, expand, header_depth, table_block
from ingest.formats.text import paragraphs
from ingest.model import Block

_BLOCK_TAGS_TEXT = (
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol p pre "
    "section summary table tbody td tfoot th thead tr ul"
)
_BLOCK_TAGS = frozenset(_BLOCK_TAGS_TEXT.split())
_SKIPPED_TEXT = "script style noscript template rt rp head title select textarea"
_SKIPPED = frozenset(_SKIPPED_TEXT.split())
_EMBEDDED_TEXT = "object embed iframe video audio canvas svg"
_EMBEDDED = frozenset(_EMBEDDED_TEXT.split())
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_ATTACHMENT = re.compile(r"\.(?:pdf|docx?|wps|xlsx?|et|pptx?|ofd|rar|zip|caj)(?:$|[?#])", re.I)
# No text holds this: decoding drops control characters.
_SOURCE_BREAK = "\x00"
_MOST_SPAN = 100
_MOST_COLUMNS = 300
_LONGEST_CELL = 1500


def tag_of(node: etree._Element) -> str:
    """Return an element's lower-case tag without namespace; "" for comments and the like."""
    name: object = node.tag
    return name.rpartition("}")[2].lower() if isinstance(name, str) else ""


def is_hidden(node: etree._Element) -> bool:
    """Tell whether an element says of itself that it is not shown."""
    if node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    return bool(_HIDDEN_STYLE.search(node.get("style") or ""))


def text_of(node: etree._Element, limit: int | None = None) -> str:
    """Return the text inside an element, up to about `limit` characters."""
    parts: list[str] = []
    size = 0
    for part in node.itertext():
        parts.append(str(part))
        size += len(part)
        if limit is not None and size >= limit:
            break
    return "".join(parts)


class BlockBuilder:
    """Walks an element and collects its blocks; counts what cannot be text."""

    def __init__(self) -> None:
        self.images = 0
        self.embedded = 0
        self.attachments = 0
        self._blocks: list[Block] = []
        self._parts: list[str] = []
        self._bold = self._plain = 0
        self._lists: list[tuple[str, int] | None] = []
        self._marker = ""
        self._kind = ""

    def build(self, root: etree._Element) -> list[Block]:
        """Return the blocks of an element, in document order.

        Walks by events rather than by recursion: the depth of a page is its author's choice.
        """
        self._blocks = []
        walk = etree.iterwalk(root, events=("start", "end"))
        bold = 0
        for event, node in walk:
            tag = tag_of(node)
            if event == "start":
                if self._skips(node, tag):
                    walk.skip_subtree()
                    continue
                if tag == "table" and (block := _data_table(node)) is not None:
                    self._flush(None)
                    self._count_inside(node)
                    self._blocks.append(block)
                    walk.skip_subtree()
                    continue
                bold += tag in {"b", "strong"}
                self._start(node, tag)
                self._add(node.text, bold > 0 or tag in {"b", "strong"})
            else:
                self._end(node, tag)
                bold -= tag in {"b", "strong"} and not self._skips_quietly(node, tag)
                if node is not root:
                    self._add(node.tail, bold > 0)
        self._flush(None)
        return self._blocks

    def warnings(self) -> list[str]:
        """Say what the page shows or offers besides text."""
        told = []
        if self.images:
            told.append(f"{self.images} pictures were left out")
        if self.embedded:
            told.append(f"{self.embedded} embedded objects were left out")
        if self.attachments:
            told.append(f"{self.attachments} linked attachments are not part of the page")
        return told

    def _skips(self, node: etree._Element, tag: str) -> bool:
        self.images += tag == "img"
        self.embedded += tag in _EMBEDDED
        return self._skips_quietly(node, tag)

    def _skips_quietly(self, node: etree._Element, tag: str) -> bool:
        return not tag or tag in _SKIPPED or tag in _EMBEDDED or is_hidden(node)

    def _count_inside(self, node: etree._Element) -> None:
        self.images += sum(1 for _ in node.iter("img"))
        self.embedded += sum(1 for _ in node.iter(*_EMBEDDED))

    def _start(self, node: etree._Element, tag: str) -> None:
        if tag in _BLOCK_TAGS:
            self._flush(node)
        if tag == "br":
            self._parts.append("\n")
        elif tag in {"ul", "ol"}:
            start = node.get("start") or ""
            first = int(start) if start.isdecimal() and len(start) < 6 else 1
            self._lists.append((node.get("type") or "1", first) if tag == "ol" else None)
        elif tag == "li" and self._lists:
            self._marker = self._next_marker()
        elif tag == "a" and _ATTACHMENT.search(node.get("href") or ""):
            self.attachments += 1

    def _next_marker(self) -> str:
        latest = self._lists[-1]
        if latest is None:
            return ""
        kind, number = latest
        self._lists[-1] = (kind, number + 1)
        return f"{list_number(kind, number)}. "

    def _end(self, node: etree._Element, tag: str) -> None:
        if tag in _BLOCK_TAGS and not self._skips_quietly(node, tag):
            self._flush(node.getparent())
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()

    def _add(self, text: str | None, bold: bool) -> None:
        if not text:
            return
        # Only <br> breaks a line on the page; a line end in the source parts Latin words, and
        # Chinese is put together across it.
        self._parts.append(text if self._kind == "pre" else text.replace("\n", _SOURCE_BREAK))
        size = len(text.strip())
        self._bold += size if bold else 0
        self._plain += 0 if bold else size

    def _flush(self, node: etree._Element | None) -> None:
        """End the running text; the next belongs to `node`, when that begins a block."""
        text = "".join(self._parts)
        bold = self._bold > 0 and self._plain == 0
        self._parts, self._bold, self._plain = [], 0, 0
        if text.replace(_SOURCE_BREAK, " ").strip():
            self._blocks.extend(self._make(text, bold))
        self._kind = self._kind_of(node)

    def _kind_of(self, node: etree._Element | None) -> str:
        while node is not None:
            tag = tag_of(node)
            if tag in {"h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "caption", "figcaption"}:
                return tag
            node = node.getparent()
        return ""

    def _make(self, text: str, bold: bool) -> list[Block]:
        lines = [line for part in text.split("\n") if (line := _whole(part))]
        kind = self._kind
        if kind[:1] == "h" and kind != "":
            return [text_block("heading", _joined(lines), int(kind[1]))]
        if kind in {"caption", "figcaption"}:
            return [text_block("caption", _joined(lines))]
        if kind == "li":
            marker, self._marker = self._marker, ""
            return [text_block("list", marker + _joined(lines))]
        if bold and is_phrase(_joined(lines)):
            joined = _joined(lines)
            return [text_block("heading", joined, heading_level(joined))]
        return [paragraph(part) for part in paragraphs("\n".join(lines))]


def _whole(line: str) -> str:
    return _joined([piece for part in line.split(_SOURCE_BREAK) if (piece := squeeze(part))])


def _joined(lines: Sequence[str]) -> str:
    joined = ""
    for line in lines:
        joined = join_lines(joined, line)
    return joined


def _data_table(table: etree._Element) -> Block | None:
    """Return a table of data as a block; None when the table only lays out the page."""
    if any(inner is not table for inner in table.iter("table")):
        return None
    rows = [
        [_cell(cell) for cell in row if tag_of(cell) in {"td", "th"} and not is_hidden(cell)]
        for row in table.iter("tr")
    ]
    rows = [row for row in rows if any(text for text, _, _ in row)]
    widest = max((sum(across for _, across, _ in row) for row in rows), default=0)
    longest = max((len(text) for row in rows for text, _, _ in row), default=0)
    if len(rows) < 2 or not 2 <= widest <= _MOST_COLUMNS or longest > _LONGEST_CELL:
        return None
    full, shown = expand(rows)
    return table_block(full, shown, max(header_depth(rows), _header_rows(table)))


def _header_rows(table: etree._Element) -> int:
    count = 0
    for row in table.iter("tr"):
        cells = [tag_of(cell) for cell in row if tag_of(cell) in {"td", "th"}]
        if not cells or set(cells) != {"th"}:
            break
        count += 1
    return count


def _cell(cell: etree._Element) -> Cell:
    lines = [_whole(part.replace("\n", _SOURCE_BREAK)) for part in _cell_lines(cell)]
    return _joined([line for line in lines if line]), _span(cell, "colspan"), _span(cell, "rowspan")


def _cell_lines(cell: etree._Element) -> list[str]:
    lines = [""]
    for event, node in etree.iterwalk(cell, events=("start", "end")):
        tag = tag_of(node)
        if node is not cell and (tag in _BLOCK_TAGS or (tag == "br" and event == "start")):
            lines.append("")
        if tag in _SKIPPED:
            text = node.tail if event == "end" else None
        else:
            text = node.text if event == "start" else (node.tail if node is not cell else None)
        lines[-1] += text or ""
    return lines


def _span(cell: etree._Element, name: Literal["colspan", "rowspan"]) -> int:
    value = (cell.get(name) or "").strip()
    return min(max(int(value), 1), _MOST_SPAN) if value.isdecimal() and len(value) < 6 else 1
