"""Pages that are hard to read, drawn from seeds, with what a reader would make of them.

Every page is set here, in invented text, from the number of its kind and a seed: newspapers of
unequal columns, boxes that cut columns, notes beside the text, cards, tables without rules. Beside
the page stands its truth: the texts in reading order, apart for each thread where two threads may
be read in either order, the rows of its tables, its headings, and labels that are no running text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

from layout_sheet import WORDS, Sheet


def unequal(s: Sheet) -> None:
    """Three unequal columns, a headline over two, a figure that cuts two of them."""
    size, gap = s.rng.choice([9.0, 9.5, 10.0]), s.rng.uniform(11, 16)
    a, b = 40 + s.rng.uniform(110, 140), 40 + s.rng.uniform(300, 340)
    s.threads.append([])
    top = s.heading(44, 50, s.name(5), 22)
    y = s.rng.uniform(300, 380)
    hole = (a + gap / 2, y, 555.0, y + 120)
    s.figure((hole[0] + 10, y + 6, 545, y + 112))
    columns = [(40, top, a - gap / 2, 800), (a + gap / 2, top, b - gap / 2, y - 6)]
    columns += [(a + gap / 2, y + 130, b - gap / 2, 800), (b + gap / 2, 50, 555, y - 6)]
    columns += [(b + gap / 2, y + 130, 555, 800)]
    s.flow(columns, size)


def modules(s: Sheet) -> None:
    """Four articles set as blocks, each with a headline over its own columns."""
    size, gap, third = s.rng.choice([9.0, 9.5]), 12.0, 172.0
    middle = s.rng.uniform(380, 440)
    spots = [(40.0, 50.0, 2, middle), (40 + 2 * third, 50.0, 1, middle)]
    spots += [(40.0, middle + 14, 1, 800.0), (40 + third, middle + 14, 2, 800.0)]
    for x, y, columns, bottom in spots:
        s.threads.append([])
        top = s.heading(x, y, s.name(4 if columns == 2 else 2), 15)
        s.flow(
            [(x + i * third, top, x + (i + 1) * third - gap, bottom) for i in range(columns)], size
        )


def tinted(s: Sheet) -> None:
    """A tinted sidebar in small type beside one wide column."""
    x = s.rng.uniform(380, 410)
    y = s.rng.uniform(100, 250)
    s.page.draw_rect((x, y, 560, y + 330), color=None, fill=(0.9, 0.93, 0.97))
    s.threads.append([])
    top = s.heading(60, 60, s.name(4), 18)
    s.flow([(60, top, x - s.rng.uniform(8, 14), 790)], 10.5)
    s.threads.append([])
    below = s.heading(x + 8, y + 8, s.name(2), 11)
    s.flow([(x + 8, below, 552, y + 322)], 8.5)


def marginal(s: Sheet) -> None:
    """Notes in the margin, level with paragraphs, with no rule between."""
    x = s.rng.uniform(150, 165)
    s.threads.append([])
    y = s.heading(x, 60, s.name(4), 16)
    spots = list[float]()
    for _ in range(5):
        spots.append(y)
        depth = s.rng.randint(4, 7) * 15.75
        s.flow([(x, y, 550, y + depth)], 10.5)
        y += depth + 16
    s.threads.append([])
    for spot in spots:
        if s.rng.random() < 0.8:
            s.flow([(45, spot, x - s.rng.uniform(8, 11), spot + s.rng.randint(2, 4) * 12.0)], 8.0)


def wrapped(s: Sheet) -> None:
    """A quotation in large type in the middle of two columns that run around it."""
    size, gap = 9.5, s.rng.uniform(12, 16)
    left, right = 298 - s.rng.uniform(60, 85), 298 + s.rng.uniform(60, 85)
    y = s.rng.uniform(300, 420)
    hole = (left, y, right, y + 110)
    s.threads.append([])
    top = s.heading(60, 55, s.name(5), 20)
    columns = [(45, top, 298 - gap / 2, 800), (298 + gap / 2, top, 552, 800)]
    s.flow(columns, size, holes=[hole])
    s.threads.append([])
    s.flow([(left + 8, y + 10, right - 6, y + 104)], 14)


def tight(s: Sheet) -> None:
    """Two columns of ragged lines with a gutter hardly wider than a letter."""
    size = s.rng.choice([9.0, 10.0])
    gap = size * s.rng.uniform(0.7, 1.0)
    middle = s.rng.uniform(280, 320)
    s.threads.append([])
    top = s.heading(60, 55, s.name(5), 18)
    s.flow(
        [(45, top, middle - gap / 2, 795), (middle + gap / 2, top + 3, 552, 795)], size, full=False
    )


def shifting(s: Sheet) -> None:
    """Two columns, then three, then two unequal ones, parted by a little white only."""
    size, gap = 9.5, s.rng.uniform(12, 16)
    y = 60.0
    s.threads.append([])
    for cuts in ([45, 300, 552], [45, 210, 380, 552], [45, s.rng.uniform(180, 230), 552]):
        bottom = y + s.rng.uniform(190, 230)
        pairs = pairwise(cuts)
        s.flow([(a + gap / 2, y, b - gap / 2, bottom) for a, b in pairs], size)
        y = bottom + s.rng.uniform(10, 14)


def table_in_column(s: Sheet) -> None:
    """A table of words without rules in one of two columns."""
    size, gap = 9.5, 16.0
    s.threads.append([])
    y = 60 + 14.25 * s.rng.randint(8, 16)
    s.flow([(45, 60, 298 - gap / 2, y)], size)
    below = s.table(48, y + 14, [58, 80, 100], s.rng.randint(5, 8), 8.5)
    s.flow([(45, below + 12, 298 - gap / 2, 795), (298 + gap / 2, 60, 552, 795)], size)


def wordy_table(s: Sheet) -> None:
    """A table over the page whose cells are sentences of several lines, without rules."""
    s.threads.append([])
    s.flow([(60, 60, 535, 160)], 10.5)
    below = s.table(60, 175, [90, 120, 260], s.rng.randint(6, 9), 9.5, wrap=3)
    s.flow([(60, below + 16, 535, below + 110)], 10.5)


def slide(s: Sheet) -> None:
    """A slide: a title, three cards with points, a line to end on."""
    s.page.set_mediabox((0, 0, 720, 405))
    s.threads.append([])
    s.heading(40, 25, s.name(4), 24)
    for card in range(3):
        x, y = 40 + 218 * card, 90 + s.rng.uniform(0, 8)
        s.page.draw_rect((x, y, x + 204, 340), color=(0.5, 0.5, 0.6), fill=(0.96, 0.96, 1))
        s.threads.append([])
        top = s.heading(x + 10, y + 10, s.name(2), 14)
        for i in range(4):
            text = f"（{i + 1}）{s.sentence(1)[:-1]}"
            s.put(x + 10, top, text, 11)
            s.threads[-1].append(text)
            top += 26
    text = s.sentence(4)
    s.put(40, 360, text, 12)
    s.threads.append([text])


def bannered(s: Sheet) -> None:
    """Two columns beside a banner set upright, letter under letter, and one turned."""
    words = s.name(4)
    for i, letter in enumerate(words):
        s.put(28, 120 + 17 * i, letter, 14)
    s.asides.append(words)
    turned = s.name(5)
    s.page.insert_text((575, 600), turned, fontname="china-s", fontsize=9, rotate=90)
    s.asides.append(turned)
    s.threads.append([])
    top = s.heading(60, 55, s.name(5), 18)
    gap = s.rng.uniform(13, 18)
    s.flow([(58, top, 305 - gap / 2, 795), (305 + gap / 2, top, 552, 795)], 10)


def directory(s: Sheet) -> None:
    """Cards in rows of two or three: a name and two or three short lines each."""
    across = s.rng.choice([2, 3])
    s.threads.append([])
    s.heading(50, 50, s.name(3), 18)
    width = 500 / across
    y = 100.0
    for _ in range(5):
        for c in range(across):
            x = 50 + c * width
            s.threads.append([])
            s.heading(x, y, s.name(2), 11)
            for i in range(3):
                text = s.rng.choice(WORDS) + "：" + s.name(1 + s.rng.randint(0, 2))
                s.put(x, y + 18 + 14 * i, text, 9)
                s.threads[-1].append(text)
        y += 18 + 14 * 3 + s.rng.uniform(10, 26)


def charted(s: Sheet) -> None:
    """A flow chart whose boxes hold sentences, across two columns."""
    size, gap = 10.0, 16.0
    s.threads.append([])
    y = s.rng.uniform(250, 350)
    for i in range(3):
        x = 60 + 170 * i
        s.page.draw_rect((x, y + 10, x + 130, y + 60), color=(0, 0, 0))
        for j in range(2):
            label = s.name(2)
            s.put(x + 8, y + 16 + 18 * j, label, 9)
            s.asides.append(label)
        if i:
            s.page.draw_line((x - 40, y + 35), (x, y + 35))
            s.page.draw_line((x - 6, y + 31), (x, y + 35))
            s.page.draw_line((x - 6, y + 39), (x, y + 35))
    columns = [(45.0, 60.0, 298 - gap / 2, y), (45.0, y + 76, 298 - gap / 2, 795.0)]
    columns += [(298 + gap / 2, 60, 552, y), (298 + gap / 2, y + 76, 552, 795)]
    s.flow(columns, size)


def staircase(s: Sheet) -> None:
    """Three columns that begin at different heights, the last cut by two pictures."""
    size, gap = s.rng.choice([9.0, 9.5]), s.rng.uniform(11, 15)
    cuts = [42.0, 212 + s.rng.uniform(-15, 15), 384 + s.rng.uniform(-15, 15), 555.0]
    s.threads.append([])
    tops = [s.heading(46, 60, s.name(3), 16), 60 + s.rng.uniform(60, 90), 60.0]
    columns = list[tuple[float, float, float, float]]()
    for i in range(2):
        columns.append((cuts[i] + gap / 2, tops[i], cuts[i + 1] - gap / 2, s.rng.uniform(700, 790)))
    y = tops[2]
    for _ in range(2):
        columns.append((cuts[2] + gap / 2, y, cuts[3] - gap / 2, y + 190))
        s.figure((cuts[2] + gap, y + 200, cuts[3] - gap, y + 290))
        y += 304
    s.flow(columns, size)


def twin_tables(s: Sheet) -> None:
    """Two tables of words without rules, side by side under a paragraph."""
    s.threads.append([])
    s.flow([(60, 60, 535, 130)], 10.5)
    rows = s.rng.randint(5, 8)
    s.put(60, 150, "表 1　" + s.name(2), 9.5)
    s.put(315, 150, "表 2　" + s.name(2), 9.5)
    ends = [s.table(x, 172, [60, 70, 95], rows, 9) for x in (60.0, 315.0)]
    s.flow([(60, max(ends) + 18, 535, max(ends) + 140)], 10.5)


def inset(s: Sheet) -> None:
    """Two unequal columns, a note under a rule at the foot of one, a heading across in between."""
    size, gap = 10.0, s.rng.uniform(14, 18)
    cut = s.rng.choice([220.0, 240.0, 350.0, 370.0])
    s.threads.append([])
    y = s.rng.uniform(320, 400)
    s.flow([(50, 60, cut - gap / 2, y), (cut + gap / 2, 60, 548, y)], size)
    top = s.heading(50, y + 10, s.name(6), 14)
    s.page.draw_line((50, 700), (cut - gap / 2, 700), width=0.5)
    s.flow([(50, top + 4, cut - gap / 2, 692), (cut + gap / 2, top + 4, 548, 795)], size)
    s.threads.append([])
    s.flow([(50, 706, cut - gap / 2, 795)], 8)


_DRAWN: tuple[Callable[[Sheet], None], ...] = (
    unequal, modules, tinted, marginal, wrapped, tight, shifting, table_in_column,
    wordy_table, slide, bannered, directory, charted, staircase, twin_tables, inset,
)  # fmt: skip
KINDS = {draw.__name__: draw for draw in _DRAWN}
#: Kinds drawn after the signs of doubt and the rules of order were settled.
HELD_OUT = frozenset({"staircase", "twin_tables", "inset"})


def hard_page(kind: str, seed: int) -> tuple[bytes, Sheet]:
    """Return a PDF of one page and its truth; the same for the same kind and seed."""
    import pymupdf

    document = pymupdf.open()
    sheet = Sheet(document.new_page(), random.Random(f"{kind} {seed}"))
    KINDS[kind](sheet)
    return bytes(document.tobytes(no_new_id=True)), sheet
