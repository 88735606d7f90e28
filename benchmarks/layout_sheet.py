"""A page that is drawn and written down at once, for `layout_pages.py`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
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
