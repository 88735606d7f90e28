"""A draft, checked: its quotations, the titles and the numbers it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.mentions import Mention, mentions_in
from kb.comparing.findings import Draft
from kb.comparing.known import Known
from kb.comparing.lookup import Lookup
from kb.comparing.naming import check_mention
from kb.comparing.quotations import Quotation, quotations_in
from kb.comparing.sources import Source
from kb.comparing.types import DraftCheck, Finding, FindingStatus, Match
from kb.context import Context
from kb.types import DocumentInfo

#: Characters between a source's title and a quotation of it.
_NEXT = 60
#: Letters of the longest title that may stand for a longer one that ends in it: 《实施意见》.
_LONGEST_GENRE = 4


def check(context: Context, draft: Source) -> DraftCheck:
    """Return a finding for every quotation, title and number of a draft, in its order."""
    documents = context.store.documents()
    besides = draft.about.document_id
    known = Known(info for info in documents if info.document_id != besides)
    lookup = Lookup(context, besides)
    mentions = list(mentions_in(draft.text))
    quotations, skipped = quotations_in(draft.text, mentions)
    full = list(_without_short_names(mentions))
    sheet = Draft(draft)
    found = [
        *check_quotations(sheet, quotations, mentions, known, lookup),
        *(finding for mention in full for finding in check_mention(sheet, mention, known, lookup)),
    ]
    findings = tuple(finding for _, finding in sorted(found, key=lambda item: item[0]))
    counted = Counter(finding.status for finding in findings)
    counts: dict[str, int] = {
        "exact": counted["exact"],
        "altered": counted["altered"],
        "not-found": counted["not-found"],
        "skipped": skipped + len(mentions) - len(full),
    }
    return DraftCheck(draft.about, counts, findings)


def check_quotations(
    draft: Draft,
    quotations: Sequence[Quotation],
    mentions: Sequence[Mention],
    known: Known,
    lookup: Lookup,
) -> Iterator[tuple[int, Finding]]:
    """Yield where each quotation begins and what the base has for it."""
    for quotation in quotations:
        text = draft.text[quotation.start : quotation.end]
        exact, matches = lookup.quotation(text)
        if not matches and not quotation.certain:
            continue
        status: FindingStatus = "exact" if exact else "altered" if matches else "not-found"
        named = _named_before(draft.text, quotation, mentions)
        sources = known.titled(named) if named else []
        message = _message(quotation, exact, matches, named, sources)
        ids = {info.document_id for info in sources}
        ordered = sorted(matches, key=lambda match: match.document_id not in ids)
        finding = draft.finding(
            "quotation", quotation.start, quotation.end, status, tuple(ordered), message
        )
        yield quotation.start, finding


def _message(
    quotation: Quotation,
    exact: bool,
    matches: Sequence[Match],
    named: str | None,
    sources: Sequence[DocumentInfo],
) -> str:
    parts = []
    if quotation.partial:
        parts.append("part of a quotation with words left out")
    if not matches:
        parts.append("these words are in no document here")
    elif not exact:
        parts.append("the words differ from the source's")
    ids = {info.document_id for info in sources}
    if matches and ids and not any(match.document_id in ids for match in matches):
        parts.append(f"not in 《{named}》, which the draft names, but in 《{matches[0].title}》")
    return "; ".join(parts)


def _named_before(text: str, quotation: Quotation, mentions: Sequence[Mention]) -> str | None:
    """Return the title that a quotation is given for: named before it in its sentence."""
    for mention in reversed(mentions):
        if mention.end <= quotation.start:
            between = text[mention.end : quotation.start]
            near = len(between) <= _NEXT and not set(between) & set("。\n”」』")
            return mention.title if near else None
    return None


def _without_short_names(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Leave out short names of documents named before: 《意见》, 以下简称《办法》."""
    shorts: set[str] = set()
    titles: set[str] = set()
    for mention in mentions:
        title = mention.title or ""
        genre = len(title) <= _LONGEST_GENRE and any(each.endswith(title) for each in titles)
        if mention.number is None and (title in shorts or genre):
            continue
        if mention.short:
            shorts.add(mention.short)
        titles.add(title)
        yield mention
