"""Markdown: CommonMark with tables, read by markdown-it; what a reader of the page would see."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.formats.blocks import (
    heading_level,
    join_lines,
    paragraph,
    single_page,
    squeeze,
    text_block,
)
from ingest.formats.tables import table_block
from ingest.formats.text import decode, encoding_warnings, paragraphs, wrap_width
from ingest.model import Block, Page

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_LINE = re.compile(r"([^:\n：]{1,40})[:：][ \t]*(.*)")
_FOOTNOTE = re.compile(r"\[\^([^\]\n]{1,40})\]:?")
_FOOTNOTE_START = re.compile(r"^\[\^([^\]\n]{1,40})\]:[ \t]*", re.MULTILINE)
# CommonMark does not take `**关键：**后文` for emphasis, since a closing mark between punctuation
# and a letter without a space does not count; people who write Chinese mean it so.
_STRAY_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")


def read_markdown(data: bytes) -> tuple[list[Page], list[str]]:
    """Read a Markdown file: headings, paragraphs, lists and tables, free of its marks."""
    decoded = decode(data)
    text = re.sub(r"\r\n?", "\n", decoded.text)
    blocks: list[Block] = []
    front = _FRONT_MATTER.match(text)
    if front and (rows := _front_rows(front.group(1))):
        blocks.append(table_block(rows, header_rows=0))
        text = text[front.end() :]
    # CommonMark takes a footnote for a link definition and drops it.
    text = _FOOTNOTE_START.sub(r"\n\\[^\1]: ", text)
    reader = _MarkdownReader(wrap_width([line for line in text.split("\n") if line.strip()]))
    blocks.extend(reader.read(_parser().parse(text)))
    warnings = encoding_warnings(decoded)
    if reader.images:
        warnings.append(f"{reader.images} pictures were left out")
    return [single_page(blocks)], warnings


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    # Indented text is a paragraph's first-line indent here far more often than program code.
    # Its usual limit of 20 levels drops what is deeper.
    parser = MarkdownIt("commonmark", {"maxNesting": 100})
    return parser.enable(["table", "strikethrough"]).disable("code")


def _front_rows(text: str) -> list[tuple[str, str]]:
    matches = [_FRONT_LINE.fullmatch(line.strip()) for line in text.split("\n") if line.strip()]
    if not all(matches):
        return []
    return [(m.group(1).strip(), m.group(2).strip().strip("\"'")) for m in matches if m]


class _MarkdownReader:
    """Turns markdown-it's flat token stream into blocks."""

    def __init__(self, width: int | None) -> None:
        self.images = 0
        self._width = width
        self._titled = False
        self._marker = ""
        self._lists: list[int | None] = []

    def read(self, tokens: Sequence[Token]) -> Iterator[Block]:
        """Yield the blocks of a token stream."""
        at = 0
        while at < len(tokens):
            token = tokens[at]
            if token.type == "table_open":
                end = _closing(tokens, at, "table_close")
                yield self._table(tokens[at:end])
                at = end
            else:
                yield from self._one(token, tokens[at - 1] if at else None)
            at += 1

    def _one(self, token: Token, before: Token | None) -> Iterator[Block]:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            start = int(token.attrGet("start") or 1)
            self._lists.append(start if token.type.startswith("ordered") else None)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            self._lists.pop()
        elif token.type == "list_item_open":
            self._marker = self._next_marker(token)
        elif token.type == "inline":
            yield from self._inline(token, before)
        elif token.type in {"fence", "code_block"} and token.content.strip():
            yield text_block("paragraph", token.content.strip("\n"))
        elif token.type == "html_block":
            yield from self._html(token.content)

    def _next_marker(self, token: Token) -> str:
        number = self._lists[-1]
        if number is None:
            return ""
        self._lists[-1] = number + 1
        return f"{number}{token.markup} "

    def _inline(self, token: Token, before: Token | None) -> Iterator[Block]:
        text = self._plain(token.children or [])
        if not text.strip():
            return
        if before is not None and before.type == "heading_open":
            yield self._heading(text, int(before.tag[1]))
        elif self._lists:
            yield text_block("list", self._marker + _one_line(text))
            self._marker = ""
        else:
            yield from self._paragraphs(text)

    def _heading(self, text: str, level: int) -> Block:
        first = level == 1 and not self._titled
        self._titled = self._titled or first
        if first and heading_level(text) is None:
            return text_block("title", _one_line(text))
        return text_block("heading", _one_line(text), level)

    def _paragraphs(self, text: str) -> Iterator[Block]:
        note = _FOOTNOTE_START.match(text)
        if note:
            yield text_block("footnote", f"{note.group(1)} {_one_line(text[note.end() :])}")
            return
        # A file broken at a fixed width means a line end as a space; others mean a new line.
        parts = [_one_line(text)] if self._width is not None else paragraphs(text)
        yield from map(paragraph, parts)

    def _plain(self, children: Sequence[Token]) -> str:
        parts: list[str] = []
        for child in children:
            if child.type in {"text", "code_inline", "text_special"}:
                parts.append(child.content)
            elif child.type in {"softbreak", "hardbreak"} or _is_br(child):
                parts.append("\n")
            elif child.type == "image":
                self.images += 1
        text = _STRAY_STRONG.sub(r"\2", "".join(parts))
        if _FOOTNOTE_START.match(text):
            return text
        return _FOOTNOTE.sub("", text)

    def _table(self, tokens: Sequence[Token]) -> Block:
        rows: list[list[str]] = []
        for token in tokens:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(squeeze(self._plain(token.children or [])))
        return table_block(rows)

    def _html(self, content: str) -> Iterator[Block]:
        from ingest.formats.html import fragment_blocks

        blocks, images = fragment_blocks(content)
        self.images += images
        yield from blocks


def _is_br(token: Token) -> bool:
    return token.type == "html_inline" and re.match(r"<br\b", token.content, re.I) is not None


def _one_line(text: str) -> str:
    joined = ""
    for line in text.split("\n"):
        joined = join_lines(joined, line.strip())
    return joined


def _closing(tokens: Sequence[Token], start: int, kind: str) -> int:
    for at in range(start, len(tokens)):
        if tokens[at].type == kind:
            return at
    return len(tokens) - 1
