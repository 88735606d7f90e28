"""What is asked for, as the address and the controls have it, and what is found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, get_args

import streamlit as st

from kb import (
    NO_FILTERS,
    ClauseInfo,
    ClauseList,
    Filters,
    Matrix,
    NotFound,
    Obligation,
    RoleFilter,
)
from ui.web.address import Param, day, number, one_of, yes
from ui.web.base import knowledge_base

PAGE: Final = "clauses"
VIEWS: Final = ("list", "matrix", "timeline", "lineage")
ROLES: Final[tuple[RoleFilter, ...]] = ("any", "lead", "joint", "participant")
OBLIGATIONS: Final[tuple[Obligation, ...]] = get_args(Obligation)
PARAMS: Final = (
    Param("view", "list", one_of(*VIEWS)),
    Param("ministry"),
    Param("role", "any", one_of(*ROLES)),
    Param("text", ""),
    Param("document"),
    Param("issuer"),
    Param("type"),
    Param("obligation", None, one_of(*OBLIGATIONS)),
    Param("due", None, day),
    Param("since", None, day),
    Param("until", None, day),
    Param("in_force", False, yes),
    Param("as_of", None, day),
    Param("n", None, number),
    Param("clause"),
)
#: What the button beside the controls clears; ministry, document and words have their own.
FURTHER: Final = ("issuer", "type", "obligation", "due", "since", "until", "in_force", "as_of")
#: Clauses that the matrix and the timeline are made of; more are neither read nor quick to draw.
MOST: Final = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the clauses shown have to meet."""

    ministry: str | None = None
    role: RoleFilter = "any"
    text: str | None = None
    obligation: Obligation | None = None
    due: date | None = None
    filters: Filters = NO_FILTERS

    def of_matrix(self) -> Filters:
        """Return what a matrix can be asked for."""
        return replace(self.filters, ministry=self.ministry)


def key(name: str) -> str:
    """Return the key of a part of the page's state."""
    return f"{PAGE}-{name}"


def held(name: str) -> Any:
    """Return a part of the page's state."""
    return st.session_state.get(key(name))


def asked() -> Asked:
    """Return what is asked for."""
    filters = Filters(
        document=held("document"),
        type=held("type"),
        issuer=held("issuer"),
        since=held("since"),
        until=held("until"),
        in_force=bool(held("in_force") or held("as_of")),
        as_of=held("as_of"),
    )
    return Asked(
        ministry=(held("ministry") or "").strip() or None,
        role=held("role") or "any",
        text=(held("text") or "").strip() or None,
        obligation=held("obligation"),
        due=held("due"),
        filters=filters,
    )


@st.cache_data(max_entries=128, show_spinner=False)
def find(asked: Asked, revision: int, limit: int | None, offset: int = 0) -> ClauseList:
    """Return the clauses asked for; `revision` makes a changed library answer anew."""
    del revision
    return knowledge_base().clauses(
        ministry=asked.ministry,
        role=asked.role,
        text=asked.text,
        obligation=asked.obligation,
        due_before=asked.due,
        filters=asked.filters,
        limit=limit,
        offset=offset,
    )


@st.cache_data(max_entries=16, show_spinner=False)
def matrix(filters: Filters, revision: int) -> Matrix:
    """Return which body has which part in which clause."""
    del revision
    return knowledge_base().matrix(filters)


@st.cache_data(max_entries=4, show_spinner=False)
def aliases(revision: int) -> dict[str, tuple[str, ...]]:
    """Return the short names of each body known, the shortest first."""
    del revision
    return {
        body.name: tuple(sorted({name for name in body.names if name != body.name}, key=len))
        for body in knowledge_base().registry()
    }


def choose(clause_id: str, document_id: str) -> None:
    """Show a clause beside its page."""
    st.session_state[key("clause")] = f"{clause_id}@{document_id}"


def chosen() -> ClauseInfo | None:
    """Return the clause that was chosen, None where there is none or it is gone."""
    clause_id, _, document_id = (held("clause") or "").partition("@")
    if not clause_id:
        return None
    try:
        return knowledge_base().clause(clause_id, document_id or None)
    except NotFound:
        return None
