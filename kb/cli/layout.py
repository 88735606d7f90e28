"""Lay out text on a terminal: Chinese lines broken as Chinese is, wide characters counted as two.

Nothing printed here ends in white space, and text of a document is never taken for markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from kb.cli.output import console, plain

INSET = " " * 4
GAP = "  "
_CUT = "…"
# Cells below which a title says little: another column makes room for it.
_ENOUGH = 30
# What may not begin a line, and what may not end one (GB/T 15834 on punctuation, 5.1.10).
# A marker as [1] stays with the sentence before it.
_NOT_FIRST = frozenset("，、。；：！？）》〉】〕」』”’…—～·%％,.;:!?)]}[")
_NOT_LAST = frozenset("（《〈【〔「『“‘([{")


def one_line(text: str) -> str:
    """Return text of a document on one line, safe to print."""
    return " ".join(plain(text).split())


def counted(number: int, name: str) -> str:
    """Return a number with what it counts: 1 page, 2 pages."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def readable(text: str) -> str:
    """Return text of a document with its lines kept, safe to print."""
    return plain(text).expandtabs(4)


def place_of(page: int, clause: str | None, headings: Sequence[str] = ()) -> str:
    """Say where in its document a passage stands."""
    parts = [f"page {page}"]
    if clause:
        parts.append(f"clause {one_line(clause)}")
    if headings:
        parts.append(path_of(headings))
    return ", ".join(parts)


def path_of(headings: Sequence[str]) -> str:
    """Return headings on one line, the outermost first."""
    return " › ".join(map(one_line, headings))


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of characters that make lines of at most `width` cells.

    Lines break after any wide character and between words; one piece that is wider than a line
    is cut.
    """
    start = 0
    for paragraph in text.split("\n"):
        yield from _wrapped(text, start, start + len(paragraph), width)
        start += len(paragraph) + 1


def inset(out: Console, content: Text, *, first: str = INSET, most: int | None = None) -> None:
    """Print text set in from the left, after `first` on its first line, at most `most` lines."""
    room = out.width - cell_len(first) - (0 if most is None else 2 * len(_CUT))
    ranges = list(wrap(content.plain, room))
    shown = ranges if most is None else _best(content, ranges, most)
    for number, (start, end) in enumerate(shown):
        line = content[start:end]
        if number == 0 and start > ranges[0][0]:
            line = Text.assemble((_CUT, "dim"), line)
        if number == len(shown) - 1 and end < ranges[-1][1]:
            line.append(_CUT, "dim")
        out.print(first if number == 0 else " " * cell_len(first), line, sep="", soft_wrap=True)


def pairs(rows: Mapping[str, object]) -> None:
    """Print names and values in two columns, those without a value left out."""
    out = console()
    told = {name: readable(str(value)) for name, value in rows.items() if value not in {None, ""}}
    wide = max(map(len, told), default=0)
    for name, value in told.items():
        for number, (start, end) in enumerate(wrap(value, out.width - wide - len(GAP))):
            label = Text((name if number == 0 else "").ljust(wide), "bold")
            out.print(label, GAP, value[start:end], sep="", soft_wrap=True)


def table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, flexible: int, spare: int
) -> None:
    """Print rows in columns; numbers stand right, and empty columns are left out.

    On a terminal a row is one line: the `flexible` column is shortened, after the `spare` one has
    made room for it.
    """
    out = console()
    kept = [at for at in range(len(header)) if any(row[at] for row in rows)]
    wide = {at: max(cell_len(row[at]) for row in (header, *rows)) for at in kept}
    if out.is_terminal:
        _fit(wide, out.width, flexible, spare)
    right = {at for at in wide if all(row[at].isdigit() for row in rows if row[at])}
    for row in (header, *rows):
        cells = [_cell(row[at], width, at in right) for at, width in wide.items()]
        style = "bold" if row is header else ""
        out.print(Text(GAP.join(cells).rstrip(), style), soft_wrap=True)


def _fit(wide: dict[int, int], width: int, flexible: int, spare: int) -> None:
    """Take what is more than the terminal's width from the spare and the flexible column."""

    def room() -> int:
        return width - sum(wide.values()) - len(GAP) * (len(wide) - 1)

    if room() < 0 and wide[flexible] + room() < _ENOUGH:
        wide.pop(spare, None)
    wide[flexible] = max(wide[flexible] + min(room(), 0), 2)


def _cell(text: str, width: int, right: bool) -> str:
    if cell_len(text) > width:
        while cell_len(text) >= width:
            text = text[:-1]
        text += "…"
    space = " " * (width - cell_len(text))
    return space + text if right else text + space


def _wrapped(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    """Break one paragraph; white space at the ends of lines is left out."""
    breaks = _breaks(text, start, end)
    begun = reached = start
    for piece, following in pairwise(breaks):
        if cell_len(text[begun:following].rstrip()) > width and reached > begun:
            yield begun, _stripped(text, begun, reached)
            begun = piece
        while cell_len(text[begun:following].rstrip()) > width:
            fits = begun + 1
            while cell_len(text[begun : fits + 1]) <= width:
                fits += 1
            yield begun, _stripped(text, begun, fits)
            begun = fits + len(text[fits:following]) - len(text[fits:following].lstrip())
        reached = following
    yield begun, _stripped(text, begun, end)


def _breaks(text: str, start: int, end: int) -> list[int]:
    """Return where pieces that stay on one line begin, and the paragraph's end."""
    found = [start]
    for at in range(start + 1, end):
        before, after = text[at - 1], text[at]
        if after.isspace() or after in _NOT_FIRST or before in _NOT_LAST:
            continue
        if before.isspace() or cell_len(before) > 1 or cell_len(after) > 1:
            found.append(at)
    return [*found, end]


def _stripped(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _best(content: Text, ranges: Sequence[tuple[int, int]], most: int) -> Sequence[tuple[int, int]]:
    """Return the `most` lines next to one another that hold most of what is marked."""
    marked = {at for span in content.spans for at in range(span.start, span.end)}
    held = [len(marked.intersection(range(*line))) for line in ranges]
    firsts = range(max(len(ranges) - most, 0) + 1)
    first = max(firsts, key=lambda at: (sum(held[at : at + most]), -at))
    return ranges[first : first + most]
