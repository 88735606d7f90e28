"""The web UI's entry: `streamlit run ui/app.py`, what `policykb ui` starts."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import Page

from ui.web import ask, clauses, evaluate, library, search, settings
from ui.web.browser import attend
from ui.web.comparing import check, diff
from ui.web.text import LANGUAGES, in_addresses, say, take_language

#: A file of ours: Streamlit fetches named icons from its own server on the internet.
ICON = Path(__file__).parent / "web" / "icon.png"
STYLE = Path(__file__).parent / "web" / "page.css"


def main() -> None:
    """Lay out the pages and draw the chosen one."""
    st.set_page_config("policykb", page_icon=str(ICON), layout="wide")
    take_language()
    pages = _pages()
    st.session_state["pages"] = pages
    current = st.navigation(list(pages.values()), position="hidden")
    st.html(STYLE)
    attend()
    _bar(pages)
    current.run()


def _pages() -> dict[str, Page]:
    """Return the pages by name, in the order they are offered."""
    parts = {
        "ask": (ask.page, "forum"),
        "search": (search.page, "search"),
        "clauses": (clauses.page, "rule"),
        "diff": (diff.page, "difference"),
        "check": (check.page, "fact_check"),
        "library": (library.page, "folder_open"),
        "evaluate": (evaluate.page, "query_stats"),
        "settings": (settings.page, "settings"),
    }
    return {
        name: st.Page(
            page,
            title=say(name),
            icon=f":material/{icon}:",
            default=name == "ask",
            url_path="" if name == "ask" else name,
        )
        for name, (page, icon) in parts.items()
    }


def _bar(pages: dict[str, Page]) -> None:
    """Draw the name, the links to the pages and the choice of language.

    The links are ours, since those of `st.navigation` lose the language from the address.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bar"):
        st.markdown("**policykb**", width="content")
        with st.container(horizontal=True, gap=None, key="pages", width="stretch"):
            for page in pages.values():
                st.page_link(page, query_params=in_addresses() or None)
        st.segmented_control(
            say("language"),
            list(LANGUAGES),
            key="lang",
            required=True,
            label_visibility="collapsed",
            width="content",
        )


main()
