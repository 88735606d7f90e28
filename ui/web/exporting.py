"""Results as files: one menu, each file made when it is asked for."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from kb import MEDIA_TYPES, Exportable, ExportKind
from ui.web.base import knowledge_base
from ui.web.text import say

KINDS: Final[tuple[ExportKind, ...]] = ("docx", "xlsx", "md", "csv")


def offer(found: Exportable, name: str, *, label: str = "", disabled: bool = False) -> None:
    """Draw the menu that saves a result; `name` is that of the files, without a suffix."""
    base = knowledge_base()
    with st.popover(
        label or say("save_as"), icon=":material/download:", disabled=disabled, key=f"save-{name}"
    ):
        for kind in KINDS:
            st.download_button(
                say(f"kind_{kind}"),
                partial(base.exported, found, kind),
                file_name=f"policykb-{name}.{kind}",
                mime=MEDIA_TYPES[kind],
                key=f"save-{name}-{kind}",
                on_click="ignore",
                width="stretch",
            )
