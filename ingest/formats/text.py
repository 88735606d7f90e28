"""Plain text: its encoding, and the paragraphs in its lines."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from ingest.abstracts import opens_label
from ingest.formats.blocks import (
    columns,
    is_title,
    join_lines,
    number_level,
    paragraph,
    single_page,
    text_block,
)
from ingest.model import Block, Page

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_CANDIDATES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
_SAMPLE = 1 << 16
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff]")
_LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BULLET = re.compile(r"[-*+•·●○■□◆◇▪►➢※]\s*(?=\S)")
_SENTENCE_END = re.compile(r"[。！？!?；;：:…][”’」』）)】》]*$|[.][”’)]*$")
_OPEN_END = tuple("，、,（(《〈“‘「『【—")
_PAIRS = {"（": "）", "《": "》", "〈": "〉", "“": "”", "「": "」", "『": "』", "【": "】"}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's characters, the encoding they were read in, and how many bytes made no sense."""

    text: str
    encoding: str
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class _TextLine:
    text: str
    indented: bool
    after_gap: bool


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode Chinese text: a byte order mark, strict UTF-8, then whichever fits best.

    `declared` is an encoding the file itself names; it is believed when every byte agrees.
    Control characters other than line ends and tabs are dropped. Unreadable bytes become U+FFFD
    and are counted in `damaged`.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    # UTF-16 of Latin text is valid UTF-8 too, but for its NULs, which no text holds.
    strict = () if b"\x00" in data[:_SAMPLE] else ("utf-8", declared)
    for encoding in filter(None, strict):
        try:
            return Decoded(_clean(data.decode(encoding)), encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _decoded(data, max(_CANDIDATES, key=lambda name: _plausibility(data[:_SAMPLE], name)))


def _decoded(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, errors="replace")
    return Decoded(_clean(text), encoding, text.count("\ufffd"))


def _clean(text: str) -> str:
    return _CONTROL.sub("", text)


def _plausibility(sample: bytes, encoding: str) -> float:
    """Score how much a decoded sample looks like Chinese text: common characters, no damage."""
    text = sample.decode(encoding, errors="replace")
    if not text:
        return 0.0
    return sum(_likelihood(char) for char in text) / len(text)


def _likelihood(char: str) -> float:
    if char == "\ufffd":
        return -10.0
    if char.isascii():
        return 1.0 if char.isprintable() or char in "\t\r\n\f" else -2.0
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0.4 if "\u4e00" <= char <= "\u9fff" else 0.0
    # GB/T 2312 level 1 is the 3,755 characters of everyday use, rows 16 to 55 (0xB0-0xD7).
    return 1.0 if lead <= 0xD7 else 0.6


def read_text(data: bytes) -> tuple[list[Page], list[str]]:
    """Read a plain text file: one page of paragraphs, numbered headings and a title."""
    decoded = decode(data)
    blocks: list[Block] = []
    for text in paragraphs(decoded.text):
        bulleted = _BULLET.match(text)
        if not blocks and is_title(text) and not bulleted:
            blocks.append(text_block("title", text))
        elif bulleted:
            blocks.append(text_block("list", text))
        else:
            blocks.append(paragraph(text))
    return [single_page(blocks)], encoding_warnings(decoded)


def encoding_warnings(decoded: Decoded) -> list[str]:
    """Say how much of a file could not be decoded."""
    if not decoded.damaged:
        return []
    return [
        f"{decoded.damaged} characters could not be decoded as {decoded.encoding}: "
        "save the file as UTF-8 if text is missing"
    ]


def paragraphs(text: str) -> list[str]:
    """Split a text into paragraphs, re-joining lines that were broken at a fixed width.

    A text whose lines mostly run to one width, without ending a sentence there, was broken at
    that width; in such a text neither a line end nor a blank line (some tools put one after
    every line) parts a paragraph unless the line is short, ends a sentence or the next begins a
    numbered unit. Elsewhere every line is a paragraph, but for one that ends inside a sentence.
    No character but white space is lost.
    """
    lines = _text_lines(text)
    width = wrap_width([line.text for line in lines])
    indents = any(line.indented for line in lines)
    joined: list[str] = []
    last = ""
    for line, after in zip_longest(lines, lines[1:]):
        if joined and _carries_on(last, line, after, width, indents):
            joined[-1] = join_lines(joined[-1], line.text)
        else:
            joined.append(line.text)
        last = line.text
    return joined


def _text_lines(text: str) -> list[_TextLine]:
    lines: list[_TextLine] = []
    gap = False
    for raw in _LINE_END.split(text):
        stripped = raw.strip()
        if stripped:
            indented = raw.startswith(("\u3000", "  ", "\t", "\u00a0"))
            lines.append(_TextLine(stripped, indented, gap))
        gap = not stripped
    return lines


def wrap_width(lines: Sequence[str]) -> int | None:
    """Return the width in columns at which lines were broken, or None when they were not.

    The width is the one near which most text ends its line; text is weighed by its width, for
    what was taken out of a chart or a table is many lines but little text.
    """
    if len(lines) < 6:
        return None
    widths = [columns(line) for line in lines]
    weights = Counter[int]()
    for width in widths:
        weights[width] += width
    full = {top: sum(weights[top - back] for back in range(_slack(top))) for top in set(widths)}
    best = max(full, key=lambda top: (full[top], top))
    total = sum(widths)
    if not 16 <= best <= 160 or full[best] < 0.4 * total:
        return None
    if sum(width for width in widths if width > best + 2) > 0.1 * total:
        return None
    low = best - _slack(best)
    inside = [line for line, width in zip(lines, widths, strict=True) if low < width <= best]
    unended = sum(not _SENTENCE_END.search(line) for line in inside)
    return best if unended >= 0.5 * len(inside) else None


def _slack(width: int) -> int:
    """Return by how many columns a full line may fall short.

    Chinese line breaking moves up to two wide characters to keep punctuation off a line's start,
    a first line's indent takes two more, and half-width punctuation makes long lines uneven.
    """
    return max(7, width // 8)


def _carries_on(
    last: str, line: _TextLine, after: _TextLine | None, width: int | None, indents: bool
) -> bool:
    """Tell whether `line` goes on with the paragraph whose latest line is `last`."""
    if number_level(line.text) is not None or _BULLET.match(line.text) or opens_label(line.text):
        return False
    if width is None:
        return not line.after_gap and not line.indented and _is_open(last)
    if line.indented and indents:
        return False
    if _is_open(last):
        return True
    full = columns(last) > width - _slack(width)
    if number_level(last) is not None and not _SENTENCE_END.search(last):
        # A numbered heading that fills its line goes on only in a short line with another
        # heading after it; else the line begins the text under the heading.
        short = columns(line.text) <= width - _slack(width) and not _SENTENCE_END.search(line.text)
        return full and short and (after is None or number_level(after.text) is not None)
    return full and (indents or not _SENTENCE_END.search(last))


def _is_open(text: str) -> bool:
    """Tell whether a line ends inside a clause, a bracket or a quotation."""
    if text.endswith(_OPEN_END):
        return True
    if _SENTENCE_END.search(text):
        return False
    tail = text[-60:]
    return any(tail.rfind(left) > tail.rfind(right) for left, right in _PAIRS.items())
