"""Settings of a knowledge base behind a server: what it is, and what can be done from here."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st

from ui.remote import RemoteKnowledgeBase
from ui.web.marked import markdown_text
from ui.web.tasks import Tell
from ui.web.text import say

#: Draws the button of a task of a name, and what came of it.
DrawTask = Callable[[str, Callable[[Tell], object]], None]
_MEGABYTE = 1_000_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def draw(base: RemoteKnowledgeBase, task: DrawTask) -> None:
    """Draw the server, what the key may do, and the care that can be taken of it from here."""
    left, right = st.columns(2, gap="large")
    with left:
        _server(base)
    with right:
        if "admin" in base.about().scopes:
            _holdings(base)
            _care(base, task)
        else:
            st.info(say("needs_admin"), icon=":material/key:")
    st.info(say("server_there"), icon=":material/dns:")


def _server(base: RemoteKnowledgeBase) -> None:
    st.subheader(say("server_title"), anchor=False)
    with st.container(border=True):
        about = base.about()
        st.write(markdown_text(say("server_place", base.url, about.version)))
        fault = base.fault()
        if fault:
            st.warning(markdown_text(fault), icon=":material/warning:")
        else:
            st.caption(f":green[:material/check_circle:] {say('server_ready')}")
        parts = urlsplit(base.url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            st.warning(say("server_plain"), icon=":material/lock_open:")
        st.caption(say("server_scopes", "、".join(say(f"scope_{one}") for one in about.scopes)))
        if about.collections:
            within = "、".join(about.collections)
            st.caption(markdown_text(say("server_collections", within)))
        model = about.language_model
        st.caption(markdown_text(say("server_llm", model) if model else say("server_no_llm")))


def _holdings(base: RemoteKnowledgeBase) -> None:
    st.subheader(say("set_storage"), anchor=False)
    with st.container(border=True):
        stats = base.stats()
        st.write(say("server_holds", stats.documents, stats.pages, stats.passages))
        model = stats.model
        st.caption(markdown_text(say("encoder_now", model.name, model.dimension)))
        if not model.index_matches:
            st.warning(say("encoder_differs"), icon=":material/warning:")
        for cell, (name, size) in zip(
            st.columns(len(stats.bytes)), stats.bytes.items(), strict=True
        ):
            cell.metric(say(f"storage_{name}"), f"{size / _MEGABYTE:,.1f} MB")


def _care(base: RemoteKnowledgeBase, task: DrawTask) -> None:
    st.subheader(say("set_care"), anchor=False)
    with st.container(border=True):
        task("verify", lambda _: base.verify())
        task("repair", lambda _: base.verify(repair=True))
        task("rebuild", lambda tell: base.rebuild(lambda at: tell(at.page, at.pages)))
