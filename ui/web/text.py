"""Every word the UI says, in Chinese and English."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.web.words.clauses import CLAUSES
from ui.web.words.common import COMMON
from ui.web.words.comparing import COMPARING
from ui.web.words.keeping import KEEPING
from ui.web.words.reading import READING

Language = Literal["zh", "en"]
LANGUAGES: dict[str, Language] = {"中文": "zh", "English": "en"}

#: key -> (Chinese, English); `{}` fields are filled by `say`.
WORDS: dict[str, tuple[str, str]] = COMMON | READING | CLAUSES | COMPARING | KEEPING


def language() -> Language:
    """Return the language chosen in this session; Chinese unless told otherwise."""
    chosen = st.session_state.get("lang", "中文")
    return LANGUAGES.get(chosen or "中文", "zh")


def say(key: str, *values: object) -> str:
    """Return the words for `key` in the session's language, with `values` filled in."""
    chinese, english = WORDS[key]
    return (chinese if language() == "zh" else english).format(*values)
