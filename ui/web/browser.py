"""What Streamlit leaves to the page itself: its language, Streamlit's own words in it, keys."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component
from streamlit.components.v2.types import ComponentRenderer

from ui.web.text import language
from ui.web.words.streamlit import STREAMLIT

SCRIPT = Path(__file__).with_name("browser.js")
TAGS = {"zh": "zh-CN", "en": "en"}


def attend() -> None:
    """Put the script of `browser.js` into the page; draws nothing."""
    words = [
        (english, chinese) if language() == "zh" else (chinese, english)
        for english, chinese in STREAMLIT.items()
    ]
    _script()(key="attend", data={"lang": TAGS[language()], "words": words}, height=1)


@st.cache_resource(show_spinner=False)
def _script() -> ComponentRenderer:
    return component("policykb.attend", js=SCRIPT.read_text("utf-8"))
