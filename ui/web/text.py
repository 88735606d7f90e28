"""Every word the UI says, in Chinese and English."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.web.words.clauses import CLAUSES
from ui.web.words.common import COMMON
from ui.web.words.comparing import COMPARING
from ui.web.words.errors import ERRORS
from ui.web.words.keeping import KEEPING
from ui.web.words.reading import READING

Language = Literal["zh", "en"]
LANGUAGES: dict[str, Language] = {"中文": "zh", "English": "en"}

#: key -> (Chinese, English); `{}` fields are filled by `say`.
WORDS: dict[str, tuple[str, str]] = COMMON | READING | CLAUSES | COMPARING | KEEPING


#: The part of every address that names the language; Chinese is what goes without saying.
PARAM = "lang"
_NAMED = "lang-named"


def take_language() -> None:
    """Take over the language that the address names, and keep it there once it is chosen.

    Called before any page is drawn, with the state of the control that chooses it.
    """
    named = st.query_params.get(PARAM)
    if _NAMED not in st.session_state and named is None and "lang" in st.session_state:
        st.session_state[_NAMED] = named
    if named != st.session_state.get(_NAMED, ""):
        st.session_state["lang"] = next(
            (name for name, code in LANGUAGES.items() if code == named), "中文"
        )
    # Widgets drawn on every page keep their value; the rest of a page's state is its own.
    st.session_state["lang"] = st.session_state.get("lang") or "中文"
    wanted = in_addresses().get(PARAM)
    if wanted is None:
        st.query_params.pop(PARAM, None)
    elif wanted != named:
        st.query_params[PARAM] = wanted
    st.session_state[_NAMED] = wanted


def in_addresses() -> dict[str, str]:
    """Return what a link to another page of this UI has to say of the language."""
    return {} if language() == "zh" else {PARAM: language()}


def language() -> Language:
    """Return the language chosen in this session; Chinese unless told otherwise."""
    chosen = st.session_state.get("lang", "中文")
    return LANGUAGES.get(chosen or "中文", "zh")


def say(key: str, *values: object) -> str:
    """Return the words for `key` in the session's language, with `values` filled in."""
    chinese, english = WORDS[key]
    return (chinese if language() == "zh" else english).format(*values)


def meaning(code: str) -> str:
    """Return what an error's or a problem's code means, in the session's language."""
    chinese, english = ERRORS.get(code, ERRORS["error"])
    return chinese if language() == "zh" else english
