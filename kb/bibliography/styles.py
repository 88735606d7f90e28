"""One document, one of its pages or clauses, as a reference in the style asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, get_args

from kb.bibliography.bibtex import bibtex
from kb.bibliography.facts import Facts
from kb.errors import InvalidInput
from kb.types import DocumentInfo

Style = Literal["gbt7714", "bibtex", "plain"]
STYLES: Final[tuple[Style, ...]] = get_args(Style)
#: Of more authors, the first three and 等 (GB/T 7714—2015, 8.1.2).
_AUTHORS = 3


def reference(
    info: DocumentInfo,
    page: int | None = None,
    clause: str | None = None,
    style: Style = "gbt7714",
) -> str:
    """Return a reference to a document, with what is known of it; nothing is made up.

    `page` counts from 1 and is left out for formats without pages. InvalidInput for a style that
    is none of `STYLES`.
    """
    if style not in _WRITERS:
        raise InvalidInput(f"{style!r} is not one of {', '.join(STYLES)}", field="style")
    return _WRITERS[style](Facts.of(info, page, clause))


def gbt7714(facts: Facts) -> str:
    """Write a reference by GB/T 7714—2015: who. what: number[mark]. when: page, clause.

    An unknown author is left out (8.1.4, numbered references). The standard has no place for
    clauses; they follow the page.
    """
    authors = ", ".join((*facts.issuers[:_AUTHORS], *(("等",) * (len(facts.issuers) > _AUTHORS))))
    title = facts.title if facts.number is None else f"{facts.title}: {facts.number}"
    when = "" if facts.issued_on is None else f". {facts.issued_on}"
    page = "" if facts.page is None else f": {facts.page}"
    clause = "" if facts.clause is None else f", {facts.clause}"
    what = f"{title}[{facts.mark}]{when}{page}{clause}."
    return f"{authors}. {what}" if authors else what


def plain(facts: Facts) -> str:
    """Write a reference as it stands in running Chinese text."""
    day = facts.issued_on
    parts = (
        f"《{facts.title}》" + (f"（{facts.number}）" if facts.number else ""),
        "、".join(facts.issuers),
        "" if day is None else f"{day.year}年{day.month}月{day.day}日",
        "" if facts.page is None else f"第{facts.page}页",
        facts.clause or "",
    )
    return "，".join(filter(None, parts))


_WRITERS: Final[dict[Style, Callable[[Facts], str]]] = {
    "gbt7714": gbt7714,
    "bibtex": bibtex,
    "plain": plain,
}
