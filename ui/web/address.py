"""What a page shows, kept in its address: shared, reloaded, gone back to.

Streamlit can bind a widget to the address itself, but then the address holds the words of the
language that is chosen. Here it holds names that stay: ids, dates, and those of the API.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

_LAST = "address"


def _text(value: str) -> str | None:
    return value


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return "" if value is None or value is False else str(value)


@dataclass(frozen=True, slots=True)
class Param:
    """A part of a page's address and the state it stands for.

    `read` makes the state of what the address holds, None for what makes no sense; what has the
    value `default` is left out of the address.
    """

    name: str
    default: object = None
    read: Callable[[str], object] = _text

    def key(self, page: str) -> str:
        """Return the key that a page's widget has for it."""
        return f"{page}-{self.name}"


def one_of(*options: str) -> Callable[[str], str | None]:
    """Return what reads one of some names."""
    return lambda value: value if value in options else None


def some_of(*options: str) -> Callable[[str], list[str] | None]:
    """Return what reads some of some names, with commas between."""
    return lambda value: [name for name in value.split(",") if name in options]


def day(value: str) -> date | None:
    """Read a day as `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def yes(value: str) -> bool:
    """Read what is on or off."""
    return value.lower() in {"1", "true", "yes"}


def number(value: str) -> int | None:
    """Read a whole number from 1 on."""
    return int(value) if value.isascii() and value.isdecimal() and int(value) >= 1 else None


def enter(page: str, params: Sequence[Param]) -> None:
    """Take over what the address says, before the page's widgets are drawn.

    That is on arriving, and where the address was changed by hand or by going back; arriving
    without anything in the address, the page is as it was left.
    """
    given = _given(params)
    came_from, last = st.session_state.get(_LAST, ("", {}))
    if came_from != page:
        _fill(page, params, given or st.session_state.get(f"{_LAST}-{page}", {}))
    elif given != last and _wanted(page, params) == last:
        _fill(page, params, given)


def publish(page: str, params: Sequence[Param]) -> None:
    """Put the page's state into the address, after its widgets are drawn."""
    wanted = _wanted(page, params)
    st.session_state[_LAST] = (page, wanted)
    st.session_state[f"{_LAST}-{page}"] = wanted
    if wanted == _given(params):
        return
    names = {param.name for param in params}
    others = {name: value for name, value in st.query_params.items() if name not in names}
    st.query_params.from_dict({**others, **wanted})


def _given(params: Sequence[Param]) -> dict[str, str]:
    names = (param.name for param in params)
    return {name: st.query_params[name] for name in names if name in st.query_params}


def _wanted(page: str, params: Sequence[Param]) -> dict[str, str]:
    held = {param.name: st.session_state.get(param.key(page), param.default) for param in params}
    if held.get("n") == 1:
        held["n"] = None
    return {
        param.name: _written(held[param.name])
        for param in params
        if held[param.name] != param.default and _written(held[param.name])
    }


def _fill(page: str, params: Sequence[Param], given: dict[str, str]) -> None:
    for param in params:
        value = param.read(given[param.name]) if param.name in given else None
        value = param.default if value is None else value
        if value is None and param.key(page) not in st.session_state:
            continue
        st.session_state[param.key(page)] = value


def pages(count: int, key: str) -> None:
    """Draw the choice of one of some pages; a page past the last is the last."""
    if (st.session_state.get(key) or 1) > count:
        st.session_state[key] = count
    st.pagination(count, key=key)


def first_page(key: str) -> None:
    """Go back to the first page of a choice."""
    if st.session_state.get(key):
        st.session_state[key] = 1
