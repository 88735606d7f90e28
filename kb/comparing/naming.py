"""Check what a draft calls documents: 《title》, number, and that the two belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ingest.document_numbers import numbers_in
from ingest.mentions import Mention, mentions_in
from kb.comparing.findings import Draft
from kb.comparing.known import Known, same_title
from kb.comparing.lookup import Lookup, Stretch, match_at
from kb.comparing.plain import folded, plain
from kb.comparing.types import Finding, FindingStatus, Match
from kb.comparing.words import word_changes
from kb.records import PassageRecord
from kb.titles import number_key
from kb.types import DocumentInfo

Spot: TypeAlias = tuple[int, int]
#: Characters of a document in which its title and number are looked for.
_FRONT = 3000


@dataclass(frozen=True, slots=True)
class _Naming:
    """A passage of the base that names a document."""

    passage: PassageRecord
    mention: Mention


def check_mention(
    draft: Draft, mention: Mention, known: Known, lookup: Lookup
) -> Iterator[tuple[int, Finding]]:
    """Yield where a title and a number begin, and what the base has for each."""
    title_at, number_at = _spots(draft.text, mention)
    if title_at:
        yield title_at[0], _check_title(draft, title_at, mention, known, lookup)
    if number_at:
        yield number_at[0], _check_number(draft, number_at, mention, known, lookup)


def _spots(text: str, mention: Mention) -> tuple[Spot | None, Spot | None]:
    """Return where in a draft a mention's title and number stand."""
    words = text[mention.start : mention.end]
    number_at = title_at = None
    if mention.number:
        wanted = number_key(mention.number)
        for number, start, end in numbers_in(words):
            if number_key(number) == wanted:
                number_at = (mention.start + start, mention.start + end)
                break
    if mention.title:
        opened = words.find("《")
        after = number_at[1] if number_at and number_at[0] == mention.start else 0
        opened = words.find("《", max(after - mention.start, 0)) if after else opened
        if opened >= 0:
            length = _closing(words, opened)
            title_at = (mention.start + opened + 1, mention.start + length)
    return title_at, number_at


def _closing(words: str, opened: int) -> int:
    depth = 0
    for at in range(opened, len(words)):
        depth += (words[at] in "《〈") - (words[at] in "》〉")
        if depth == 0:
            return at
    return len(words)


def _check_title(draft: Draft, at: Spot, mention: Mention, known: Known, lookup: Lookup) -> Finding:
    title = mention.title or ""
    own = known.titled(title)
    if own:
        return draft.finding("title", *at, "exact", tuple(_card(info, lookup) for info in own[:3]))
    namings = _namings_of_title(title, lookup)
    near = known.nearly_titled(title)
    if near is not None and not namings:
        card = _card(near, lookup, draft.text[at[0] : at[1]])
        message = f"no document here has this title; the nearest is 《{near.title}》"
        return draft.finding("title", *at, "altered", (card,), message)
    if namings:
        matches = _shown(namings, lookup)
        message = f"no document here has this title; 《{matches[0].title}》 names it"
        return draft.finding("title", *at, "not-found", matches, message)
    message = "no document here has or names this title"
    return draft.finding("title", *at, "not-found", (), message)


def _check_number(
    draft: Draft, at: Spot, mention: Mention, known: Known, lookup: Lookup
) -> Finding:
    number, title = mention.number or "", mention.title
    numbered = known.numbered(number)
    titled = known.titled(title) if title else []
    if not titled and title and (near := known.nearly_titled(title)):
        titled = [near]
    if numbered:
        status, message = _pair(title, numbered, titled)
        cards = tuple(_card(info, lookup, right=info.document_number) for info in numbered[:3])
        return draft.finding("number", *at, status, cards, message)
    right = next((info for info in titled if info.document_number), None)
    if right is not None and right.document_number:
        card = _card(right, lookup, draft.text[at[0] : at[1]], right.document_number)
        message = f"《{right.title}》 has the number {right.document_number}"
        return draft.finding("number", *at, "altered", (card,), message)
    return _named_number(draft, at, mention, known, lookup)


