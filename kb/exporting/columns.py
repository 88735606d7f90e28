"""The columns that tables of quotes and sources have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from kb.exporting.digest import Digest, Quote, Source
from kb.types import Obligation, ResponsibleBody

Row = TypeVar("Row")
Value = str | int | date | None

ROLES = {"lead": "牵头", "participant": "参与", "joint": "共同"}
VALIDITY = {"in-force": "现行有效", "repealed": "已废止", "unknown": "未知"}
OBLIGATIONS: dict[Obligation, str] = {
    "must": "应当",
    "must-not": "不得",
    "encourage": "鼓励支持",
    "explore": "探索研究",
}


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its heading, its width in characters, what stands in it, what that opens.

    `fill` is a cell's colour as ARGB in hexadecimal.
    """

    heading: str
    width: int
    value: Callable[[Row], Value]
    link: Callable[[Row], str | None] | None = None
    fill: Callable[[Row], str | None] | None = None


def body_names(bodies: tuple[ResponsibleBody, ...], role: str) -> str:
    """Return the bodies that have a role; one that is only implied stands in brackets."""
    return "、".join(
        f"（{body.ministry}）" if body.implicit else body.ministry
        for body in bodies
        if body.role == role
    )


def _path(quote: Quote) -> str:
    return " › ".join(quote.heading_path)


def _in_role(role: str) -> Callable[[Quote], Value]:
    return lambda quote: body_names(quote.bodies, role)


def _deadlines(quote: Quote) -> str:
    return "；".join(f"{each.due}（{each.as_written}）" for each in quote.deadlines)


_PLACE: tuple[Column[Quote], ...] = (
    Column("文件", 32, lambda quote: quote.document.title),
    Column("文号", 18, lambda quote: quote.document.document_number),
    Column("编号", 10, lambda quote: quote.number),
    Column("章节", 28, _path),
    Column("原文", 80, lambda quote: quote.text),
)
_DUTIES: tuple[Column[Quote], ...] = (
    *(Column(name, 24, _in_role(role)) for role, name in ROLES.items()),
    Column("要求", 10, lambda quote: "、".join(OBLIGATIONS[each] for each in quote.obligations)),
    Column("时限", 22, _deadlines),
)
_ORIGIN: tuple[Column[Quote], ...] = (
    Column("页", 6, lambda quote: quote.page, lambda quote: quote.link),
    Column("出处", 48, lambda quote: quote.reference),
)
SOURCES: tuple[Column[Source], ...] = (
    Column("文件", 48, lambda source: source.document.title, lambda source: source.link),
    Column("文号", 20, lambda source: source.document.document_number),
    Column("发文机关", 32, lambda source: "、".join(source.document.issuers)),
    Column("成文日期", 12, lambda source: source.document.issued_on),
    Column("类型", 10, lambda source: source.document.document_type),
    Column("效力", 10, lambda source: VALIDITY[source.document.validity]),
    Column("文件名", 32, lambda source: source.document.name),
    Column("出处", 64, lambda source: source.reference),
)


def columns_of(digest: Digest) -> tuple[Column[Quote], ...]:
    """Return the columns of a digest's quotes: clauses have duties, passages have not."""
    return (*_PLACE, *(_DUTIES if digest.kind == "clauses" else ()), *_ORIGIN)
