"""Whether the passages a sentence cites say what it says.

Not whether it follows from them, which no rule can tell: whether every number, date, name of a
body, quoted string, foreign word and prohibition of it stands there, and most of its words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ingest.ministries import resolve
from kb.answering.clauses import bodies_named
from kb.answering.text import squash
from kb.answering.words import cut, table
from kb.llm.claims import Claim
from kb.records import PassageRecord

# The part of a sentence's words, by weight, that its passages must hold as they are written.
LEAST_HELD = 0.6
_NUMBER = re.compile(r"\d+(?:[.:]\d+)*%?")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3})")
_CHINESE = re.compile(r"[〇零一二两三四五六七八九十百千万亿]+(?:点[〇零一二三四五六七八九]+)?")
# What makes a run of numerals a figure: 五万吨, 百分之三, 第二条, 二〇二五年; not 一致 or 统一.
_COUNTED = re.compile(
    rf"(?:第|百分之|近|约|超过|不超过|不少于|至少)?(?:{_CHINESE.pattern})"
    r"(?=[年月日天周时分秒元吨亩米个家人名项条款章节种类次倍成户件台辆批期级岁号所部份])"
)
_QUOTED = re.compile(r"[“「『\"](.{2,80}?)[”」』\"]|《(.{2,80}?)》")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*")
_FORBIDS = re.compile(r"不得|禁止|严禁|不准|不能|不可|不予|未经")
_NOT = re.compile(r"不|未|无|没|非|禁|免|否")
# Whatever a browser that shows the answer would follow or load.
_LINK = re.compile(r"[a-z][a-z0-9+.-]*://|www\.|\]\s*\(|<\s*[a-z/!]|!\[", re.IGNORECASE)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_GREAT = {"万": 10_000, "亿": 100_000_000}


def unsupported(claim: Claim, passages: Sequence[PassageRecord]) -> str | None:
    """Return why a sentence is not supported by the passages it cites; None where it is.

    `passages` are those that were sent, numbered from 1.
    """
    if not claim.markers:
        return "it has no marker"
    if _LINK.search(claim.text):
        return "it holds a link"
    if any(not 1 <= number <= len(passages) for number in claim.markers):
        return "it cites a passage that was not sent"
    cited = [passages[number - 1] for number in claim.markers]
    source = "\n".join(_folded("\n".join((p.title, *p.heading_path, p.text))) for p in cited)
    said = _folded(claim.text)
    checks = (_numbers, _quotes, _bodies, _words_of_others, _prohibition, _words)
    return next((why for check in checks if (why := check(said, source)) is not None), None)


def _folded(text: str) -> str:
    return _GROUPED.sub("", unicodedata.normalize("NFKC", text)).lower()


def _numbers(said: str, source: str) -> str | None:
    there = {*_NUMBER.findall(source), *_values(source, _CHINESE)}
    there |= {number.rstrip("%") for number in there}
    missing = [number for number in _NUMBER.findall(said) if number not in there]
    bare = squash(source)
    for written in _COUNTED.findall(said):
        if squash(written) not in bare and not _values(written, _CHINESE) <= there:
            missing.append(written)
    return f"{missing[0]} is not there" if missing else None


def _values(text: str, pattern: re.Pattern[str]) -> set[str]:
    """Return the values of Chinese numerals, as digits: 二十 and 20 are one."""
    return {value for run in pattern.findall(text) if (value := _value(run)) is not None}


def _value(run: str) -> str | None:
    """Return a whole Chinese numeral as digits, 二〇二五 sign by sign; None where it is none."""
    if all(sign in _DIGITS for sign in run):
        return "".join(str(_DIGITS[sign]) for sign in run)
    total = part = digit = 0
    for sign in run:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _UNITS:
            part, digit = part + max(digit, 1) * _UNITS[sign], 0
        elif sign in _GREAT:
            total, part, digit = (total + part + digit) * _GREAT[sign], 0, 0
        else:
            return None
    return str(total + part + digit)


def _quotes(said: str, source: str) -> str | None:
    bare = squash(source)
    for pair in _QUOTED.findall(said):
        quoted = squash("".join(pair)).rstrip("。，；,;.")
        if quoted not in bare:
            return f"“{quoted}” is not there"
    return None


def _bodies(said: str, source: str) -> str | None:
    there = {resolve(name).name for name in bodies_named(source)}
    for name in bodies_named(said):
        if name not in source and resolve(name).name not in there:
            return f"{name} is not there"
    return None


def _words_of_others(said: str, source: str) -> str | None:
    missing = [word for word in _LATIN.findall(said) if word not in source]
    return f"{missing[0]} is not there" if missing else None


def _prohibition(said: str, source: str) -> str | None:
    if _FORBIDS.search(said) and not _NOT.search(source):
        return "nothing is forbidden there"
    return None


def _words(said: str, source: str) -> str | None:
    weigh = table().weight
    words = {word.text for word in cut(said)}
    held = {word.text for word in cut(source)}
    total = sum(weigh(word) for word in words)
    there = sum(weigh(word) * _much(word, held, source) for word in words)
    return "most of its words are not there" if there < LEAST_HELD * total else None


def _much(word: str, held: set[str], source: str) -> float:
    return 1.0 if word in held or (len(word) > 1 and word in source) else 0.0
