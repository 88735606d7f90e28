"""Other documents named in a text: 《title》, 文号, or 《title》（文号） as one.

A title may hold another, 《关于转发〈X〉的通知》; the whole is one mention. A short name given with
（以下简称《意见》） stands for the mention it follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.document_numbers import numbers_in, standard_in
from ingest.titles import is_official_title

_LONGEST_TITLE = 200
_OPENERS, _CLOSERS = "《〈", "》〉"
#: Brackets right behind a title, in which brackets of a number may stand.
_NOTE = re.compile(r"\s*[（(](?P<note>(?:[^（）()\n]|[（(][^（）()\n]{1,12}[）)]){2,120})[）)]")
_SHORT = re.compile(
    r"(?:以下|下)(?:统|合)?(?:简)?称为?[:：]?\s*[《“\"](?P<short>[^》”\"]{1,40})[》”\"]"
)
_LEADS = re.compile(r"\s*(?:文件?)?(?:(?:发布|公布|印发|颁布|下发|转发)的?)?\s*")
_VERSION = re.compile("修[订正改]|试行|版|草案|暂行")
_SPACE = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
#: The number of a list's item: 1. （二） 三、
ENUMERATED = r"[\s\u3000]*(?:[（(]?[\d一二三四五六七八九十百]{1,4}[）)]?\s*[.．、]?)?\s*"
_ENUMERATED = re.compile("^" + ENUMERATED)


@dataclass(frozen=True, slots=True)
class Mention:
    """One naming of a document: characters `[start, end)`; `short` is the name it goes by next."""

    title: str | None
    number: str | None
    start: int
    end: int
    short: str | None = None


def mentions_in(text: str) -> Iterator[Mention]:
    """Yield every document that a text names, in order.

    A number in a title's note is that document's, and so is one that leads to a title, "国务院令
    第1号公布的《…》".
    """
    at = 0
    for mention in _titled(text):
        numbered = list(_numbered(text, at, mention.start))
        last = numbered[-1] if numbered else None
        leads = last and _LEADS.fullmatch(text[last.end : mention.start])
        if last and leads and mention.number is None:
            numbered[-1] = replace(mention, number=last.number, start=last.start)
        else:
            numbered.append(mention)
        yield from numbered
        at = mention.end
    yield from _numbered(text, at, len(text))


def _titled(text: str) -> Iterator[Mention]:
    at = text.find("《")
    while at >= 0:
        end = _title_end(text, at)
        if end is None:
            at = text.find("《", at + 1)
            continue
        title = _SPACE.sub("", text[at + 1 : end - 1]).strip()
        number, short, stop = _notes(text, end)
        if title:
            yield Mention(title, number, at, stop, short)
        at = text.find("《", stop)


def _title_end(text: str, start: int) -> int | None:
    depth = 0
    for at in range(start, min(start + _LONGEST_TITLE, len(text))):
        if text[at] == "\n":
            return None
        depth += (text[at] in _OPENERS) - (text[at] in _CLOSERS)
        if depth == 0:
            return at + 1
    return None


def _notes(text: str, end: int) -> tuple[str | None, str | None, int]:
    """Read the brackets behind a title: its number, the name it goes by, and where they end."""
    number = short = None
    stop = end
    while (note := _NOTE.match(text, stop)) and (number is None or short is None):
        numbered = [each[0] for each in numbers_in(note["note"])]
        found = numbered[0] if numbered else standard_in(note["note"])
        named = _SHORT.search(note["note"])
        if not found and not named and not _VERSION.search(note["note"]):
            break
        number = number or found
        short = short or (named["short"] if named else None)
        stop = note.end()
    return number, short, stop


def _numbered(text: str, start: int, end: int) -> Iterator[Mention]:
    """Yield the numbers between two titles; a list's line may give a title without brackets."""
    for number, first, last in numbers_in(text[start:end]):
        line = text.rfind("\n", 0, start + first) + 1
        long = first + start - line > _LONGEST_TITLE
        before = "" if long else _ENUMERATED.sub("", text[line : start + first]).rstrip(" 　（(")
        if line >= start and before and is_official_title(before):
            at = text.index(before, line)
            close = text[start + last : start + last + 1] in {"）", ")"}
            yield Mention(_SPACE.sub("", before), number, at, start + last + close)
        else:
            yield Mention(None, number, start + first, start + last)
