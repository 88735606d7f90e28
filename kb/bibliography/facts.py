"""What a reference is made of."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Literal, Self

from kb.types import DocumentInfo

#: Standard, article, report, newspaper; Z is for all else, and so for official documents
#: (GB/T 7714—2015, annex B, table B.1).
Mark = Literal["S", "J", "R", "N", "Z"]
_MARKS: dict[str, Mark] = {
    "标准": "S",
    "论文": "J",
    "报告": "R",
    "研究报告": "R",
    "财务报告": "R",
    "白皮书": "R",
    "新闻": "N",
}
#: Formats whose pages are those that were printed; others have one page, or one for each sheet.
_PAGED = frozenset({".pdf", ".ofd"})
#: Controls, formats (those that turn the direction of writing among them), half surrogates.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs"})


@dataclass(frozen=True, slots=True)
class Facts:
    """A document and a place in it, each text on one line; None or empty where not known."""

    document_id: str
    title: str
    number: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    mark: Mark
    language: str | None
    page: int | None
    clause: str | None

    @classmethod
    def of(cls, info: DocumentInfo, page: int | None, clause: str | None) -> Self:
        """Take from a document what a reference to a page and clause of it needs."""
        title = _bare(_line(info.title) or _line(info.name))
        number = _line(info.document_number or "")
        return cls(
            document_id=info.document_id,
            title=title,
            number=number if number and _squashed(number) not in _squashed(title) else None,
            issuers=tuple(filter(None, map(_line, info.issuers))),
            issued_on=info.issued_on,
            mark=_MARKS.get(info.document_type or "", "Z"),
            language=info.language,
            page=page if has_pages(info.name) else None,
            clause=_line(clause or "") or None,
        )


def has_pages(name: str) -> bool:
    """Tell whether a file of this name has pages that a reference may give."""
    return PurePath(name).suffix.lower() in _PAGED


def _line(text: str) -> str:
    """Put text on one line, without signs that are not printed."""
    printed = (
        " " if char.isspace() else "" if unicodedata.category(char) in _UNPRINTED else char
        for char in text
    )
    return " ".join("".join(printed).split())


def _bare(title: str) -> str:
    """Leave out book-title marks around the whole title: references have none."""
    inner = title[1:-1]
    whole = title.startswith("《") and title.endswith("》") and "《" not in inner
    return inner if whole and inner else title


def _squashed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
