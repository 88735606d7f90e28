"""Document text as safe HTML: everything escaped, the found terms marked."""

from __future__ import annotations

import html
import re

STYLE = """
<style>
.kb-text { line-height: 1.85; text-align: justify; overflow-wrap: anywhere; white-space: pre-wrap; }
.kb-quote { border-inline-start: 3px solid #d9a400; padding-inline-start: .8em; }
.kb-answer { font-size: 1.08rem; }
.kb-where { opacity: .72; font-size: .86rem; line-height: 1.5; }
.kb-text mark { background: #ffe58a; color: inherit; padding: 0 .05em; border-radius: 2px; }
.kb-marker { color: #8c1d18; font-weight: 600; font-size: .8em; vertical-align: super; }
@media (prefers-color-scheme: dark) {
  .kb-text mark { background: #6b5300; }
  .kb-marker { color: #e0746c; }
}
</style>
"""
MARKER = re.compile(r"\[(\d{1,3})\]")


def passage_html(text: str, terms: tuple[str, ...] = (), *, quote: bool = False) -> str:
    """Return `text` as an escaped paragraph with every one of `terms` marked."""
    classes = "kb-text kb-quote" if quote else "kb-text"
    return f'{STYLE}<div class="{classes}" lang="zh">{_mark(text, terms)}</div>'


def answer_html(answer: str) -> str:
    """Return an answer as an escaped paragraph, its `[1]` markers raised."""
    body = MARKER.sub(r'<span class="kb-marker">[\1]</span>', html.escape(answer))
    return f'{STYLE}<div class="kb-text kb-answer" lang="zh">{body}</div>'


def where_html(*parts: str) -> str:
    """Return the line that says where a passage stands: title › heading › page."""
    joined = " › ".join(html.escape(part) for part in parts if part)
    return f'{STYLE}<div class="kb-where">{joined}</div>'


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-.!|$~:" else char for char in text)


def query_terms(query: str) -> tuple[str, ...]:
    """Return what to mark in a hit: the query's words of two or more characters, longest first."""
    words = re.findall(r"[A-Za-z0-9.%]{2,}|[\u3400-\u9fff]{2,}", query)
    pieces = {piece for word in words for piece in _pieces(word)}
    return tuple(sorted(pieces, key=len, reverse=True))


def _pieces(word: str) -> list[str]:
    if not "\u3400" <= word[0] <= "\u9fff":
        return [word]
    return [word[i : i + size] for size in (4, 3, 2) for i in range(len(word) - size + 1)]


def _mark(text: str, terms: tuple[str, ...]) -> str:
    if not terms:
        return html.escape(text)
    found = re.compile("|".join(re.escape(term) for term in terms), re.IGNORECASE)
    out, last = [], 0
    for match in found.finditer(text):
        out.append(html.escape(text[last : match.start()]))
        out.append(f"<mark>{html.escape(match.group())}</mark>")
        last = match.end()
    return "".join(out) + html.escape(text[last:])
