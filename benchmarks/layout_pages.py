"""Pages that are hard to read, drawn from seeds, with what a reader would make of them.

Every page is set here, in invented text, from the number of its kind and a seed: newspapers of
unequal columns, boxes that cut columns, notes beside the text, cards, tables without rules. Beside
the page stands its truth: the texts in reading order, apart for each thread where two threads may
be read in either order, the rows of its tables, its headings, and labels that are no running text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

_NOUNS = (
    "政策数据市场企业创新技术服务发展管理监督标准贸易出口投资产业能源环境交通教育医疗就业农村城市财政税收金融信息网络安全质量"
    "科研人才平台机制改革开放合作规划项目资金评估指标试点部门地方协会学校机构园区港口铁路电网储能芯片"
)
WORDS = [_NOUNS[i : i + 2] for i in range(0, len(_NOUNS), 2)]
_VERBS = "推进完善加强建立优化落实支持规范扩大提升统筹培育健全改进保障促进"
VERBS = [_VERBS[i : i + 2] for i in range(0, len(_VERBS), 2)]
LINKS = ["并", "同时", "以及", "从而", "进一步", "有序", "逐步", "全面", "稳妥", "依法"]

Span = tuple[float, float]


@dataclass(slots=True)
class Sheet:
    """A page being drawn, and its truth."""

    page: Any
    rng: random.Random
    threads: list[list[str]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)

    def sentence(self, words: int) -> str:
        """Invent a sentence."""
        rng, parts = self.rng, list[str]()
        for i in range(words):
            parts += [rng.choice(VERBS), rng.choice(WORDS), rng.choice(WORDS)]
            if i + 1 < words:
                parts.append(rng.choice(["，", rng.choice(LINKS), "、"]))
        return "".join(parts) + "。"

    def paragraph(self, sentences: int = 3) -> str:
        """Invent a paragraph."""
        return "".join(self.sentence(self.rng.randint(2, 5)) for _ in range(sentences))

    def name(self, words: int = 3) -> str:
        """Invent a heading."""
        return self.rng.choice(VERBS) + "".join(self.rng.sample(WORDS, words))

    def put(self, x: float, y: float, text: str, size: float, bold: bool = False) -> None:
        """Set one line with its top at y."""
        self.page.insert_text((x, y + 0.88 * size), text, fontname="china-s", fontsize=size)
        if bold:
            self.page.insert_text(
                (x + 0.3, y + 0.88 * size), text, fontname="china-s", fontsize=size
            )

    def heading(self, x: float, y: float, text: str, size: float) -> float:
        """Set a heading; return the y below it."""
        self.put(x, y, text, size)
        self.headings.append(text)
        self.threads[-1].append(text)
        return y + 1.8 * size

    def flow(
        self,
        columns: Sequence[tuple[float, float, float, float]],
        size: float,
        *,
        leading: float = 1.5,
        holes: Sequence[tuple[float, float, float, float]] = (),
        full: bool = True,
    ) -> None:
        """Fill columns (x0, y0, x1, y1) with invented paragraphs, around the holes."""
        queue, first, current = "", True, ""
        for x0, y0, x1, y1 in columns:
            y = y0
            while y + size <= y1:
                left, right = _around(x0, x1, y, size, holes)
                count = int((right - left) / size) - (0 if full else self.rng.randint(0, 3))
                if count < 4:
                    y += leading * size
                    continue
                if not queue:
                    if current and y + 3 * leading * size > y1:
                        break
                    current = queue = self.paragraph(self.rng.randint(1, 3))
                    self.threads[-1].append(current)
                    first = True
                indent = 2 if first else 0
                take = _fit(queue, max(count - indent, 2))
                self.put(left + indent * size, y, queue[:take], size)
                queue, first = queue[take:], False
                y += leading * size
        if queue:
            self.threads[-1][-1] = current[: len(current) - len(queue)]

    def figure(self, box: tuple[float, float, float, float], size: float = 7) -> None:
        """Draw a bar chart with labels."""
        x0, y0, x1, y1 = box
        step = (x1 - x0) / 6
        for i in range(5):
            height = self.rng.uniform(0.3, 0.8) * (y1 - y0)
            left = x0 + (i + 0.5) * step
            self.page.draw_rect(
                (left, y1 - height, left + 0.6 * step, y1 - 12), fill=(0.4, 0.5, 0.8)
            )
            label = self.rng.choice(WORDS)
            self.put(left, y1 - 10, label, size)
            self.asides.append(label)
        self.page.draw_line((x0, y1 - 12), (x1, y1 - 12))
        self.page.draw_line((x0, y0), (x0, y1 - 12))

    def table(
        self, x: float, y: float, widths: Sequence[float], rows: int, size: float, *, wrap: int = 1
    ) -> float:
        """Set a table of words without rules, cells of up to `wrap` lines; return the y below."""
        for r in range(rows):
            lines = 1 if not r else self.rng.randint(1, wrap)
            cells, deepest = list[str](), 0
            for c, width in enumerate(widths):
                room = int(width / size) - 1
                deep = lines if c == len(widths) - 1 else 1
                length = max(2, min(room * deep - (deep > 1) * self.rng.randint(0, room // 2), 40))
                text = (self.name(8) * 3)[: length if c or not r else min(length, 4)]
                left = x + sum(widths[:c])
                cut = [text[i : i + room] for i in range(0, len(text), room)]
                for i, line in enumerate(cut):
                    self.put(left, y + 1.3 * size * i, line, size)
                cells.append(text)
                deepest = max(deepest, len(cut))
            self.rows.append(cells)
            y += 1.3 * size * deepest + 0.5 * size
        return y


def _around(
    x0: float, x1: float, y: float, size: float, holes: Sequence[tuple[float, float, float, float]]
) -> Span:
    for a, top, b, bottom in holes:
        if top - 4 < y + size and y < bottom + 4 and a < x1 and b > x0:
            if a - x0 > x1 - b:
                x1 = min(x1, a - 6)
            else:
                x0 = max(x0, b + 6)
    return x0, x1


def _fit(text: str, count: int) -> int:
    """Return where to break a line of `count` characters: no line begins with a mark."""
    if count < len(text) and text[count] in "，。、":
        return count + 1
    return min(count, len(text))


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
