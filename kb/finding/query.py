"""What a query names outright: documents, clauses, dates and words in quotes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from index.segment import bigrams
from index.simplify import simplified
from ingest.document_numbers import numbers_in
from ingest.numbering import number_key

# A query names few things; whatever names more is pasted text.
MOST_NAMED = 4
# Signs around a clause's number that a query may have and still ask for no more than the clause.
_N = "[〇零一二三四五六七八九十百千两0-9０-９]{1,9}"
_ARTICLE = re.compile(rf"第\s*{_N}\s*条(?:\s*之\s*[一二三四五六七八九十]{{1,3}})?(?!件|例|款)")
_ITEM = re.compile(
    r"[（(]\s*(?:[一二三四五六七八九十]{1,3}|\d{1,2})\s*[）)]|(?<![\w])[一二三四五六七八九十]{1,3}、"
)
_TITLE = re.compile(r"《([^《》]{2,80})》")
_STRAIGHT = re.compile(r'"([^"]{1,100})"')
_CURLED = re.compile(r"[“「『]([^“”「」『』]{1,100})[”」』]")
_DATE = re.compile(
    r"(?P<year>(?:19|20)\d\d)\s*(?:年|[-/.])\s*(?P<month>1[0-2]|0?[1-9])\s*(?:月|[-/.])"
    r"\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*(?:日|号|(?!\d))"
)
# An item's number in a longer query is more likely its own numbering.
_LONGEST_WITH_ITEM = 30
# Words of a query that ask for a clause or a document and say nothing of its content.
_ASKING = re.compile(
    r"的|里|中|内容|规定|原文|全文|条文|条款|是什么|什么|讲了?|说了?|写了?|有关|关于|请问|查询?|找|文件|"
    r"通知|怎么|哪些|[？?。，,、：:；;!！\s]"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What a query names.

    `titles` stood in 《》; `numbers` are document numbers as documents write theirs; `clauses` are
    values as `number_key` gives them; `phrases` must stand in a passage as they are. `before` is
    what the query says in front of its first clause, `rest` what it says beside all of this.
    """

    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    dates: tuple[date, ...] = ()
    before: str = ""
    rest: str = ""

    @property
    def outright(self) -> bool:
        """Tell whether a document, a clause or a day is named."""
        return bool(self.titles or self.numbers or self.clauses or self.dates)

    def says_more(self, known: str = "") -> bool:
        """Tell whether the rest, without the words `known`, says what is sought inside."""
        rest = self.rest.replace(known, " ") if known else self.rest
        return bool(bigrams(_ASKING.sub(" ", rest)))


def read_query(query: str) -> Named:
    """Find what a query names outright.

    Words in "straight" quotes must stand in a passage as they are; so must those in “curled” ones
    where the query is nothing else: in a sentence these are only marks of speech.
    """
    text = simplified(unicodedata.normalize("NFKC", query))
    phrases, text = _phrases(text)
    numbers = tuple(dict.fromkeys(number for number, _, _ in numbers_in(text)))[:MOST_NAMED]
    rest = _without(text, [(start, end) for _, start, end in numbers_in(text)])
    dates = tuple(dict.fromkeys(_dates(rest)))[:MOST_NAMED]
    rest = _DATE.sub(" ", rest)
    titles = tuple(dict.fromkeys(_TITLE.findall(rest)))[:MOST_NAMED]
    rest = _TITLE.sub(" ", rest)
    clauses, before, rest = _clauses(rest, anything=bool(titles or numbers))
    return Named(titles, numbers, clauses, phrases, dates, before, rest)


def _phrases(text: str) -> tuple[tuple[str, ...], str]:
    found = tuple(phrase.strip() for phrase in _STRAIGHT.findall(text) if bigrams(phrase))
    if found:
        return found[:MOST_NAMED], _STRAIGHT.sub(r" \1 ", text)
    curled = tuple(phrase.strip() for phrase in _CURLED.findall(text) if bigrams(phrase))
    if curled and not bigrams(_CURLED.sub(" ", text)):
        return curled[:MOST_NAMED], _CURLED.sub(r" \1 ", text)
    return (), text


def _dates(text: str) -> Iterator[date]:
    for found in _DATE.finditer(text):
        try:
            yield date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            continue


def _clauses(text: str, *, anything: bool) -> tuple[tuple[str, ...], str, str]:
    """Return the clauses' values, what is said before the first of them, and what else is said."""
    pattern = _ARTICLE if _ARTICLE.search(text) else _ITEM
    short = len(text.strip()) <= _LONGEST_WITH_ITEM
    found = list(pattern.finditer(text)) if pattern is _ARTICLE or short or anything else []
    values = tuple(dict.fromkeys(number_key(one.group()) for one in found))[:MOST_NAMED]
    before = text[: found[0].start()] if found else ""
    return values, before.strip(), _without(text, [one.span() for one in found])


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return text
