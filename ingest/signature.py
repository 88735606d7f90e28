"""The close of an official document: who signs it, and when.

    商务部
    国家发展改革委
    2023年12月7日
    （此件公开发布）

A signature block starts at its first signing body (or at the list of annexes above it) and ends
after the notes below its date (GB/T 9704-2012, 7.3.4 to 7.3.6).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ingest.body import Paragraph
from ingest.dates import dates_in, only_date

_LONGEST_NAME = 32
_BODY = re.compile(
    r"[\u4e00-\u9fff（）()·“”]{1,30}(?:部|委|委员会|局|署|院|厅|办|办公室|银行|公司|会|社|政府|党组"
    r"|组|中心|法院|检察院|大学|学会|总会|集团|指挥部|基金会|军委|区|市|省)"
)
_NOTE = re.compile(
    r"[（(](?:此件|本文|此文|联系人|信息公开|本件)[^）)]*[）)]|抄送[:：].*|主题词[:：].*"
    r"|扫一扫.*|.*\d{4}年\d{1,2}月\d{1,2}日印发"
)
_ANNEXES = re.compile(r"[\s\u3000]*附\s*件\s*\d*\s*[:：]\s*\S")
_LIST_ITEM = re.compile(r"[\s\u3000]*\d{1,2}\s*[.．、]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature block: paragraphs `[first, last]`, the bodies as signed, and the date."""

    first: int
    last: int
    bodies: tuple[str, ...]
    signed_on: date


def find_signatures(paragraphs: Sequence[Paragraph]) -> tuple[Signature, ...]:
    """Find the document's signature blocks, in order; one for each part signed separately."""
    found: list[Signature] = []
    for index, paragraph in enumerate(paragraphs):
        signed = _date_line(paragraph.text) if len(paragraph.text) < 80 else None
        if signed is None or (found and index <= found[-1].last):
            continue
        signed_on, before = signed
        floor = found[-1].last + 1 if found else 0
        first, bodies = _signers(paragraphs, index, before, floor)
        if bodies:
            first = _annex_list(paragraphs, first, floor)
            last = _last_note(paragraphs, index)
            found.append(Signature(first, last, bodies, signed_on))
    return tuple(found)


def _date_line(text: str) -> tuple[date, str] | None:
    """Read a line that is a date, or bodies followed by a date; return it and what precedes."""
    alone = only_date(text)
    if alone is not None:
        return alone, ""
    for value, start, end in dates_in(text):
        if not text[end:].strip() and text[:start].strip():
            return value, text[:start]
    return None


def _signers(
    paragraphs: Sequence[Paragraph], index: int, before: str, floor: int
) -> tuple[int, tuple[str, ...]]:
    if before:
        own = bodies_in_line(before)
        if not own:
            return index, ()
        groups = [own]
    else:
        groups = []
    first = index
    while first > floor and (names := bodies_in_line(paragraphs[first - 1].text)):
        groups.append(names)
        first -= 1
    return first, tuple(name for group in reversed(groups) for name in group)


def bodies_in_line(text: str) -> tuple[str, ...]:
    """Read a line that is nothing but names of bodies, apart by spaces; () if it is not."""
    if len(text) > 120 or "：" in text or ":" in text:
        return ()
    squeezed = "".join(text.split())
    if len(squeezed) <= 8 and _BODY.fullmatch(squeezed):
        return (squeezed,)
    names = tuple(text.split())
    if not names or not all(map(is_body_name, names)):
        return (squeezed,) if _is_spaced_name(names, squeezed) else ()
    return names


def is_body_name(text: str) -> bool:
    """Tell whether a text has the form of one body's name: short Chinese, ending as they do."""
    return len(text) <= _LONGEST_NAME and _BODY.fullmatch(text) is not None


def _is_spaced_name(names: tuple[str, ...], squeezed: str) -> bool:
    """Tell whether a line is one name set with spaces between its characters (财 政 部)."""
    spaced = bool(names) and all(len(name) == 1 for name in names)
    return spaced and _BODY.fullmatch(squeezed) is not None


def _annex_list(paragraphs: Sequence[Paragraph], first: int, floor: int) -> int:
    """Move the start up over 附件：1.… 2.… where that list stands just above the signature."""
    top = first
    while top > floor and _LIST_ITEM.match(paragraphs[top - 1].text):
        top -= 1
    has_list = top > floor and _ANNEXES.match(paragraphs[top - 1].text)
    return top - 1 if has_list else first


def _last_note(paragraphs: Sequence[Paragraph], last: int) -> int:
    while last + 1 < len(paragraphs) and _NOTE.fullmatch(paragraphs[last + 1].text.strip()):
        last += 1
    return last
