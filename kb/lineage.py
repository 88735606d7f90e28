"""Which documents one's words about another mean, and what follows for their validity."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ingest.ministries import resolve
from kb.titles import Title, issued_title, number_key, read_title
from kb.types import RelationKind


class Named(Protocol):
    """What a document says of another, as `kb.records.ReferenceRecord` has it."""

    @property
    def kind(self) -> RelationKind:
        """What is said."""
        ...

    @property
    def title(self) -> str | None:
        """The other's title."""
        ...

    @property
    def number(self) -> str | None:
        """The other's document number."""
        ...


@dataclass(frozen=True, slots=True)
class Party:
    """A document as far as its being named goes; `since` is when it took effect or was issued."""

    document_id: str
    title: str
    number: str | None
    issuers: tuple[str, ...]
    issued_on: date | None
    effective_on: date | None

    @property
    def since(self) -> date | None:
        """When it took effect, else when it was issued."""
        return self.effective_on or self.issued_on

    @property
    def dated(self) -> date | None:
        """When it was issued, else when it took effect."""
        return self.issued_on or self.effective_on


@dataclass(frozen=True, slots=True)
class Repeal:
    """A document's being repealed by another, from a day on; None where that is not known."""

    by: str
    on: date | None

    def holds(self, day: date) -> bool:
        """Tell whether it is repealed on a day; where none is known, on any."""
        return self.on is None or self.on <= day


def meant(reference: Named, source: Party, candidates: Iterable[Party]) -> tuple[Party, ...]:
    """Return the documents that `source` names, none where they are not among the candidates.

    By number where one is given, else by title. Of several versions it is the newest there was
    when `source` was issued; one that repeals means all before it, unless it names one's year or
    number. Several files of one document are all returned.
    """
    others = [each for each in candidates if each.document_id != source.document_id]
    if reference.number is not None:
        numbered = [each for each in others if _has_number(each, reference.number)]
        if numbered:
            return _called(reference, numbered) or tuple(numbered)
        others = [each for each in others if each.number is None]
    if reference.title is None:
        return ()
    titled = [each for each in _called(reference, others) if not _is_twin(each, source)]
    if reference.kind == "repeals":
        return _before(source, titled)
    return _version(source, titled)


def _has_number(party: Party, number: str) -> bool:
    return party.number is not None and number_key(party.number) == number_key(number)


def _called(reference: Named, parties: Sequence[Party]) -> tuple[Party, ...]:
    """Return those with the title that is named, else those that issue what has it."""
    if reference.title is None:
        return ()
    asked = read_title(reference.title)
    titles = [(each, read_title(each.title)) for each in parties]
    own = tuple(each for each, title in titles if _same(asked, title, each))
    if own:
        return own
    issued = ((each, issued_title(title)) for each, title in titles)
    return tuple(each for each, title in issued if title and _same(asked, title, each))


def _same(asked: Title, title: Title, party: Party) -> bool:
    if asked.core != title.core:
        return False
    if asked.year is not None:
        year = title.year or (party.dated.year if party.dated else None)
        if year != asked.year:
            return False
    issuers = title.issuers or frozenset(resolve(name).name for name in party.issuers)
    return not asked.issuers or not issuers or bool(asked.issuers & issuers)


def _is_twin(party: Party, source: Party) -> bool:
    """Tell whether a document is the one that speaks, in another file, as far as can be told."""
    if read_title(party.title) != read_title(source.title):
        return False
    return None in {party.dated, source.dated} or party.dated == source.dated


def _before(source: Party, parties: Sequence[Party]) -> tuple[Party, ...]:
    """Leave out what was issued after the source; what has no date may have been before."""
    limit = source.dated
    return tuple(
        each for each in parties if limit is None or each.dated is None or each.dated <= limit
    )


def _version(source: Party, parties: Sequence[Party]) -> tuple[Party, ...]:
    """Return the newest there was for the source, else the first that came after it."""
    dates = sorted({each.dated for each in parties if each.dated is not None})
    if not dates:
        return tuple(parties)
    limit = source.dated or dates[-1]
    earlier = [day for day in dates if day <= limit]
    chosen = earlier[-1] if earlier else dates[0]
    return tuple(each for each in parties if each.dated == chosen)
