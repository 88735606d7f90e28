"""Text as it is compared: what typesetting changes is folded away, and every character traced.

Folded away: white space and invisible characters, full and half width (Unicode's NFKC, where it
gives one character), the shapes of quotation marks, dashes, ellipses, middle dots and square
brackets. What remains is text: other punctuation, letters' case and every word.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_SHAPES = {
    **dict.fromkeys("“”„‟「」『』﹁﹂﹃﹄〝〞＂‘’‚‛＇'", '"'),
    **dict.fromkeys("—–―─‐‑‒−－﹘﹣", "-"),
    **dict.fromkeys("·•‧・･∙⋅", "·"),
    **dict.fromkeys("〔［【﹝", "["),
    **dict.fromkeys("〕］】﹞", "]"),
    "…": "…",
    "⋯": "…",
    "。": ".",
    "｡": ".",
}
#: Signs of which a run means what one does: ——, ……
_RUNS = frozenset("-…")


@dataclass(frozen=True, slots=True)
class Plain:
    """Folded characters, and for each the offset of the character it comes from.

    `at` has one entry more than `text`: the length of the text that was folded.
    """

    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original characters that folded characters `[start, end)` come from."""
        if start >= end:
            return self.at[start], self.at[start]
        return self.at[start], self.at[end - 1] + 1


def folded(text: str) -> Plain:
    """Fold a text, keeping where each character was."""
    signs: list[str] = []
    at: list[int] = []
    for offset, char in enumerate(text):
        sign = _folded_char(char)
        if not sign or (sign in _RUNS and signs and signs[-1] == sign):
            continue
        signs.append(sign)
        at.append(offset)
    return Plain("".join(signs), (*at, len(text)))


def plain(text: str) -> str:
    """Fold a text."""
    return folded(text).text


@lru_cache(maxsize=16384)
def _folded_char(char: str) -> str:
    shape = _SHAPES.get(char)
    if shape is not None:
        return shape
    if char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}:
        return ""
    form = unicodedata.normalize("NFKC", char)
    # What becomes several characters (㎡, ⑴) stays, so that each has a place of its own.
    return _SHAPES.get(form, form) if len(form) == 1 else char
