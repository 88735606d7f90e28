"""Results as the JSON contract has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from kb.types import Box

#: Digits kept of a number: a box's position in points, and everything else.
BOX_DIGITS = 2
DIGITS = 6


def jsonable(value: object) -> Any:
    """Return a result as dicts, lists, strings and numbers, its fields under the same names.

    Dates are ISO 8601; boxes are rounded to a hundredth of a point. Raises TypeError for what is
    no result.
    """
    match value:
        case None | str() | bool() | int():
            plain: Any = value
        case float():
            plain = round(value, DIGITS)
        case date():
            plain = value.isoformat()
        case Box():
            plain = _box(value)
        case Mapping():
            plain = {str(key): jsonable(item) for key, item in value.items()}
        case tuple() | list() if not hasattr(value, "_asdict"):
            plain = [jsonable(item) for item in value]
        case _:
            plain = {name: jsonable(item) for name, item in _fields(value)}
    return plain


def _fields(value: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of a dataclass or a named tuple."""
    if is_dataclass(value):
        names: Iterable[str] = (field.name for field in fields(value))
    elif isinstance(value, tuple):
        names = getattr(value, "_fields", ())
    else:
        raise TypeError(f"a {type(value).__name__} is no part of a result")
    for name in names:
        yield name, getattr(value, name)


def _box(box: Box) -> dict[str, float]:
    sides = {side: round(getattr(box, side), BOX_DIGITS) for side in ("x0", "y0", "x1", "y1")}
    return {"page": box.page, **sides}
