"""The web UI's entry: `streamlit run ui/app.py`, what `policykb ui` starts."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from ui.web import ask, clauses, evaluate, library, search, settings
from ui.web.base import is_phone
from ui.web.comparing import check, diff
from ui.web.text import LANGUAGES, language, say

#: A file of ours: Streamlit fetches named icons from its own server on the internet.
ICON = Path(__file__).parent / "web" / "icon.png"
STYLE = Path(__file__).parent / "web" / "page.css"


def main() -> None:
    """Lay out the pages and draw the chosen one."""
    st.set_page_config("policykb", page_icon=str(ICON), layout="wide")
    # Widgets drawn on every page keep their value; the rest of a page's state is its own.
    chosen = st.session_state.get("lang", "中文")
    st.session_state["lang"] = chosen
    pages = {
        "ask": st.Page(ask.page, title=say("ask"), icon=":material/forum:", default=True),
        "search": st.Page(
            search.page, title=say("search"), icon=":material/search:", url_path="search"
        ),
        "clauses": st.Page(
            clauses.page, title=say("clauses"), icon=":material/rule:", url_path="clauses"
        ),
        "diff": st.Page(
            diff.page, title=say("diff"), icon=":material/difference:", url_path="diff"
        ),
        "check": st.Page(
            check.page, title=say("check"), icon=":material/fact_check:", url_path="check"
        ),
        "library": st.Page(
            library.page, title=say("library"), icon=":material/folder_open:", url_path="library"
        ),
        "evaluate": st.Page(
            evaluate.page, title=say("evaluate"), icon=":material/query_stats:", url_path="evaluate"
        ),
        "settings": st.Page(
            settings.page, title=say("settings"), icon=":material/settings:", url_path="settings"
        ),
    }
    st.session_state["pages"] = pages
    current = st.navigation(list(pages.values()), position="top")
    st.html(STYLE)
    if language() == "zh":
        st.html(STYLE.with_suffix(".zh.css"))
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.markdown(say("brand_short" if is_phone() else "brand"), width="content")
        st.segmented_control(
            say("language"), list(LANGUAGES), key="lang", label_visibility="collapsed"
        )
    current.run()


main()
