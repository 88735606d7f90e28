"""Abstracts and keywords begin paragraphs of their own, wherever typesetting has put them.

A journal may set the box with the abstract in the middle of a page, where it breaks into a
sentence of the text; the label is what tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.body import boxes
from ingest.model import Block, Body, Line, Page

# 院 is what a widespread font of Chinese journals gives for the colon when copied.
_COLON = r"\s*[:：院]"
_LABEL = re.compile(
    rf"(?:内容|文章)?[摘提]\s{{0,4}}要{_COLON}|[【\[](?:内容)?[摘提]\s*要[】\]]"
    rf"|关\s?键\s?[词字]{_COLON}|[【\[]关\s*键\s*[词字][】\]]"
    r"|(?<![A-Za-z])(?:Abstract|ABSTRACT|Key\s?words|KEY\s?WORDS)\s*[:：]"
)
#: What makes a label's words part of a sentence: 该报告的摘要：, 下列关键词：.
_SAID = re.compile(r"[的之本其该列下此个《“‘]$|(?:报告|论文|如下|以下|中文|英文)$")


def opens_label(text: str) -> bool:
    """Tell whether a line begins with the label of an abstract or of keywords."""
    return _LABEL.match(text) is not None


def part_labels(pages: Sequence[Page]) -> list[Page]:
    """Part every paragraph before each label of an abstract or of keywords inside it."""
    return [
        replace(page, blocks=tuple(part for block in page.blocks for part in _parts(block)))
        for page in pages
    ]


def _parts(block: Block) -> Iterator[Block]:
    cuts = [match.start() for match in _LABEL.finditer(block.text) if _is_cut(block, match.start())]
    if not cuts or block.kind != "paragraph" or block.table is not None:
        yield block
        return
    whole = Body(block.text, block.lines, (0,))
    for start, end in pairwise([0, *cuts, len(block.text)]):
        lines = tuple(_line_part(whole, line, start, end) for line in block.lines)
        kept = tuple(line.shifted(-start) for line in lines if line is not None)
        yield replace(
            block,
            text=block.text[start:end].rstrip() if end < len(block.text) else block.text[start:],
            lines=kept,
            continues=block.continues and end == len(block.text),
        )


def _is_cut(block: Block, at: int) -> bool:
    return at > 0 and _SAID.search(block.text[:at]) is None


def _line_part(body: Body, line: Line, start: int, end: int) -> Line | None:
    """Return the part of a printed line within `[start, end)`, with its part of the box."""
    start, end = max(line.start, start), min(line.end, end)
    if start >= end:
        return None
    stops = tuple(stop for stop in line.stops if start < stop[0] < end)
    box = next(iter(boxes(replace(body, lines=(line,)), start, end)), None)
    return Line(start, end, box, stops)
