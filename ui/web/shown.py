"""Clauses and what became of their words as safe HTML, and the style of it all."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

from kb import WordChange
from ui.web.marked import tabled, tagged

STYLE = Path(__file__).with_name("shown.css")


def style() -> None:
    """Put the style of these pages into the page; before anything else is drawn."""
    st.html(STYLE)


def text_html(text: str, phrases: Iterable[str] = (), marks: Sequence[tuple[int, int]] = ()) -> str:
    """Return a text as an escaped paragraph; phrases are named, the ranges of `marks` marked.

    Ranges are in order and apart; where both meet, the mark is shown.
    """
    named = _places(text, phrases)
    tags = {start: (end, "mark") for start, end in marks}
    for start, end in named:
        if all(end <= first or start >= last for first, last in marks):
            tags[start] = (end, "b")
    out, at = [], 0
    for start in sorted(tags):
        end, tag = tags[start]
        out += [html.escape(text[at:start]), tagged(text[start:end], tag)]
        at = end
    inner = tabled(f"{''.join(out)}{html.escape(text[at:])}")
    return f'<div class="kb-clause" lang="zh">{inner}</div>'


def words_html(words: Sequence[WordChange], side: Literal["old", "new", "both"] = "both") -> str:
    """Return what became of words, those of one side or of both, with the differences marked."""
    out = []
    for word in words:
        if word.op == "equal":
            out.append(html.escape(word.old if side == "old" else word.new))
            continue
        if side != "new" and word.old:
            out.append(f"<del>{html.escape(word.old)}</del>")
        if side != "old" and word.new:
            out.append(f"<ins>{html.escape(word.new)}</ins>")
    return f'<div class="kb-clause" lang="zh">{"".join(out)}</div>'


def labels_html(labels: Iterable[tuple[str, str, str]]) -> str:
    """Return labels in a row, each of a kind that colours it, with a name and a value."""
    inner = "".join(
        f'<span class="kb-label kb-{html.escape(kind)}"><b>{html.escape(name)}</b> '
        f"{html.escape(value)}</span>"
        for kind, name, value in labels
    )
    return f'<div class="kb-labels">{inner}</div>' if inner else ""


def _places(text: str, phrases: Iterable[str]) -> list[tuple[int, int]]:
    """Return where phrases stand, the longest where several do, apart."""
    found: list[tuple[int, int]] = []
    for phrase in sorted({each for each in phrases if each}, key=len, reverse=True):
        at = text.find(phrase)
        while at >= 0:
            end = at + len(phrase)
            if all(end <= start or at >= last for start, last in found):
                found.append((at, end))
            at = text.find(phrase, end)
    return sorted(found)
