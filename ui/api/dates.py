"""Dates as the API takes them: `YYYY-MM-DD`, and nothing else that could be read as one."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def _iso(value: object) -> object:
    """Refuse what would be taken for seconds since 1970."""
    if not isinstance(value, date) and not _ISO.fullmatch(str(value)):
        raise ValueError("write the date as YYYY-MM-DD")
    return value


Day = Annotated[date, BeforeValidator(_iso)]
