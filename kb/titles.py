"""What documents are called, so that one's word about another finds it.

《中华人民共和国公司法》, 《公司法（2018年修正）》 and 公司法 are one title, the second a version;
《国务院关于加快发展的意见》 is 《关于加快发展的意见》 of an issuer. （试行） and （草案） are part
of a title: what they become later is another document.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.ministries import current_registry

_MARKS = str.maketrans("—–―‒", "----", "《》〈〉<>“”\"'「」『』")
_STATE = "中华人民共和国"
#: A version's year or its being one, at the end of a title; a plan's years (2021-2025年) are not.
_VERSION = re.compile(
    r"\((?:(?P<year>\d{4})年?)?(?:第[一二三四五六七八九十]{1,3}次)?"
    r"(?:修正|修订|修改|修正本|修订本|修改本|修订版|修正版|版|本)?\)$"
)
_ISSUING = r"(?:印发|发布|公布|颁布|颁发|下发|实施|施行|批转|转发)"
_ISSUED = (
    re.compile(rf"关于{_ISSUING}(?P<title>.{{2,}})的(?:通知|公告|通告|决定|命令|令|函|批复)$"),
    re.compile(rf"{_ISSUING}(?P<title>关于.{{2,}})$"),
)
_ABOUT = "关于"
_JOINING = re.compile(r"[、,和及与]|等[一二三四五六七八九十\d]{0,3}(?:个)?(?:部门|单位)?")
_SQUARE = str.maketrans("[(【〈<", "〔〔〔〔〔") | str.maketrans("])】〉>", "〕〕〕〕〕")


@dataclass(frozen=True, slots=True)
class Title:
    """A title's core, the issuers it begins with and the year of its version, if it says so."""

    core: str
    issuers: frozenset[str] = frozenset()
    year: int | None = None


def read_title(title: str) -> Title:
    """Take a title apart, however it is written."""
    plain = "".join(unicodedata.normalize("NFKC", title).split()).translate(_MARKS)
    plain = plain.replace(_STATE, "") or plain
    version = _VERSION.search(plain)
    year = None
    if version is not None and version.start() > 0 and version.group() != "()":
        year = int(version["year"]) if version["year"] else None
        plain = plain[: version.start()]
    issuers, core = _without_issuers(plain)
    return Title(core, issuers, year)


def issued_title(title: Title) -> Title | None:
    """Return the title of what a notice issues or forwards, None where it is no such notice."""
    for pattern in _ISSUED:
        found = pattern.search(title.core)
        if found is not None:
            return read_title(found["title"])
    return None


def title_key(title: str) -> str:
    """Return what a title is looked up by; whether it is the one, `read_title` tells.

    Whatever stands before 关于 is left out, known as an issuer or not: the registry of bodies may
    change, and keys that are stored may not.
    """
    return _key(read_title(title))


def title_keys(title: str) -> tuple[str, ...]:
    """Return what a document may be looked up by: its title, and that of what it issues."""
    return tuple(dict.fromkeys(filter(None, map(_key, _names(read_title(title))))))


def number_key(number: str) -> str:
    """Return what a document number is looked up by, however its brackets are written."""
    plain = "".join(unicodedata.normalize("NFKC", number).split()).translate(_SQUARE)
    return plain.replace(_STATE, "").replace("〕第", "〕")


def _key(title: Title) -> str:
    _, about, rest = title.core.partition(_ABOUT)
    return about + rest if about else title.core


def _names(title: Title) -> Iterator[Title]:
    inner: Title | None = title
    while inner is not None:
        yield inner
        inner = issued_title(inner)


def _without_issuers(title: str) -> tuple[frozenset[str], str]:
    """Part 国务院办公厅关于… into its issuers and 关于…, where all before it are known bodies."""
    head, about, rest = title.partition(_ABOUT)
    if not head or not about:
        return frozenset(), title
    bodies = _bodies(head)
    return (frozenset(bodies), about + rest) if bodies else (frozenset(), title)


def _bodies(text: str) -> Iterable[str]:
    registry = current_registry()
    found: list[str] = []
    at = 0
    while at < len(text):
        end = registry.longest_name_at(text, at)
        if end > at:
            found.append(registry.resolve(text[at:end]).name)
        else:
            joining = _JOINING.match(text, at)
            if joining is None or not found:
                return ()
            end = joining.end()
        at = end
    return found
