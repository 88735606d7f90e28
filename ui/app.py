"""The web UI's entry: `streamlit run ui/app.py`, what `policykb ui` starts."""

from __future__ import annotations

import streamlit as st

from ui.web import ask, library, search
from ui.web.text import LANGUAGES, say


def main() -> None:
    """Lay out the pages and draw the chosen one."""
    st.set_page_config("policykb", page_icon=":material/plagiarism:", layout="wide")
    # Widgets drawn on every page keep their value; the rest of a page's state is its own.
    chosen = st.session_state.get("lang", "中文")
    st.session_state["lang"] = chosen
    pages = {
        "ask": st.Page(ask.page, title=say("ask"), icon=":material/forum:", default=True),
        "search": st.Page(
            search.page, title=say("search"), icon=":material/search:", url_path="search"
        ),
        "library": st.Page(
            library.page, title=say("library"), icon=":material/folder_open:", url_path="library"
        ),
    }
    st.session_state["pages"] = pages
    current = st.navigation(list(pages.values()), position="top")
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.segmented_control(
            say("language"), list(LANGUAGES), key="lang", label_visibility="collapsed"
        )
    current.run()


main()