def _pair(
    title: str | None, numbered: list[DocumentInfo], titled: list[DocumentInfo]
) -> tuple[FindingStatus, str]:
    """Tell whether a number and a title are one document's."""
    ids = {info.document_id for info in numbered}
    if title is None or any(info.document_id in ids for info in titled):
        return "exact", ""
    return "altered", f"this number belongs to 《{numbered[0].title}》, not to 《{title}》"


def _named_number(
    draft: Draft, at: Spot, mention: Mention, known: Known, lookup: Lookup
) -> Finding:
    """Check a number that no document here has by what documents here say of others."""
    number, title = mention.number or "", mention.title
    namings = _namings_of_number(number, lookup)
    if namings:
        matches = _shown(namings, lookup)
        other = _other_title(title, namings)
        if other is not None:
            message = f"《{matches[0].title}》 names this number as that of 《{other}》"
            return draft.finding("number", *at, "altered", matches, message)
        message = f"no document here has this number; 《{matches[0].title}》 names it"
        return draft.finding("number", *at, "exact", matches, message)
    for naming in _namings_of_title(title, lookup) if title else ():
        if naming.mention.number:
            [match] = _shown([naming], lookup)
            right = naming.mention.number
            message = f"《{match.title}》 names 《{title}》 with the number {right}"
            return draft.finding("number", *at, "altered", (match,), message)
    near = known.nearly_numbered(number) if title is None else None
    if near is not None and near.document_number:
        card = _card(near, lookup, draft.text[at[0] : at[1]], near.document_number)
        message = f"no document here has this number; that of 《{near.title}》 differs by one sign"
        return draft.finding("number", *at, "altered", (card,), message)
    message = "no document here has or names this number"
    return draft.finding("number", *at, "not-found", (), message)


def _other_title(title: str | None, namings: list[_Naming]) -> str | None:
    """Return the title that a number is named with, where it is never with the one asked for."""
    titles = [naming.mention.title for naming in namings if naming.mention.title]
    if title is None or not titles or any(same_title(title, each) for each in titles):
        return None
    return titles[0]


def _namings_of_title(title: str, lookup: Lookup) -> list[_Naming]:
    found = _namings(title, lookup)
    return [each for each in found if each.mention.title and same_title(each.mention.title, title)]


def _namings_of_number(number: str, lookup: Lookup) -> list[_Naming]:
    wanted = number_key(number)
    found = _namings(number, lookup)
    return [
        each for each in found if each.mention.number and number_key(each.mention.number) == wanted
    ]


def _namings(query: str, lookup: Lookup) -> list[_Naming]:
    return [
        _Naming(passage, mention)
        for passage in lookup.passages(query)
        for mention in mentions_in(passage.text)
    ]


def _shown(namings: list[_Naming], lookup: Lookup) -> tuple[Match, ...]:
    """Return where documents are named, once for each document that names them."""
    found: dict[str, Match] = {}
    for naming in namings:
        passage, mention = naming.passage, naming.mention
        if passage.document_id not in found:
            found[passage.document_id] = match_at(
                lookup.source(passage.document_id),
                passage.start + mention.start,
                passage.start + mention.end,
            )
    return tuple(found.values())[:3]


def _card(
    info: DocumentInfo, lookup: Lookup, written: str | None = None, right: str | None = None
) -> Match:
    """Return a document as a match: where its title or number stands on its first pages.

    `written` is how the draft has it, and differs.
    """
    wanted = right or info.title
    source = lookup.source(info.document_id)
    stretch = Stretch(source, 0, folded(source.text[:_FRONT]))
    at = stretch.plain.text.find(plain(wanted))
    differences = () if written is None else word_changes(wanted, written)
    if at < 0:
        return Match(info.document_id, info.title, 1, None, wanted, (), differences)
    shown = stretch.match(at, at + len(plain(wanted)))
    return Match(info.document_id, info.title, shown.page, None, wanted, shown.boxes, differences)
