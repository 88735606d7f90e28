"""The knowledge base that the pages show: one of this machine, or one behind a server."""

from __future__ import annotations

import os
from typing import Final

import streamlit as st

from kb import KnowledgeBase, Scope, UploadQueue
from ui.facade import Facade, Queue
from ui.remote import RemoteKnowledgeBase
from ui.remote.errors import KEY_VARIABLE

SERVER_VARIABLE: Final = "POLICYKB_SERVER"


@st.cache_resource(show_spinner=False)
def knowledge_base() -> Facade:
    """Open what `policykb ui` named by `--server` or `--home`, once for all sessions."""
    server = os.environ.get(SERVER_VARIABLE, "").strip()
    if server:
        return RemoteKnowledgeBase(server, key=os.environ.get(KEY_VARIABLE))
    return KnowledgeBase.open()


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """Return where uploads to it wait."""
    base = knowledge_base()
    if isinstance(base, RemoteKnowledgeBase):
        return base.uploads
    return UploadQueue.of(here())


def here() -> KnowledgeBase:
    """Return the knowledge base of this machine, where it is one."""
    base = knowledge_base()
    assert isinstance(base, KnowledgeBase)  # noqa: S101 - asked for where it is
    return base


def may(scope: Scope) -> bool:
    """Tell whether who is here may do what a scope is for; raises `KBError`."""
    base = knowledge_base()
    if isinstance(base, RemoteKnowledgeBase):
        about = base.about()
        return scope in about.scopes and not (scope == "write" and about.read_only)
    return scope != "write" or not here().read_only
